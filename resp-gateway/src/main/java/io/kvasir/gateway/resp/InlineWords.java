package io.kvasir.gateway.resp;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a line as redis sdssplitargs does: words between white space, double quotes with escapes, single quotes.
 * Stateless.
 */
public final class InlineWords {

    private InlineWords() {}

    /** Returns the words of {@code line} from {@code from} to {@code to}, or null if its quotes are not balanced. */
    public static byte @Nullable [][] split(byte[] line, int from, int to) {
        List<byte[]> words = new ArrayList<>();
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        int at = from;
        while (true) {
            while (at < to && isSpace(line[at])) {
                at++;
            }
            if (at == to) {
                return words.toArray(byte[][]::new);
            }
            word.reset();
            while (at < to && !isSpace(line[at])) {
                byte c = line[at];
                if (c != '"' && c != '\'') {
                    word.write(c);
                    at++;
                    continue;
                }
                at = c == '"' ? doubleQuoted(line, at + 1, to, word) : singleQuoted(line, at + 1, to, word);
                if (at < 0 || at < to && !isSpace(line[at])) {
                    return null;
                }
            }
            words.add(word.toByteArray());
        }
    }

    /** Returns where reading goes on after the closing quote, -1 if there is none. */
    private static int doubleQuoted(byte[] line, int from, int to, ByteArrayOutputStream word) {
        int at = from;
        while (at < to) {
            byte c = line[at];
            if (c == '"') {
                return at + 1;
            }
            if (c != '\\' || at + 1 == to) {
                word.write(c);
                at++;
            } else if (at + 3 < to && line[at + 1] == 'x' && hex(line[at + 2]) >= 0 && hex(line[at + 3]) >= 0) {
                word.write(hex(line[at + 2]) << 4 | hex(line[at + 3]));
                at += 4;
            } else {
                word.write(unescaped(line[at + 1]));
                at += 2;
            }
        }
        return -1;
    }

    private static int singleQuoted(byte[] line, int from, int to, ByteArrayOutputStream word) {
        int at = from;
        while (at < to) {
            byte c = line[at];
            if (c == '\'') {
                return at + 1;
            }
            if (c == '\\' && at + 1 < to && line[at + 1] == '\'') {
                at++;
                c = '\'';
            }
            word.write(c);
            at++;
        }
        return -1;
    }

    private static int unescaped(byte c) {
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> c;
        };
    }

    private static int hex(byte c) {
        return Character.digit(c, 16);
    }

    private static boolean isSpace(byte c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }
}
