package io.kvasir.proto.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads {@link Json} from text. Used once, by one thread. */
final class JsonReader {

    static final int DEPTH_MAX = 32;

    private static final int HEX_DIGITS = 4;

    private final String text;
    private int at;
    private int depth;

    JsonReader(String text) {
        this.text = text;
    }

    Json whole() {
        Json value = value();
        skipBlanks();
        if (at != text.length()) {
            throw malformed();
        }
        return value;
    }

    private Json value() {
        skipBlanks();
        if (at == text.length()) {
            throw malformed();
        }
        return switch (text.charAt(at)) {
            case '{' -> members();
            case '[' -> elements();
            case '"' -> new Json.Text(string());
            case 't' -> word("true", new Json.Truth(true));
            case 'f' -> word("false", new Json.Truth(false));
            case 'n' -> word("null", new Json.Nothing());
            default -> number();
        };
    }

    private Json members() {
        Map<String, Json> values = new LinkedHashMap<>();
        open();
        while (more('}', values.isEmpty())) {
            skipBlanks();
            String name = string();
            skipBlanks();
            require(':');
            values.put(name, value());
        }
        return new Json.Members(values);
    }

    private Json elements() {
        List<Json> values = new ArrayList<>();
        open();
        while (more(']', values.isEmpty())) {
            values.add(value());
        }
        return new Json.Elements(values);
    }

    private void open() {
        at++;
        if (++depth > DEPTH_MAX) {
            throw malformed();
        }
    }

    /** Returns whether another value follows: the first one, or one after a comma. */
    private boolean more(char end, boolean first) {
        skipBlanks();
        if (at < text.length() && text.charAt(at) == end) {
            at++;
            depth--;
            return false;
        }
        if (!first) {
            require(',');
        }
        return true;
    }

    private String string() {
        require('"');
        StringBuilder out = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            out.append(c == '\\' ? escaped() : c);
        }
        require('"');
        return out.toString();
    }

    private char escaped() {
        if (at == text.length()) {
            throw malformed();
        }
        char c = text.charAt(at++);
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case '"', '\\', '/' -> c;
            case 'u' -> hex();
            default -> throw malformed();
        };
    }

    private char hex() {
        if (at + HEX_DIGITS > text.length()) {
            throw malformed();
        }
        at += HEX_DIGITS;
        try {
            return (char) Integer.parseInt(text.substring(at - HEX_DIGITS, at), 16);
        } catch (NumberFormatException wrong) {
            throw malformed();
        }
    }

    private Json word(String word, Json value) {
        if (!text.startsWith(word, at)) {
            throw malformed();
        }
        at += word.length();
        return value;
    }

    private Json number() {
        int from = at;
        while (at < text.length() && (text.charAt(at) == '-' || Character.isDigit(text.charAt(at)))) {
            at++;
        }
        try {
            return new Json.Whole(Long.parseLong(text.substring(from, at)));
        } catch (NumberFormatException wrong) {
            throw malformed();
        }
    }

    private void require(char c) {
        if (at == text.length() || text.charAt(at) != c) {
            throw malformed();
        }
        at++;
    }

    private void skipBlanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException malformed() {
        return new IllegalArgumentException("malformed JSON at character " + at);
    }
}
