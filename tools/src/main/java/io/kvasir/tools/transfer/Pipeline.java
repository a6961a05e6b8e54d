package io.kvasir.tools.transfer;

import static io.kvasir.tools.transfer.RedisConnection.bytes;

import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes keys to Kvasir, many commands ahead of their replies, within bounds. A key is done when the last of its
 * commands is answered; the first error of a key is its failure. Confined to one thread.
 */
final class Pipeline {

    /** Most commands, and most bytes of them, that wait for replies. */
    private static final int COMMANDS_MAX = 512;

    private static final long BYTES_MAX = 4 << 20;

    private final RedisConnection connection;
    private final Progress progress;
    private final ArrayDeque<Sent> sent = new ArrayDeque<>();
    private long waitingBytes;
    private byte[] failedKey = {};
    private boolean failing;

    private record Sent(byte[] key, boolean last, long keyBytes) {}

    Pipeline(RedisConnection connection, Progress progress) {
        this.connection = connection;
        this.progress = progress;
    }

    /** Goes on in {@code database}. */
    void select(int database) throws IOException {
        drain();
        connection.require(bytes("SELECT"), bytes(database));
    }

    /**
     * Sends a command of {@code key}.
     *
     * @param last whether the key is complete with it
     * @param keyBytes with the last one what the key has in all
     */
    void send(byte[] key, boolean last, long keyBytes, byte[]... words) throws IOException {
        long size = Arrays.stream(words).mapToLong(word -> word.length).sum();
        if (!sent.isEmpty() && (sent.size() >= COMMANDS_MAX || waitingBytes + size > BYTES_MAX)) {
            drain();
        }
        connection.send(words);
        sent.add(new Sent(key, last, keyBytes));
        waitingBytes += size;
    }

    /** Receives the replies to all that was sent. */
    void drain() throws IOException {
        connection.flush();
        while (!sent.isEmpty()) {
            Sent next = sent.remove();
            settle(next, connection.receive());
        }
        waitingBytes = 0;
    }

    private void settle(Sent next, Reply reply) {
        boolean known = failing && Arrays.equals(failedKey, next.key());
        if (reply instanceof Reply.Error error && !known) {
            progress.failed(Progress.name(next.key()) + ": " + error.text());
            failing = true;
            failedKey = next.key();
            known = true;
        }
        if (next.last()) {
            if (!known) {
                progress.key(next.keyBytes());
            }
            failing = false;
        }
    }

    /** Returns the words of a command that begin with {@code words} and have room for more. */
    static List<byte[]> words(byte[]... words) {
        return new ArrayList<>(Arrays.asList(words));
    }
}
