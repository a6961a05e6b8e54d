package io.kvasir.tools.transfer;

import static io.kvasir.tools.transfer.RedisConnection.bytes;

import io.kvasir.gateway.rdb.DumpPayload;
import io.kvasir.gateway.rdb.RdbStream;
import io.kvasir.gateway.rdb.RdbValue;
import io.kvasir.gateway.rdb.ValueSink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings one value after another to Kvasir: a small one by RESTORE, so that it appears as a whole; a large one in
 * pieces by the commands of its type, over what the key held. Confined to one thread.
 */
final class ValueLoader implements ValueSink {

    /** Bytes of a piece, a share for each element included; a value up to this size is restored as a whole. */
    private static final long PIECE_BYTES = 1 << 20;

    private static final int ELEMENT_BYTES = 32;

    private final Pipeline pipeline;
    private byte[] key = {};
    private byte[] expiry = {};
    private boolean expires;
    private boolean absolute;
    private boolean begun;
    private boolean inPieces;
    private long pieceBytes;
    private long keyBytes;
    private byte @Nullable [] command;
    private final List<byte[]> elements = new ArrayList<>();
    private final List<byte[]> values = new ArrayList<>();
    private final List<Double> scores = new ArrayList<>();

    ValueLoader(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    /**
     * Begins a key.
     *
     * @param expiryMillis 0 for none
     * @param absolute whether that is a time since the Unix epoch, not one to live
     */
    ValueLoader begin(byte[] key, long expiryMillis, boolean absolute) {
        this.key = key;
        this.expires = expiryMillis != 0;
        this.expiry = bytes(Math.max(expiryMillis, expires ? 1 : 0));
        this.absolute = absolute;
        begun = false;
        inPieces = false;
        keyBytes = key.length;
        command = null;
        clear();
        return this;
    }

    /** Says that elements may come twice, as from a collection that changes: then it is not restored as a whole. */
    ValueLoader mayRepeat() {
        inPieces = true;
        return this;
    }

    /** Sends a whole payload that DUMP gave elsewhere. */
    void restore(byte[] payload) throws IOException {
        List<byte[]> words = Pipeline.words(bytes("RESTORE"), key, expiry, payload, bytes("REPLACE"));
        if (absolute) {
            words.add(bytes("ABSTTL"));
        }
        pipeline.send(key, true, key.length + (long) payload.length, words.toArray(byte[][]::new));
    }

    /** Ends the key: all of it has been sent. A value without elements is absent. */
    void end() throws IOException {
        byte[] name = command;
        if (name == null) {
            return;
        }
        if (!begun && !inPieces) {
            restore(DumpPayload.encode(value(name), false));
            clear();
            return;
        }
        sendPiece();
        byte[] last = expires ? bytes(absolute ? "PEXPIREAT" : "PEXPIRE") : bytes("PERSIST");
        if (expires) {
            pipeline.send(key, true, keyBytes, last, key, expiry);
        } else {
            pipeline.send(key, true, keyBytes, last, key);
        }
        begun = false;
    }

    /** Takes away what was sent of a key that cannot be completed; returns whether anything was. */
    boolean abandon() throws IOException {
        boolean sent = begun;
        if (sent) {
            pipeline.send(key, false, 0, bytes("DEL"), key);
            begun = false;
        }
        return sent;
    }

    /** Returns the key begun last. */
    byte[] key() {
        return key;
    }

    @Override
    public void string(byte[] value) throws IOException {
        for (int from = 0; value.length > PIECE_BYTES && from < value.length; from += (int) PIECE_BYTES) {
            int to = (int) Math.min(value.length, from + PIECE_BYTES);
            take("APPEND", Arrays.copyOfRange(value, from, to), null, 0);
            sendPiece();
        }
        if (!begun) {
            take("APPEND", value, null, 0);
        }
    }

    @Override
    public void listElement(byte[] element) throws IOException {
        take("RPUSH", element, null, 0);
    }

    @Override
    public void setMember(byte[] member) throws IOException {
        take("SADD", member, null, 0);
    }

    @Override
    public void hashField(byte[] field, byte[] value) throws IOException {
        take("HSET", field, value, 0);
    }

    @Override
    public void zsetMember(byte[] member, double score) throws IOException {
        take("ZADD", member, null, score);
    }

    @Override
    public void stream(RdbStream stream) throws IOException {
        restore(DumpPayload.encode(stream, false));
    }

    private void take(String name, byte[] element, byte @Nullable [] value, double score) throws IOException {
        byte[] taken = command;
        command = taken == null ? bytes(name) : taken;
        long size = ELEMENT_BYTES + (long) element.length + (value == null ? 0 : value.length);
        if (!elements.isEmpty() && pieceBytes + size > PIECE_BYTES) {
            sendPiece();
        }
        elements.add(element);
        if (value != null) {
            values.add(value);
        }
        scores.add(score);
        pieceBytes += size;
        keyBytes += size - ELEMENT_BYTES;
    }

    private void sendPiece() throws IOException {
        byte[] name = command;
        if (elements.isEmpty() || name == null) {
            return;
        }
        if (!begun) {
            begun = true;
            pipeline.send(key, false, 0, bytes("DEL"), key);
        }
        boolean scored = new String(name, StandardCharsets.US_ASCII).equals("ZADD");
        List<byte[]> words = Pipeline.words(name, key);
        for (int i = 0; i < elements.size(); i++) {
            if (scored) {
                words.add(bytes(scoreText(scores.get(i))));
            }
            words.add(elements.get(i));
            if (!values.isEmpty()) {
                words.add(values.get(i));
            }
        }
        pipeline.send(key, false, 0, words.toArray(byte[][]::new));
        clear();
    }

    private RdbValue value(byte[] name) {
        return switch (new String(name, StandardCharsets.US_ASCII)) {
            case "APPEND" -> new RdbValue.Text(elements.getFirst());
            case "RPUSH" -> new RdbValue.Sequence(elements);
            case "SADD" -> new RdbValue.Members(elements);
            case "HSET" -> new RdbValue.Fields(elements, values);
            default -> new RdbValue.Scores(elements, scores);
        };
    }

    private static String scoreText(double score) {
        return Double.isInfinite(score) ? score > 0 ? "inf" : "-inf" : Double.toString(score);
    }

    private void clear() {
        elements.clear();
        values.clear();
        scores.clear();
        pieceBytes = 0;
    }
}
