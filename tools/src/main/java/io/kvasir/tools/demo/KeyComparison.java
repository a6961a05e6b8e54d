package io.kvasir.tools.demo;

import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Compares all keys of two servers by type, value and deadline, while nothing is written. Values compare byte by byte,
 * sets and hashes without regard to order, HyperLogLogs by their estimate.
 */
final class KeyComparison {

    private static final int READERS = 4;
    private static final int PAGE_KEYS = 100;
    private static final String SCAN_COUNT = "1000";
    private static final int SHOWN_MAX = 10;
    private static final int SHOWN_CHARS_MAX = 60;

    private final Side ours;
    private final Side theirs;
    private final Ledger ledger;

    /**
     * @param theirs the side that has every write
     * @param ledger which keys may differ, because the outcome of a write is not known
     */
    KeyComparison(Side ours, Side theirs, Ledger ledger) {
        this.ours = ours;
        this.theirs = theirs;
        this.ledger = ledger;
    }

    /**
     * What was found.
     *
     * @param keys compared
     * @param either keys that hold what they would if a write with an unknown outcome had no effect
     * @param differences how many keys differ
     * @param shown the first of them
     */
    record Result(int keys, int either, int differences, List<String> shown) {

        Result plus(Result other) {
            List<String> all = new ArrayList<>(shown);
            all.addAll(other.shown);
            return new Result(
                    keys + other.keys,
                    either + other.either,
                    differences + other.differences,
                    all.stream().limit(SHOWN_MAX).toList());
        }
    }

    /** A key's type, deadline and the digest of its value; of an absent key the type is "none". */
    private record Content(String type, String deadline, String value) {}

    /** Compares all keys that either side has. */
    Result run() throws IOException {
        Set<Name> names = keys(theirs);
        names.addAll(keys(ours));
        return run(List.copyOf(names));
    }

    /** Compares the keys {@code all}. */
    Result run(List<Name> all) throws IOException {
        List<Future<Result>> parts = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
            for (int i = 0; i < READERS; i++) {
                int reader = i;
                parts.add(threads.submit(() -> part(all, reader)));
            }
            Result result = new Result(0, 0, 0, List.of());
            for (Future<Result> part : parts) {
                result = result.plus(part.get());
            }
            return result;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw new IOException("a reader failed: " + failed.getCause(), failed);
        }
    }

    private Result part(List<Name> names, int reader) {
        Result result = new Result(0, 0, 0, List.of());
        try (Connection left = ours.connect(reader);
                Connection right = theirs.connect(reader)) {
            for (int from = reader * PAGE_KEYS; from < names.size(); from += READERS * PAGE_KEYS) {
                List<Name> page = names.subList(from, Math.min(names.size(), from + PAGE_KEYS));
                List<Content> leftPage = contents(left, page);
                List<Content> rightPage = contents(right, page);
                for (int i = 0; i < page.size(); i++) {
                    result = result.plus(compared(page.get(i), leftPage.get(i), rightPage.get(i)));
                }
            }
            return result;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Result compared(Name name, Content left, Content right) {
        if (left.equals(right)) {
            return new Result(1, 0, 0, List.of());
        }
        if (ledger.mayBeAbsent(name) && left.type.equals("none")) {
            return new Result(1, 1, 0, List.of());
        }
        int lack = ledger.mayLack(name);
        if (lack > 0 && right.type.equals("string")) {
            long missing = counter(right) - counter(left);
            if (missing >= 0 && missing <= lack) {
                return new Result(1, 1, 0, List.of());
            }
        }
        return new Result(1, 0, 1, List.of(name + ": Kvasir has " + left + ", Redis has " + right));
    }

    private static long counter(Content content) {
        return content.type.equals("none") ? 0 : Long.parseLong(content.value);
    }

    private static List<Content> contents(Connection connection, List<Name> names) throws IOException {
        List<List<byte[]>> types = new ArrayList<>();
        names.forEach(name -> {
            types.add(words("TYPE", name));
            types.add(words("PEXPIRETIME", name));
        });
        List<Reply> first = Side.ask(connection, types);
        List<List<byte[]>> reads = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            reads.add(read(text(first.get(2 * i)), names.get(i)));
        }
        List<Reply> second = Side.ask(connection, reads);
        List<Content> contents = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String type = text(first.get(2 * i));
            contents.add(new Content(type, text(first.get(2 * i + 1)), value(type, second.get(i))));
        }
        return contents;
    }

    private static List<byte[]> read(String type, Name name) {
        return switch (type) {
            case "string" -> words(name.startsWith(PackageWrites.ESTIMATE) ? "PFCOUNT" : "GET", name);
            case "hash" -> words("HGETALL", name);
            case "set" -> words("SMEMBERS", name);
            case "list" -> words("LRANGE", name, "0", "-1");
            case "zset" -> words("ZRANGE", name, "0", "-1", "WITHSCORES");
            default -> words("EXISTS", name);
        };
    }

    /** A value as text that tells values apart: itself if it is short, a digest if not. */
    private static String value(String type, Reply reply) {
        if (!(reply instanceof Reply.Array(List<Reply> elements))) {
            String text = text(reply);
            return text.length() <= SHOWN_CHARS_MAX ? text : digest(List.of(text));
        }
        List<String> texts = new ArrayList<>();
        int step = type.equals("hash") ? 2 : 1;
        for (int i = 0; i < elements.size(); i += step) {
            String text = text(elements.get(i));
            texts.add(step == 1 ? text : text.length() + " " + text + text(elements.get(i + 1)));
        }
        if (type.equals("hash") || type.equals("set")) {
            texts.sort(null);
        }
        return texts.size() + " elements " + digest(texts);
    }

    private static String digest(List<String> texts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String text : texts) {
                digest.update((text.length() + " " + text).getBytes(StandardCharsets.ISO_8859_1));
            }
            return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), 8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** Returns all keys of a side, in order. */
    static Set<Name> keys(Side side) throws IOException {
        Set<Name> names = new TreeSet<>();
        try (Connection connection = side.connect(0)) {
            String cursor = "0";
            do {
                Reply page = Side.ask(connection, List.of(Connection.words("SCAN", cursor, "COUNT", SCAN_COUNT)))
                        .getFirst();
                if (!(page instanceof Reply.Array(List<Reply> parts))
                        || !(parts.get(1) instanceof Reply.Array(List<Reply> found))) {
                    throw new IOException("SCAN is answered " + text(page));
                }
                for (Reply name : found) {
                    if (name instanceof Reply.Bulk(byte[] bytes)) {
                        names.add(new Name(bytes));
                    }
                }
                cursor = text(parts.getFirst());
            } while (!cursor.equals("0"));
        }
        return names;
    }

    /** Returns the words of a command about {@code name}. */
    static List<byte[]> words(String command, Name name, String... more) {
        List<byte[]> words = new ArrayList<>(Connection.words(command));
        words.add(name.bytes());
        words.addAll(Connection.words(more));
        return words;
    }

    /** A reply that is no array as text, a character for each byte. */
    private static String text(Reply reply) {
        return switch (reply) {
            case Reply.Bulk(byte[] bytes) -> new String(bytes, StandardCharsets.ISO_8859_1);
            case Reply.Status(String text) -> text;
            case Reply.Int(long value) -> Long.toString(value);
            default -> reply.toString();
        };
    }
}
