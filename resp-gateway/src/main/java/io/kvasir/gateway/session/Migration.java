package io.kvasir.gateway.session;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.transaction.MultiQueue;
import io.kvasir.gateway.command.transaction.MultiQueue.Queued;
import io.kvasir.gateway.command.transaction.MultiQueue.Taken;
import io.kvasir.gateway.command.transaction.WatchKey;
import io.kvasir.gateway.command.transaction.WatchedKey;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.txn.CommandExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One MIGRATE under way.
 *
 * <p>Redis stands still while it migrates; here others go on. So each key is watched, read at one moment with its time
 * to live, sent, and, once the target has answered that it took it, deleted only if it is still the version that was
 * read (rule K17): what somebody wrote meanwhile stays, and the client is told. Keys are sent in pieces of bounded
 * size; each piece is read, sent and deleted before the next is read. If the connection breaks, what was deleted is at
 * the target, and what is not deleted may be there too.
 *
 * <p>Confined to the thread that runs it, which waits for the ranges and the network.
 */
final class Migration {

    /** Keys of one piece. */
    static final int PIECE_KEYS_MAX = 64;

    /** Bytes of values of one piece; one value may pass it. */
    static final long PIECE_BYTES_MAX = 8L << 20;

    /** How often a key is read again because it changed in the middle; then the client is told. */
    static final int READS_MAX = 100;

    private static final Reply NO_KEY = new Reply.Status("NOKEY");
    private static final byte[] ZERO = bytes("0");

    /**
     * What the client asks for.
     *
     * @param database the target's
     * @param timeoutMillis of each step of the connection
     * @param login the words that log in at the target, none if it asks for nothing
     */
    record Order(
            String host,
            String port,
            List<byte[]> keys,
            long database,
            int timeoutMillis,
            boolean copy,
            boolean replace,
            List<byte[]> login) {}

    /** Where the keys are. */
    record Source(CommandExecutor executor, CommandTable table, long session, int database, boolean cluster) {}

    /** Connects to the target of an order. */
    @FunctionalInterface
    interface Connector {

        TargetConnection open(Order order) throws TargetConnection.Failed;
    }

    /** A key as it was read. */
    private record Sent(byte[] key, WatchedKey watched, byte[] payload, byte[] ttl) {}

    /** What the ranges answered in place of what was asked. */
    private static final class Refused extends Exception {

        private static final long serialVersionUID = 1L;
        private final transient Reply reply;

        Refused(Reply reply) {
            super("refused");
            this.reply = reply;
        }
    }

    private final Order order;
    private final Source source;
    private @Nullable TargetConnection target;
    private boolean found;
    private @Nullable String loginError;
    private @Nullable String targetError;
    private byte @Nullable [] firstChanged;
    private int changed;

    Migration(Order order, Source source) {
        this.order = order;
        this.source = source;
    }

    /** Moves the keys and returns what the client is answered. */
    Reply run(Connector connector) {
        try {
            int at = 0;
            while (at < order.keys.size()) {
                List<Sent> piece = new ArrayList<>();
                long size = 0;
                while (at < order.keys.size() && piece.size() < PIECE_KEYS_MAX && size < PIECE_BYTES_MAX) {
                    Sent read = read(order.keys.get(at++));
                    if (read != null) {
                        piece.add(read);
                        size += read.payload.length;
                    }
                }
                if (!piece.isEmpty()) {
                    move(piece, connector);
                }
            }
        } catch (TargetConnection.Failed broken) {
            return Reply.error(String.valueOf(broken.getMessage()) + told());
        } catch (Refused refused) {
            return refused.reply;
        } finally {
            if (target != null) {
                target.close();
            }
        }
        return answer();
    }

    private Reply answer() {
        if (targetError != null) {
            return Reply.error("ERR Target instance replied with error: " + targetError + told());
        }
        if (firstChanged != null) {
            return Reply.error("CHANGED " + stays());
        }
        return found ? Reply.OK : NO_KEY;
    }

    /** Returns what is added to another error if keys have changed as well. */
    private String told() {
        return firstChanged == null ? "" : " (and " + stays() + ")";
    }

    private String stays() {
        String name = Rows.text(firstChanged == null ? ZERO : firstChanged).replaceAll("[\\r\\n]", " ");
        return changed + " of " + order.keys.size()
                + " keys were changed, deleted or expired here after they were sent:"
                + " what is here stays, the target has what was sent; the first is '" + name + "'";
    }

    private void move(List<Sent> piece, Connector connector) throws TargetConnection.Failed, Refused {
        found = true;
        TargetConnection open = target;
        List<List<byte[]>> commands = new ArrayList<>();
        boolean first = open == null;
        if (open == null) {
            open = connector.open(order);
            target = open;
            if (!order.login.isEmpty()) {
                commands.add(order.login);
            }
            commands.add(List.of(bytes("SELECT"), bytes(Long.toString(order.database))));
        }
        piece.forEach(sent -> commands.add(restore(sent)));
        open.send(commands);
        if (first) {
            loginError = order.login.isEmpty() ? null : errorOf(open.readLine());
            String selectError = errorOf(open.readLine());
            loginError = loginError == null ? selectError : loginError;
        }
        for (Sent sent : piece) {
            String own = errorOf(open.readLine());
            String error = loginError == null ? own : loginError;
            if (error != null) {
                targetError = targetError == null ? error : targetError;
            } else if (!order.copy) {
                delete(sent);
            }
        }
    }

    /** Returns what stands behind the minus sign of an error, null if {@code line} is none. */
    private static @Nullable String errorOf(String line) {
        return line.startsWith("-") ? line.substring(1) : null;
    }

    private List<byte[]> restore(Sent sent) {
        List<byte[]> words = new ArrayList<>(
                List.of(bytes(source.cluster ? "RESTORE-ASKING" : "RESTORE"), sent.key, sent.ttl, sent.payload));
        if (order.replace) {
            words.add(bytes("REPLACE"));
        }
        return words;
    }

    /** Returns the key as it stands, with its version and the time it has left; null if there is none. */
    private @Nullable Sent read(byte[] key) throws Refused {
        for (int i = 0; i < READS_MAX; i++) {
            WatchedKey watched = watch(key);
            Reply reply = execute(watched, List.of(List.of(bytes("DUMP"), key), List.of(bytes("PTTL"), key)));
            if (reply instanceof Reply.Array(List<Reply> replies)) {
                Reply payload = replies.getFirst();
                if (payload instanceof Reply.Error) {
                    throw new Refused(payload);
                }
                return payload instanceof Reply.Bulk(byte[] bytes) && replies.get(1) instanceof Reply.Int(long ttl)
                        ? new Sent(key, watched, bytes, ttl < 0 ? ZERO : bytes(Long.toString(Math.max(1, ttl))))
                        : null;
            }
            if (reply instanceof Reply.Error) {
                throw new Refused(reply);
            }
        }
        throw new Refused(Reply.error("TRYAGAIN a key changes faster than it can be read"));
    }

    private WatchedKey watch(byte[] key) throws Refused {
        Request request = new Request(
                WatchKey.PROCEDURE.name(), 1, source.database, source.session, 0, Optional.empty(), 0, new byte[][] {key
                });
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        source.executor.execute(request, new WatchKey(source.database, key), answer::complete);
        Reply reply = answer.join(); // the executor answers in any case
        if (reply instanceof Reply.Bulk(byte[] bytes)) {
            return WatchedKey.decode(bytes);
        }
        throw new Refused(reply);
    }

    /** Deletes what was sent if it is still what stands here, else notes it. */
    private void delete(Sent sent) throws Refused {
        Reply reply = execute(sent.watched, List.of(List.of(bytes("DEL"), sent.key)));
        if (reply instanceof Reply.Error) {
            throw new Refused(reply);
        }
        if (!(reply instanceof Reply.Array)) {
            changed++;
            firstChanged = firstChanged == null ? sent.key : firstChanged;
        }
    }

    /** Runs {@code commands} at one moment, if {@code watched} has not changed; the null array if it has. */
    private Reply execute(WatchedKey watched, List<List<byte[]>> commands) throws Refused {
        try {
            List<Queued> queued = new ArrayList<>();
            for (List<byte[]> each : commands) {
                byte[][] words = each.toArray(byte[][]::new);
                queued.add(new Queued(source.table.require(words), words));
            }
            MultiQueue.Part part = MultiQueue.part(
                    source.table,
                    new Taken(List.of(watched), queued, false),
                    Optional.empty(),
                    source.session,
                    source.database,
                    false,
                    (_, before) -> before);
            CompletableFuture<Reply> answer = new CompletableFuture<>();
            source.executor.execute(part.request(), part.exec(), answer::complete);
            return answer.join(); // the executor answers in any case
        } catch (CommandError refused) {
            throw new Refused(refused.reply());
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
