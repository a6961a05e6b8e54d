package io.kvasir.tools.demo;

import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Carries keys from one server to another in RDB's format: DUMP here, RESTORE there, deadlines as they are. */
final class Passage {

    private static final int CARRIERS = 4;
    private static final int PAGE_KEYS = 50;

    private final Side from;
    private final Side to;

    Passage(Side from, Side to) {
        this.from = from;
        this.to = to;
    }

    /** Carries {@code names}, all of which are at the one side. Throws an IOException that names a key if it cannot. */
    void carry(List<Name> names) throws IOException {
        List<Future<?>> parts = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CARRIERS)) {
            for (int i = 0; i < CARRIERS; i++) {
                int carrier = i;
                parts.add(threads.submit(() -> part(names, carrier)));
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw new IOException("keys cannot be carried: " + failed.getCause(), failed);
        }
    }

    private void part(List<Name> names, int carrier) {
        try (Connection source = from.connect(carrier);
                Connection target = to.connect(carrier)) {
            for (int first = carrier * PAGE_KEYS; first < names.size(); first += CARRIERS * PAGE_KEYS) {
                page(names.subList(first, Math.min(names.size(), first + PAGE_KEYS)), source, target);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void page(List<Name> names, Connection source, Connection target) throws IOException {
        List<List<byte[]>> reads = new ArrayList<>();
        for (Name name : names) {
            reads.add(KeyComparison.words("DUMP", name));
            reads.add(KeyComparison.words("PEXPIRETIME", name));
        }
        List<Reply> replies = Side.ask(source, reads);
        List<List<byte[]>> writes = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (!(replies.get(2 * i) instanceof Reply.Bulk(byte[] payload))
                    || !(replies.get(2 * i + 1) instanceof Reply.Int(long deadline))) {
                throw new IOException("DUMP of " + names.get(i) + " is answered " + replies.get(2 * i));
            }
            List<byte[]> restore = KeyComparison.words("RESTORE", names.get(i), Long.toString(Math.max(0, deadline)));
            restore.add(payload);
            restore.addAll(Connection.words("REPLACE", "ABSTTL"));
            writes.add(restore);
        }
        Side.ask(target, writes);
    }
}
