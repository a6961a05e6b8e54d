package io.kvasir.gateway.command;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Random commands from a grammar: each line names a command and, in capitals, what its words may be. Most commands made
 * are valid; a few have a word dropped, doubled or spoilt. Not thread-safe.
 */
public final class RandomCommands {

    private final SplittableRandom random;
    private final List<String> grammar;

    /**
     * @param grammar lines such as {@code SET K V ?NX|XX ?GET ?EX:SECONDS}: words in capitals of {@link #word} are
     *     replaced, a {@code ?} makes a word optional, {@code |} separates alternatives, {@code :} joins words,
     *     {@code *} at the end repeats a word once or more
     */
    public RandomCommands(long seed, List<String> grammar) {
        this.random = new SplittableRandom(seed);
        this.grammar = List.copyOf(grammar);
    }

    /** Returns the words of the next command. */
    public byte[][] next() {
        String[] line = grammar.get(random.nextInt(grammar.size())).split(" ");
        List<byte[]> words = new ArrayList<>();
        words.add(bytes(random.nextInt(10) == 0 ? line[0].toLowerCase(Locale.ROOT) : line[0]));
        for (int i = 1; i < line.length; i++) {
            String item = line[i];
            if (item.startsWith("?")) {
                if (random.nextInt(3) != 0) {
                    continue;
                }
                item = item.substring(1);
            }
            int times = 1;
            if (item.endsWith("*")) {
                item = item.substring(0, item.length() - 1);
                times = 1 + random.nextInt(4);
            }
            for (int t = 0; t < times; t++) {
                String[] alternatives = item.split("\\|");
                for (String word : alternatives[random.nextInt(alternatives.length)].split(":")) {
                    words.add(word(word));
                }
            }
        }
        spoil(words);
        return words.toArray(byte[][]::new);
    }

    private void spoil(List<byte[]> words) {
        if (random.nextInt(40) != 0 || words.size() < 2) {
            return;
        }
        int at = 1 + random.nextInt(words.size() - 1);
        switch (random.nextInt(3)) {
            case 0 -> words.remove(at);
            case 1 -> words.add(at, words.get(at));
            default -> words.set(at, word(random.nextBoolean() ? "INT" : "V"));
        }
    }

    private byte[] word(String kind) {
        return switch (kind) {
            case "K" -> bytes("k" + random.nextInt(6));
            case "S" -> bytes("s" + random.nextInt(3));
            case "V" -> value();
            case "LETTER" -> bytes(Character.toString('a' + random.nextInt(4)));
            case "WORD" -> letters(random.nextInt(40));
            case "SMALL" -> bytes(Integer.toString(random.nextInt(-3, 12)));
            case "INT" -> integer();
            case "FLOAT" -> decimal();
            case "OFFSET" -> offset();
            case "BIT" -> bytes(random.nextInt(30) == 0 ? "2" : random.nextBoolean() ? "1" : "0");
            case "BITOFFSET" -> bitOffset();
            case "SECONDS" -> bytes(random.nextInt(20) == 0 ? "0" : Integer.toString(random.nextInt(5_000, 100_000)));
            case "MILLIS" ->
                bytes(random.nextInt(20) == 0 ? "-1" : Integer.toString(random.nextInt(5_000_000, 100_000_000)));
            case "UNIXSECONDS" ->
                bytes(random.nextInt(9) == 0 ? "5" : Long.toString(random.nextLong(4_000_000_000L, 5_000_000_000L)));
            case "FIELDTYPE" ->
                bytes((random.nextBoolean() ? "u" : "i") + random.nextInt(random.nextInt(30) == 0 ? 0 : 1, 65));
            case "TINYTYPE" -> bytes((random.nextBoolean() ? "u" : "i") + random.nextInt(1, 6));
            case "FIELDOFFSET" ->
                bytes((random.nextInt(3) == 0 ? "#" : "") + random.nextInt(random.nextInt(30) == 0 ? -2 : 0, 300));
            default -> bytes(random.nextInt(10) == 0 ? kind.toLowerCase(Locale.ROOT) : kind);
        };
    }

    private byte[] value() {
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> integer();
            case 4 -> decimal();
            case 5 -> random(random.nextInt(1_000, 1_050));
            case 6 -> random.nextInt(8) == 0 ? random(random.nextInt(16_370, 33_000)) : random(40);
            case 7 -> letters(random.nextInt(30));
            default -> random.nextBoolean() ? letters(random.nextInt(12)) : random(random.nextInt(20));
        };
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] letters(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(3));
        }
        return bytes;
    }

    private byte[] integer() {
        return bytes(
                switch (random.nextInt(12)) {
                    case 0 -> Long.toString(Long.MAX_VALUE - random.nextInt(2));
                    case 1 -> Long.toString(Long.MIN_VALUE + random.nextInt(2));
                    case 2 ->
                        List.of("", "-", "+1", "01", "-0", " 1", "1 ", "9223372036854775808", "0x10", "1e3", "00")
                                .get(random.nextInt(11));
                    case 3 -> Long.toString(random.nextLong());
                    default -> Integer.toString(random.nextInt(-50, 200));
                });
    }

    private byte[] decimal() {
        return bytes(
                switch (random.nextInt(10)) {
                    case 0 ->
                        List.of(
                                        "nan",
                                        "inf",
                                        "-Infinity",
                                        "1e5000",
                                        "1e-5000",
                                        ".",
                                        "",
                                        " 1.5",
                                        "1.5 ",
                                        "0x1p3",
                                        "0x.8",
                                        "-0")
                                .get(random.nextInt(12));
                    case 1 -> random.nextInt(-20, 20) + "e" + random.nextInt(-25, 25);
                    case 2 -> Double.toString(random.nextDouble() * 1e20);
                    case 3 -> "." + random.nextInt(1_000_000);
                    case 4 -> random.nextInt(100) + ".";
                    case 5 -> Long.toString(random.nextLong());
                    default -> random.nextInt(-500, 500) + "." + random.nextInt(1_000);
                });
    }

    private byte[] offset() {
        return bytes(
                switch (random.nextInt(20)) {
                    case 0 -> Integer.toString(random.nextInt(65_000, 150_000));
                    case 1 -> "536870912";
                    case 2 -> "-1";
                    case 3 -> Integer.toString(random.nextInt(16_300, 33_000));
                    case 4 -> "9223372036854775807";
                    case 5 -> Integer.toString(random.nextInt(1_000, 1_040));
                    default -> Integer.toString(random.nextInt(60));
                });
    }

    private byte[] bitOffset() {
        return bytes(
                switch (random.nextInt(20)) {
                    case 0 -> "-1";
                    case 1 -> "4294967296";
                    case 2 -> Integer.toString(random.nextInt(130_000, 300_000));
                    case 3 -> Integer.toString(random.nextInt(8_000, 8_400));
                    default -> Integer.toString(random.nextInt(300));
                });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
