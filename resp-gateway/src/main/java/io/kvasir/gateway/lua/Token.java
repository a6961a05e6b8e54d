package io.kvasir.gateway.lua;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The kinds of words of Lua's grammar. */
enum Token {
    AND("and"),
    BREAK("break"),
    DO("do"),
    ELSE("else"),
    ELSEIF("elseif"),
    END("end"),
    FALSE("false"),
    FOR("for"),
    FUNCTION("function"),
    IF("if"),
    IN("in"),
    LOCAL("local"),
    NIL("nil"),
    NOT("not"),
    OR("or"),
    REPEAT("repeat"),
    RETURN("return"),
    THEN("then"),
    TRUE("true"),
    UNTIL("until"),
    WHILE("while"),
    CONCAT(".."),
    DOTS("..."),
    EQUAL("=="),
    GREATER_OR_EQUAL(">="),
    LESS_OR_EQUAL("<="),
    NOT_EQUAL("~="),
    PLUS("+"),
    MINUS("-"),
    TIMES("*"),
    DIVIDE("/"),
    MODULO("%"),
    POWER("^"),
    LENGTH("#"),
    LESS("<"),
    GREATER(">"),
    ASSIGN("="),
    OPEN_PAREN("("),
    CLOSE_PAREN(")"),
    OPEN_BRACE("{"),
    CLOSE_BRACE("}"),
    OPEN_BRACKET("["),
    CLOSE_BRACKET("]"),
    SEMICOLON(";"),
    COLON(":"),
    COMMA(","),
    DOT("."),
    NUMBER("<number>"),
    NAME("<name>"),
    STRING("<string>"),
    END_OF_FILE("<eof>"),
    /** A character that starts no word. */
    OTHER("");

    private static final Map<String, Token> KEYWORDS = Arrays.stream(values())
            .filter(token -> token.compareTo(WHILE) <= 0)
            .collect(Collectors.toUnmodifiableMap(token -> token.text, Function.identity()));

    final String text;

    Token(String text) {
        this.text = text;
    }

    /** Returns the keyword {@code word}, or {@link #NAME}. */
    static Token ofWord(String word) {
        return KEYWORDS.getOrDefault(word, NAME);
    }
}
