package io.kvasir.gateway.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One command as its words, the name first. Text stands for bytes as in ISO 8859-1, so that any byte can be written.
 *
 * @param list never empty
 */
public record Words(List<byte[]> list) {

    public Words {
        list = List.copyOf(list);
        if (list.isEmpty()) {
            throw new IllegalArgumentException("a command has a name");
        }
    }

    /** Returns the command written as {@code line}, whose words are separated by single spaces. */
    public static Words of(String line) {
        return of(line.split(" "));
    }

    public static Words of(String... words) {
        List<byte[]> list = new ArrayList<>();
        for (String word : words) {
            list.add(bytes(word));
        }
        return new Words(list);
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    public static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Returns the command's name in upper case. */
    public String name() {
        return text(0).toUpperCase(Locale.ROOT);
    }

    public int size() {
        return list.size();
    }

    public byte[] get(int index) {
        return list.get(index);
    }

    public String text(int index) {
        return text(list.get(index));
    }

    /** Returns whether word {@code index} or a later one is {@code option}, in any case. */
    public boolean has(String option, int index) {
        for (int i = index; i < list.size(); i++) {
            if (text(i).equalsIgnoreCase(option)) {
                return true;
            }
        }
        return false;
    }

    /** Returns this with word {@code index} in the place of the present one. */
    public Words with(int index, byte[] word) {
        List<byte[]> words = new ArrayList<>(list);
        words.set(index, word);
        return new Words(words);
    }

    /** Returns this with {@code word} at its end. */
    public Words append(byte[] word) {
        List<byte[]> words = new ArrayList<>(list);
        words.add(word);
        return new Words(words);
    }

    /** Returns this without word {@code index}. */
    public Words without(int index) {
        List<byte[]> words = new ArrayList<>(list);
        words.remove(index);
        return new Words(words);
    }

    /** Returns the command as redis-cli would take it. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        for (byte[] word : list) {
            if (!line.isEmpty()) {
                line.append(' ');
            }
            quote(line, word);
        }
        return line.toString();
    }

    private static void quote(StringBuilder line, byte[] word) {
        boolean plain = word.length > 0;
        for (byte b : word) {
            plain &= b > ' ' && b < 127 && b != '"' && b != '\\' && b != '\'';
        }
        if (plain) {
            line.append(text(word));
            return;
        }
        line.append('"');
        for (byte b : word) {
            if (b == '"' || b == '\\') {
                line.append('\\').append((char) b);
            } else if (b >= ' ' && b < 127) {
                line.append((char) b);
            } else {
                line.append(String.format("\\x%02x", b & 0xFF));
            }
        }
        line.append('"');
    }
}
