package io.kvasir.gateway.lua;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Splits a chunk into words (lua 5.1 llex.c), one ahead. Confined to its parser. */
final class Lexer {

    private static final int END = -1;

    private final byte[] source;
    private final String chunk;
    private int at;
    private int tokenStart;
    private int line = 1;

    private Token token = Token.END_OF_FILE;
    private LuaString text = LuaString.EMPTY;
    private double number;
    private int tokenLine = 1;
    private int lastLine = 1;

    private boolean peeked;
    private Token nextToken = Token.END_OF_FILE;
    private LuaString nextText = LuaString.EMPTY;
    private double nextNumber;
    private int nextLine;
    private int nextStart;
    private int nextEnd;
    private int tokenEnd;

    Lexer(LuaString source, String chunk) {
        this.source = source.bytes;
        this.chunk = chunk;
        advance();
        lastLine = 1;
    }

    String chunk() {
        return chunk;
    }

    Token token() {
        return token;
    }

    /** Returns the name or the content of the string that the current word is. */
    LuaString text() {
        return text;
    }

    double number() {
        return number;
    }

    /** Returns the line of the current word's end. */
    int line() {
        return tokenLine;
    }

    /** Returns the line of the word before. */
    int lastLine() {
        return lastLine;
    }

    /** Goes on to the next word. */
    void advance() {
        lastLine = tokenLine;
        if (peeked) {
            peeked = false;
            token = nextToken;
            text = nextText;
            number = nextNumber;
            tokenLine = nextLine;
            tokenStart = nextStart;
            tokenEnd = nextEnd;
            return;
        }
        token = scan();
        tokenLine = line;
        tokenEnd = at;
    }

    /** Returns the word after the current one. */
    Token lookAhead() {
        if (!peeked) {
            Token keptToken = token;
            LuaString keptText = text;
            double keptNumber = number;
            int keptStart = tokenStart;
            nextToken = scan();
            nextText = text;
            nextNumber = number;
            nextLine = line;
            nextStart = tokenStart;
            nextEnd = at;
            peeked = true;
            token = keptToken;
            text = keptText;
            number = keptNumber;
            tokenStart = keptStart;
        }
        return nextToken;
    }

    /** Returns the error {@code message} at the current word. */
    LuaError errorNear(String message) {
        return error(message, token == Token.END_OF_FILE ? "<eof>" : raw(tokenStart, tokenEnd), tokenLine);
    }

    LuaError error(String message) {
        return LuaError.ofValue(LuaString.of(chunk + ":" + tokenLine + ": " + message));
    }

    private LuaError error(String message, String near, int atLine) {
        return LuaError.ofValue(LuaString.of(chunk + ":" + atLine + ": " + message + " near '" + near + "'"));
    }

    private LuaError errorFrom(String message, int from) {
        return error(message, raw(from, at), line);
    }

    private String raw(int from, int to) {
        if (to - from == 1 && source[from] >= 0 && source[from] < 32) {
            return "char(" + source[from] + ")";
        }
        return new String(source, from, to - from, StandardCharsets.UTF_8);
    }

    private int peek() {
        return at < source.length ? source[at] & 0xff : END;
    }

    private int peekAfter() {
        return at + 1 < source.length ? source[at + 1] & 0xff : END;
    }

    private static boolean isNewline(int c) {
        return c == '\n' || c == '\r';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNamePart(int c) {
        return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private void newline() {
        int first = source[at++];
        if (at < source.length && isNewline(source[at]) && source[at] != first) {
            at++;
        }
        line++;
    }

    private Token scan() {
        while (true) {
            tokenStart = at;
            int c = peek();
            if (c == END) {
                return Token.END_OF_FILE;
            }
            if (isNewline(c)) {
                newline();
            } else if (Numbers.isSpace(c)) {
                at++;
            } else if (c == '-' && peekAfter() == '-') {
                comment();
            } else if (isDigit(c) || c == '.' && isDigit(peekAfter())) {
                return numeral();
            } else if (isNamePart(c)) {
                while (isNamePart(peek())) {
                    at++;
                }
                text = LuaString.of(Arrays.copyOfRange(source, tokenStart, at));
                return Token.ofWord(text.toString());
            } else if (c == '"' || c == '\'') {
                return quoted(c);
            } else if (c == '[') {
                int level = longBracket();
                if (level >= 0) {
                    text = longText(level, "string");
                    return Token.STRING;
                }
                if (level < -1) {
                    throw errorFrom("invalid long string delimiter", tokenStart);
                }
                at = tokenStart + 1;
                return Token.OPEN_BRACKET;
            } else {
                return symbol(c);
            }
        }
    }

    private Token symbol(int c) {
        at++;
        return switch (c) {
            case '=' -> follows('=') ? Token.EQUAL : Token.ASSIGN;
            case '<' -> follows('=') ? Token.LESS_OR_EQUAL : Token.LESS;
            case '>' -> follows('=') ? Token.GREATER_OR_EQUAL : Token.GREATER;
            case '~' -> follows('=') ? Token.NOT_EQUAL : Token.OTHER;
            case '.' -> follows('.') ? follows('.') ? Token.DOTS : Token.CONCAT : Token.DOT;
            case '+' -> Token.PLUS;
            case '-' -> Token.MINUS;
            case '*' -> Token.TIMES;
            case '/' -> Token.DIVIDE;
            case '%' -> Token.MODULO;
            case '^' -> Token.POWER;
            case '#' -> Token.LENGTH;
            case '(' -> Token.OPEN_PAREN;
            case ')' -> Token.CLOSE_PAREN;
            case '{' -> Token.OPEN_BRACE;
            case '}' -> Token.CLOSE_BRACE;
            case ']' -> Token.CLOSE_BRACKET;
            case ';' -> Token.SEMICOLON;
            case ':' -> Token.COLON;
            case ',' -> Token.COMMA;
            default -> Token.OTHER;
        };
    }

    private boolean follows(int c) {
        if (peek() == c) {
            at++;
            return true;
        }
        return false;
    }

    private void comment() {
        at += 2;
        if (peek() == '[') {
            int start = at;
            int level = longBracket();
            if (level >= 0) {
                longText(level, "comment");
                return;
            }
            at = start;
        }
        while (peek() != END && !isNewline(peek())) {
            at++;
        }
    }

    /** Reads {@code [=*[} and returns its level; -1 for a lone bracket, below for brackets that do not match. */
    private int longBracket() {
        at++;
        int level = 0;
        while (peek() == '=') {
            at++;
            level++;
        }
        if (peek() == '[') {
            at++;
            return level;
        }
        return -level - 1;
    }

    private LuaString longText(int level, String what) {
        if (isNewline(peek())) {
            newline();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (true) {
            int c = peek();
            if (c == END) {
                throw error("unfinished long " + what, "<eof>", line);
            }
            if (c == ']' && closes(level)) {
                return LuaString.of(out.toByteArray());
            }
            if (isNewline(c)) {
                newline();
                out.write('\n');
            } else {
                if (level == 0 && c == '[' && peekAfter() == '[') {
                    throw error("nesting of [[...]] is deprecated", "[", line);
                }
                out.write(c);
                at++;
            }
        }
    }

    private boolean closes(int level) {
        int end = at + 1;
        for (int i = 0; i < level; i++) {
            if (end >= source.length || source[end] != '=') {
                return false;
            }
            end++;
        }
        if (end >= source.length || source[end] != ']') {
            return false;
        }
        at = end + 1;
        return true;
    }

    private Token numeral() {
        while (isDigit(peek()) || peek() == '.') {
            at++;
        }
        if ((peek() | 0x20) == 'e') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
        }
        while (isNamePart(peek())) {
            at++;
        }
        Double value = Numbers.parse(new String(source, tokenStart, at - tokenStart, StandardCharsets.ISO_8859_1));
        if (value == null) {
            throw errorFrom("malformed number", tokenStart);
        }
        number = value;
        return Token.NUMBER;
    }

    private Token quoted(int quote) {
        at++;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (true) {
            int c = peek();
            if (c == END) {
                throw error("unfinished string", "<eof>", line);
            }
            if (isNewline(c)) {
                throw errorFrom("unfinished string", tokenStart);
            }
            at++;
            if (c == quote) {
                text = LuaString.of(out.toByteArray());
                return Token.STRING;
            }
            if (c == '\\') {
                escape(out);
            } else {
                out.write(c);
            }
        }
    }

    private void escape(ByteArrayOutputStream out) {
        int c = peek();
        if (c == END) {
            return;
        }
        if (isNewline(c)) {
            newline();
            out.write('\n');
            return;
        }
        if (!isDigit(c)) {
            at++;
            out.write(
                    switch (c) {
                        case 'a' -> 7;
                        case 'b' -> '\b';
                        case 'f' -> '\f';
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 't' -> '\t';
                        case 'v' -> 11;
                        default -> c;
                    });
            return;
        }
        int value = 0;
        for (int i = 0; i < 3 && isDigit(peek()); i++) {
            value = value * 10 + peek() - '0';
            at++;
        }
        if (value > 255) {
            throw error(
                    "escape sequence too large",
                    (char) source[tokenStart] + out.toString(StandardCharsets.UTF_8),
                    line);
        }
        out.write(value);
    }
}
