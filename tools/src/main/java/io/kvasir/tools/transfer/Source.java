package io.kvasir.tools.transfer;

import static io.kvasir.tools.transfer.RedisConnection.bytes;

import io.kvasir.gateway.rdb.RdbType.Family;
import io.kvasir.gateway.rdb.ValueSink;
import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads all keys of a server page by page: small values by DUMP, large ones piece by piece by the commands of their
 * type, so that neither server nor this process holds much at once. Confined to one thread.
 */
final class Source {

    private static final int PAGE_KEYS = 256;

    /** A longer string, and a collection of more elements, is read in pieces. */
    private static final long STRING_BYTES_MAX = 4 << 20;

    private static final long ELEMENTS_MAX = 8_192;

    /** Bytes of a string, and elements of a collection, read at once of a large value. */
    private static final int PIECE_BYTES = 1 << 20;

    private static final int PIECE_ELEMENTS = 512;
    private static final String START = "0";
    private static final String STREAM = "stream";

    private final RedisConnection connection;
    private final boolean absolute;

    /** Gets the keys of a page. */
    interface Taker {

        /** Takes a value as DUMP gave it. */
        void dumped(byte[] key, long expiryMillis, byte[] payload) throws IOException;

        /** Takes a key whose value is to be read by {@link Source#read}. */
        void large(byte[] key, long expiryMillis, Family family) throws IOException;

        /** Takes a key of a type that cannot be transferred. */
        void unknown(byte[] key, String type) throws IOException;
    }

    private record Key(byte[] key, String type, long expiryMillis) {}

    /** @param absolute whether expiries are times since the Unix epoch, else they are times to live */
    Source(RedisConnection connection, boolean absolute) {
        this.connection = connection;
        this.absolute = absolute;
    }

    /** Goes on in {@code database}; returns whether there is one. */
    boolean select(int database) throws IOException {
        return !(connection.call(bytes("SELECT"), bytes(database)) instanceof Reply.Error);
    }

    /** Reads the page at {@code cursor}, "0" at first; returns where to go on, empty at the end. */
    Optional<String> page(String cursor, Taker taker) throws IOException {
        Reply scanned = connection.require(bytes("SCAN"), bytes(cursor), bytes("COUNT"), bytes(PAGE_KEYS));
        List<Reply> parts = elements(scanned);
        List<Key> keys = describe(elements(parts.get(1)));
        List<Key> dumped = new ArrayList<>();
        List<Key> large = new ArrayList<>();
        for (Key key : keys) {
            Optional<Family> family = family(key.type());
            if (family.isEmpty()) {
                taker.unknown(key.key(), key.type());
            } else {
                dumped.add(key);
            }
        }
        sortOutLarge(dumped, large);
        for (Key key : dumped) {
            connection.send(bytes("DUMP"), key.key());
        }
        connection.flush();
        for (Key key : dumped) {
            Reply reply = connection.receive();
            if (reply instanceof Reply.Bulk bulk) {
                taker.dumped(key.key(), key.expiryMillis(), bulk.bytes());
            } else if (reply instanceof Reply.Error error && key.type().equals(STREAM)) {
                taker.unknown(key.key(), STREAM + ", " + error.text());
            } else if (reply instanceof Reply.Error) {
                large.add(key); // too large for one reply, or a version of Redis without DUMP
            }
        }
        for (Key key : large) {
            taker.large(key.key(), key.expiryMillis(), family(key.type()).orElseThrow());
        }
        String next = text(parts.get(0));
        return next.equals(START) ? Optional.empty() : Optional.of(next);
    }

    /** Reads the value of {@code key} in pieces; returns the number of elements, 0 if the key is gone. */
    long read(byte[] key, Family family, ValueSink sink) throws IOException {
        return switch (family) {
            case STRING -> string(key, sink);
            case LIST -> list(key, sink);
            case SET, HASH, ZSET -> scanned(key, family, sink);
            case STREAM, MODULE -> throw new IllegalArgumentException("not a value that is read: " + family);
        };
    }

    /** Returns the family that TYPE answers as {@code type}, empty if it cannot be transferred. */
    static Optional<Family> family(String type) {
        return Arrays.stream(Family.values())
                .filter(family -> family != Family.MODULE)
                .filter(family -> family.name().toLowerCase(Locale.ROOT).equals(type))
                .findFirst();
    }

    private List<Key> describe(List<Reply> names) throws IOException {
        for (Reply name : names) {
            connection.send(bytes("TYPE"), data(name));
            connection.send(bytes(absolute ? "PEXPIRETIME" : "PTTL"), data(name));
        }
        connection.flush();
        List<Key> keys = new ArrayList<>();
        for (Reply name : names) {
            String type = text(connection.receive());
            long expiry = number(connection.receive());
            if (!type.equals("none") && expiry != -2) {
                keys.add(new Key(data(name), type, expiry == -1 ? 0 : Math.max(1, expiry)));
            }
        }
        return keys;
    }

    /** Moves the keys with large values from {@code keys} to {@code large}. */
    private void sortOutLarge(List<Key> keys, List<Key> large) throws IOException {
        for (Key key : keys) {
            String size =
                    switch (family(key.type()).orElseThrow()) {
                        case LIST -> "LLEN";
                        case SET -> "SCARD";
                        case HASH -> "HLEN";
                        case ZSET -> "ZCARD";
                        case STREAM -> "XLEN";
                        case STRING, MODULE -> "STRLEN";
                    };
            connection.send(bytes(size), key.key());
        }
        connection.flush();
        for (Key key : List.copyOf(keys)) {
            long most =
                    switch (key.type()) {
                        case "string" -> STRING_BYTES_MAX;
                        // A stream goes as a whole: nothing else tells all of its groups.
                        case STREAM -> Long.MAX_VALUE;
                        default -> ELEMENTS_MAX;
                    };
            // A key that has become of another type is left to DUMP.
            if (connection.receive() instanceof Reply.Int size && size.value() > most) {
                keys.remove(key);
                large.add(key);
            }
        }
    }

    private long string(byte[] key, ValueSink sink) throws IOException {
        long length = number(connection.require(bytes("STRLEN"), key));
        byte[] value = new byte[Math.toIntExact(length)];
        for (int at = 0; at < length; ) {
            byte[] piece = data(connection.require(bytes("GETRANGE"), key, bytes(at), bytes(at + PIECE_BYTES - 1L)));
            int count = Math.min(piece.length, value.length - at);
            System.arraycopy(piece, 0, value, at, count);
            at += count;
            if (count == 0) {
                value = Arrays.copyOf(value, at); // it has become shorter
                break;
            }
        }
        if (value.length > 0) {
            sink.string(value);
        }
        return value.length == 0 ? 0 : 1;
    }

    private long list(byte[] key, ValueSink sink) throws IOException {
        long at = 0;
        while (true) {
            List<Reply> piece =
                    elements(connection.require(bytes("LRANGE"), key, bytes(at), bytes(at + PIECE_ELEMENTS - 1)));
            for (Reply element : piece) {
                sink.listElement(data(element));
            }
            at += piece.size();
            if (piece.size() < PIECE_ELEMENTS) {
                return at;
            }
        }
    }

    private long scanned(byte[] key, Family family, ValueSink sink) throws IOException {
        byte[] command = bytes(family == Family.SET ? "SSCAN" : family == Family.HASH ? "HSCAN" : "ZSCAN");
        long count = 0;
        byte[] cursor = bytes(START);
        do {
            List<Reply> parts =
                    elements(connection.require(command, key, cursor, bytes("COUNT"), bytes(PIECE_ELEMENTS)));
            List<Reply> piece = elements(parts.get(1));
            for (int i = 0; i < piece.size(); i += family == Family.SET ? 1 : 2) {
                switch (family) {
                    case SET -> sink.setMember(data(piece.get(i)));
                    case HASH -> sink.hashField(data(piece.get(i)), data(piece.get(i + 1)));
                    case ZSET -> sink.zsetMember(data(piece.get(i)), score(text(piece.get(i + 1))));
                    case STRING, LIST, STREAM, MODULE -> throw new IllegalArgumentException("not scanned");
                }
                count++;
            }
            cursor = data(parts.get(0));
        } while (!Arrays.equals(cursor, bytes(START)));
        return count;
    }

    private static double score(String text) {
        return switch (text) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static List<Reply> elements(Reply reply) throws IOException {
        if (reply instanceof Reply.Array array) {
            return array.elements();
        }
        throw unexpected(reply);
    }

    private static byte[] data(Reply reply) throws IOException {
        if (reply instanceof Reply.Bulk bulk) {
            return bulk.bytes();
        }
        throw unexpected(reply);
    }

    private static long number(Reply reply) throws IOException {
        if (reply instanceof Reply.Int number) {
            return number.value();
        }
        throw unexpected(reply);
    }

    private static String text(Reply reply) throws IOException {
        return reply instanceof Reply.Status status
                ? status.text()
                : new String(data(reply), StandardCharsets.ISO_8859_1);
    }

    private static TransferException unexpected(Reply reply) {
        return new TransferException(
                reply instanceof Reply.Error error ? error.text() : "a reply that is not what was asked for");
    }
}
