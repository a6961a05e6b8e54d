package io.kvasir.tools.demo;

import io.kvasir.proto.reply.Reply;
import io.kvasir.region.time.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Loads packages into the cluster by several writers, each at a node of its own, and the same writes into the oracle.
 * Packages are taken in the order of the index until all are or time is over. Safe for any thread.
 */
final class Load {

    private static final int WRITERS = 12;
    private static final int PACKAGES_AT_ONCE = 32;

    private final LocalCluster cluster;
    private final OracleServer oracle;
    private final Ledger ledger;
    private final Ticker ticker;
    private final AtomicInteger next = new AtomicInteger();

    Load(LocalCluster cluster, OracleServer oracle, Ledger ledger, Ticker ticker) {
        this.cluster = cluster;
        this.oracle = oracle;
        this.ledger = ledger;
        this.ticker = ticker;
    }

    /**
     * Loads until {@code endNanos} of the ticker; returns how many packages were loaded.
     *
     * @throws IOException if the oracle fails
     */
    int run(PackageIndex index, PackageWrites writes, long endNanos) throws IOException {
        List<Future<Integer>> parts = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
            for (int i = 0; i < WRITERS; i++) {
                int node = i % cluster.nodes();
                parts.add(threads.submit(() -> part(index, writes, node, endNanos)));
            }
            int loaded = 0;
            for (Future<Integer> part : parts) {
                loaded += part.get();
            }
            return loaded;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw new IOException("a writer failed: " + failed.getCause(), failed);
        }
    }

    /** Returns how many packages have been taken so far. */
    int taken() {
        return next.get();
    }

    private int part(PackageIndex index, PackageWrites writes, int node, long endNanos) {
        int loaded = 0;
        try (Writer writer = new Writer(cluster, node, ledger, ticker);
                Connection reference = new Connection(oracle.port())) {
            if (node == 0) {
                both(writer, reference, writes.mirrors());
            }
            while (ticker.nanoTime() < endNanos) {
                int from = next.getAndAdd(PACKAGES_AT_ONCE);
                int to = Math.min(from + PACKAGES_AT_ONCE, index.packages().size());
                if (from >= to) {
                    break;
                }
                List<Mutation> batch = new ArrayList<>();
                for (int i = from; i < to; i++) {
                    batch.addAll(writes.of(i, index.packages().get(i)));
                }
                both(writer, reference, batch);
                loaded += to - from;
            }
            return loaded;
        } catch (IOException failed) {
            throw new UncheckedIOException("redis-server", failed);
        }
    }

    private static void both(Writer writer, Connection reference, List<Mutation> batch) throws IOException {
        writer.write(batch);
        for (Mutation write : batch) {
            reference.send(write.words());
        }
        reference.flush();
        for (Mutation write : batch) {
            if (reference.receive() instanceof Reply.Error(String text)) {
                throw new IOException("answers a write of " + write.key() + " with " + text);
            }
        }
    }
}
