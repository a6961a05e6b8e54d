package io.kvasir.tools.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the part of TOML 1.0 that a configuration needs: comments, {@code [table]} headers, bare, quoted and dotted
 * keys, and values that are strings on one line, integers, booleans and arrays of those. Everything else is refused
 * with its line, never skipped.
 *
 * <p>Confined to the thread that calls {@link #parse}.
 */
final class TomlText {

    /** A configuration is a page of text; more is a wrong file. */
    static final int LENGTH_MAX = 1 << 20;

    private final String origin;
    private final String text;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private int at;
    private int line = 1;

    private TomlText(String origin, String text) {
        this.origin = origin;
        this.text = text;
    }

    /** A value ({@link String}, {@link Long}, {@link Boolean} or {@link List} of those) and the line it stands on. */
    record Entry(Object value, int line) {}

    /**
     * Returns the values of {@code text} by their full dotted key, in the order written.
     *
     * @param origin what to call the text in errors, normally its file name
     * @throws ConfigException if the text is not in the part of TOML described above, or a key is given twice
     */
    static Map<String, Entry> parse(String origin, String text) {
        if (text.length() > LENGTH_MAX) {
            throw new ConfigException(origin + ": " + text.length()
                    + " characters are too many for a configuration (at most " + LENGTH_MAX + ")");
        }
        TomlText reader = new TomlText(origin, text.replace("\r\n", "\n"));
        reader.document();
        return reader.entries;
    }

    /** Returns {@code value} as a TOML string. */
    static String quote(String value) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : value.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    private void document() {
        String table = "";
        while (true) {
            blanks(true);
            if (at == text.length()) {
                return;
            }
            if (peek() == '[') {
                at++;
                if (peek() == '[') {
                    throw error("arrays of tables are not used here");
                }
                blanks(false);
                table = dottedKey() + ".";
                expect(']');
            } else {
                int keyLine = line;
                String key = table + dottedKey();
                expect('=');
                blanks(false);
                if (entries.putIfAbsent(key, new Entry(value(), keyLine)) != null) {
                    throw error(key + " is given twice");
                }
            }
            endOfLine();
        }
    }

    private String dottedKey() {
        StringBuilder key = new StringBuilder(keyPart());
        blanks(false);
        while (peek() == '.') {
            at++;
            blanks(false);
            key.append('.').append(keyPart());
            blanks(false);
        }
        return key.toString();
    }

    private String keyPart() {
        if (peek() == '"' || peek() == '\'') {
            return string();
        }
        int start = at;
        while (at < text.length() && isBare(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw error("a key was expected");
        }
        return text.substring(start, at);
    }

    private static boolean isBare(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-';
    }

    private Object value() {
        char c = peek();
        if (c == '"' || c == '\'') {
            return string();
        }
        if (c == '[') {
            return array();
        }
        int start = at;
        while (at < text.length() && (isBare(text.charAt(at)) || text.charAt(at) == '+' || text.charAt(at) == '.')) {
            at++;
        }
        String word = text.substring(start, at);
        if (word.equals("true") || word.equals("false")) {
            return Boolean.valueOf(word);
        }
        if (!word.matches("[+-]?(0|[1-9](_?[0-9])*)")) {
            throw error(
                    word.isEmpty()
                            ? "a value was expected"
                            : word + " is neither an integer nor true or false; text stands in quotes");
        }
        try {
            return Long.valueOf(word.replace("_", ""));
        } catch (NumberFormatException tooLarge) {
            throw error(word + " does not fit 64 bits");
        }
    }

    private List<Object> array() {
        List<Object> values = new ArrayList<>();
        at++;
        while (true) {
            blanks(true);
            if (peek() == ']') {
                at++;
                return List.copyOf(values);
            }
            values.add(value());
            blanks(true);
            if (peek() == ',') {
                at++;
            } else if (peek() != ']') {
                throw error("a comma or ] was expected in an array");
            }
        }
    }

    private String string() {
        char quote = text.charAt(at++);
        if (text.startsWith("" + quote + quote, at)) {
            throw error("strings over several lines are not used here");
        }
        StringBuilder out = new StringBuilder();
        while (peek() != quote) {
            char c = peek();
            if (c == '\n' || c == 0) {
                throw error("a string is not closed");
            }
            at++;
            out.append(c == '\\' && quote == '"' ? escape() : String.valueOf(c));
        }
        at++;
        return out.toString();
    }

    private String escape() {
        char c = peek();
        at++;
        return switch (c) {
            case 'b' -> "\b";
            case 't' -> "\t";
            case 'n' -> "\n";
            case 'f' -> "\f";
            case 'r' -> "\r";
            case '"' -> "\"";
            case '\\' -> "\\";
            case 'u' -> codePoint(4);
            case 'U' -> codePoint(8);
            default -> throw error("\\" + c + " is not an escape of TOML");
        };
    }

    private String codePoint(int digits) {
        String hex = text.substring(at, Math.min(text.length(), at + digits));
        if (!hex.matches("[0-9a-fA-F]{" + digits + "}") || !Character.isValidCodePoint((int) Long.parseLong(hex, 16))) {
            throw error("an escape needs " + digits + " hexadecimal digits of a character");
        }
        at += digits;
        return Character.toString(Integer.parseInt(hex, 16));
    }

    /** Skips blanks and comments, and with {@code lines} also line ends. */
    private void blanks(boolean lines) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                while (at < text.length() && text.charAt(at) != '\n') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || lines && c == '\n') {
                if (c == '\n') {
                    line++;
                }
                at++;
            } else {
                return;
            }
        }
    }

    private void endOfLine() {
        blanks(false);
        if (at < text.length() && peek() != '\n') {
            throw error("nothing may follow on this line");
        }
    }

    private void expect(char wanted) {
        blanks(false);
        if (peek() != wanted) {
            throw error("'" + wanted + "' was expected");
        }
        at++;
    }

    /** The character at the reader, 0 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private ConfigException error(String what) {
        return new ConfigException(origin + ":" + line + ": " + what);
    }
}
