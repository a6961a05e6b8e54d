package io.kvasir.gateway.lua;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads JSON as lua-cjson does: liberal with numbers, exact about where it stopped. Used once. */
final class JsonDecoder {

    private enum Kind {
        T_OBJ_BEGIN,
        T_OBJ_END,
        T_ARR_BEGIN,
        T_ARR_END,
        T_STRING,
        T_NUMBER,
        T_BOOLEAN,
        T_NULL,
        T_COLON,
        T_COMMA,
        T_END,
        T_ERROR
    }

    private final Lua lua;
    private final JsonLibrary.Settings settings;
    private final byte[] text;
    private int at;
    private int depth;

    private Kind kind = Kind.T_END;
    private int start;
    private @Nullable Object value;
    private String fault = "";

    JsonDecoder(Lua lua, JsonLibrary.Settings settings, LuaString text) {
        this.lua = lua;
        this.settings = settings;
        this.text = text.bytes;
    }

    @Nullable
    Object decode() {
        if (text.length >= 2 && (text[0] == 0 || text[1] == 0)) {
            throw new LuaError("JSON parser does not support UTF-16 or UTF-32");
        }
        next();
        Object decoded = value();
        next();
        if (kind != Kind.T_END) {
            throw expected("the end");
        }
        return decoded;
    }

    private LuaError expected(String what) {
        String found = kind == Kind.T_ERROR ? fault : kind.name();
        return new LuaError("Expected " + what + " but found " + found + " at character " + (start + 1));
    }

    private @Nullable Object value() {
        return switch (kind) {
            case T_STRING, T_NUMBER, T_BOOLEAN -> value;
            case T_NULL -> LightUserdata.NULL;
            case T_OBJ_BEGIN -> object();
            case T_ARR_BEGIN -> array();
            default -> throw expected("value");
        };
    }

    private void descend() {
        if (++depth > settings.decodeDepthMax) {
            throw new LuaError("Found too many nested data structures (" + depth + ") at character " + at);
        }
        lua.allocated(64);
    }

    private LuaTable object() {
        descend();
        LuaTable table = new LuaTable();
        next();
        if (kind == Kind.T_OBJ_END) {
            depth--;
            return table;
        }
        while (true) {
            if (kind != Kind.T_STRING || value == null) {
                throw expected("object key string");
            }
            Object key = value;
            next();
            if (kind != Kind.T_COLON) {
                throw expected("colon");
            }
            next();
            table.set(key, value());
            lua.allocated(32);
            next();
            if (kind == Kind.T_OBJ_END) {
                depth--;
                return table;
            }
            if (kind != Kind.T_COMMA) {
                throw expected("comma or object end");
            }
            next();
        }
    }

    private LuaTable array() {
        descend();
        LuaTable table = new LuaTable();
        next();
        if (kind == Kind.T_ARR_END) {
            depth--;
            return table;
        }
        for (int i = 1; ; i++) {
            table.put(i, value());
            lua.allocated(16);
            next();
            if (kind == Kind.T_ARR_END) {
                depth--;
                return table;
            }
            if (kind != Kind.T_COMMA) {
                throw expected("comma or array end");
            }
            next();
        }
    }

    private void next() {
        while (at < text.length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) {
            at++;
        }
        start = at;
        value = null;
        if (at >= text.length) {
            kind = Kind.T_END;
            return;
        }
        switch (text[at]) {
            case '{' -> symbol(Kind.T_OBJ_BEGIN);
            case '}' -> symbol(Kind.T_OBJ_END);
            case '[' -> symbol(Kind.T_ARR_BEGIN);
            case ']' -> symbol(Kind.T_ARR_END);
            case ',' -> symbol(Kind.T_COMMA);
            case ':' -> symbol(Kind.T_COLON);
            case '"' -> string();
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> {
                if (!settings.decodeInvalid && isInvalidNumber()) {
                    fail("invalid number");
                } else {
                    number();
                }
            }
            default -> word();
        }
    }

    private void symbol(Kind symbol) {
        kind = symbol;
        at++;
    }

    private void fail(String reason) {
        kind = Kind.T_ERROR;
        fault = reason;
    }

    private boolean starts(String word) {
        if (text.length - at < word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (text[at + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void word() {
        if (starts("true")) {
            kind = Kind.T_BOOLEAN;
            value = true;
            at += 4;
        } else if (starts("false")) {
            kind = Kind.T_BOOLEAN;
            value = false;
            at += 5;
        } else if (starts("null")) {
            kind = Kind.T_NULL;
            at += 4;
        } else if (settings.decodeInvalid && isInvalidNumber()) {
            number();
        } else {
            fail("invalid token");
        }
    }

    /** Returns whether strtod would take what JSON does not allow: infinite, not a number, hexadecimal, extra zeros. */
    private boolean isInvalidNumber() {
        int p = at;
        if (text[p] == '+') {
            return true;
        }
        if (text[p] == '-') {
            p++;
        }
        if (p >= text.length) {
            return false;
        }
        if (text[p] == '0') {
            int after = p + 1 < text.length ? text[p + 1] : 0;
            return (after | 0x20) == 'x' || after >= '0' && after <= '9';
        }
        if (text[p] > '0' && text[p] <= '9') {
            return false;
        }
        String rest = new String(text, p, Math.min(3, text.length - p), StandardCharsets.ISO_8859_1);
        return rest.equalsIgnoreCase("inf") || rest.equalsIgnoreCase("nan");
    }

    private void number() {
        int end = at;
        while (end < text.length && isNumberPart(text[end])) {
            end++;
        }
        for (int to = end; to > at; to--) {
            Double number = Numbers.parse(new String(text, at, to - at, StandardCharsets.ISO_8859_1));
            if (number != null) {
                kind = Kind.T_NUMBER;
                value = number;
                at = to;
                return;
            }
        }
        fail("invalid number");
    }

    private static boolean isNumberPart(byte c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '+' || c == '-';
    }

    private void string() {
        ByteString out = new ByteString(lua);
        int p = at + 1;
        while (true) {
            if (p >= text.length) {
                start = p;
                fail("unexpected end of string");
                return;
            }
            byte c = text[p];
            if (c == '"') {
                break;
            }
            if (c != '\\') {
                out.add(c);
                p++;
                continue;
            }
            int escape = p + 1 < text.length ? text[p + 1] : 0;
            if (escape == 'u') {
                int used = unicode(out, p);
                if (used == 0) {
                    start = p;
                    fail("invalid unicode escape code");
                    return;
                }
                p += used;
                continue;
            }
            int plain = escaped(escape);
            if (plain < 0) {
                start = p;
                fail("invalid escape code");
                return;
            }
            out.add(plain);
            p += 2;
        }
        at = p + 1;
        kind = Kind.T_STRING;
        value = out.toLua();
    }

    private static int escaped(int c) {
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> -1;
        };
    }

    /** Adds the character of an escape at {@code p} as UTF-8; returns how many bytes it took, 0 if it is invalid. */
    private int unicode(ByteString out, int p) {
        int first = hex4(p + 2);
        if (first < 0) {
            return 0;
        }
        if ((first & 0xF800) != 0xD800) {
            utf8(out, first);
            return 6;
        }
        if ((first & 0x0400) != 0 || p + 7 >= text.length || text[p + 6] != '\\' || text[p + 7] != 'u') {
            return 0;
        }
        int second = hex4(p + 8);
        if (second < 0 || (second & 0xFC00) != 0xDC00) {
            return 0;
        }
        utf8(out, ((first & 0x3FF) << 10 | second & 0x3FF) + 0x10000);
        return 12;
    }

    private int hex4(int from) {
        if (from + 4 > text.length) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = text[i] < 0 ? -1 : Character.digit(text[i], 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static void utf8(ByteString out, int point) {
        if (point < 0x80) {
            out.add(point);
        } else if (point < 0x800) {
            out.add(0xC0 | point >> 6).add(0x80 | point & 0x3F);
        } else if (point < 0x10000) {
            out.add(0xE0 | point >> 12).add(0x80 | point >> 6 & 0x3F).add(0x80 | point & 0x3F);
        } else {
            out.add(0xF0 | point >> 18)
                    .add(0x80 | point >> 12 & 0x3F)
                    .add(0x80 | point >> 6 & 0x3F)
                    .add(0x80 | point & 0x3F);
        }
    }
}
