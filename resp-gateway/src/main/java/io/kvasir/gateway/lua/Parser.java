package io.kvasir.gateway.lua;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Parses a chunk (lua 5.1 lparser.c). Used once.
 *
 * <p>This file is long because a recursive descent is one set of methods that call each other.
 */
final class Parser {

    private static final int LEVELS_MAX = 200;

    private static final int UNARY_PRIORITY = 8;

    private final Lexer lexer;
    private Scope scope = new Scope(null, true, 0);
    private int levels;

    Parser(LuaString source, String chunk) {
        this.lexer = new Lexer(source, chunk);
    }

    /** Returns the chunk as a function of variable arguments. */
    Prototype parse() {
        Prototype main = new Prototype(lexer.chunk(), new LocalVariable[0], true);
        main.body = block();
        if (lexer.token() != Token.END_OF_FILE) {
            throw lexer.errorNear("'<eof>' expected");
        }
        main.slots = scope.slots();
        return main;
    }

    private boolean endsBlock() {
        return switch (lexer.token()) {
            case ELSE, ELSEIF, END, END_OF_FILE, UNTIL -> true;
            default -> false;
        };
    }

    private Statement[] block() {
        int mark = scope.mark();
        Statement[] statements = openBlock();
        scope.hideFrom(mark);
        return statements;
    }

    /** Parses statements and leaves their locals visible. */
    private Statement[] openBlock() {
        enterLevel();
        List<Statement> statements = new ArrayList<>();
        boolean last = false;
        while (!last && !endsBlock()) {
            last = lexer.token() == Token.RETURN || lexer.token() == Token.BREAK;
            statements.add(statement());
            accept(Token.SEMICOLON);
        }
        levels--;
        return statements.toArray(Statement[]::new);
    }

    private void enterLevel() {
        if (++levels > LEVELS_MAX) {
            throw lexer.error("chunk has too many syntax levels");
        }
    }

    private Statement statement() {
        int line = lexer.line();
        return switch (lexer.token()) {
            case IF -> ifStatement(line);
            case WHILE -> whileStatement(line);
            case DO -> {
                lexer.advance();
                Statement[] body = block();
                close(Token.END, Token.DO, line);
                yield new Statement.Block(body);
            }
            case FOR -> forStatement(line);
            case REPEAT -> repeatStatement(line);
            case FUNCTION -> functionStatement(line);
            case LOCAL -> {
                lexer.advance();
                yield accept(Token.FUNCTION) ? localFunction() : local();
            }
            case RETURN -> {
                lexer.advance();
                Expression[] values = endsBlock() || lexer.token() == Token.SEMICOLON ? new Expression[0] : list();
                yield new Statement.Return(values);
            }
            case BREAK -> {
                lexer.advance();
                if (scope.loops == 0) {
                    throw lexer.errorNear("no loop to break");
                }
                yield new Statement.Break();
            }
            default -> expressionStatement();
        };
    }

    private Statement ifStatement(int line) {
        List<Expression> conditions = new ArrayList<>();
        List<Statement[]> blocks = new ArrayList<>();
        do {
            lexer.advance();
            conditions.add(expression());
            expect(Token.THEN);
            blocks.add(block());
        } while (lexer.token() == Token.ELSEIF);
        if (accept(Token.ELSE)) {
            conditions.add(new Expression.Constant(true));
            blocks.add(block());
        }
        close(Token.END, Token.IF, line);
        return new Statement.If(conditions.toArray(Expression[]::new), blocks.toArray(Statement[][]::new));
    }

    private Statement whileStatement(int line) {
        lexer.advance();
        Expression condition = expression();
        expect(Token.DO);
        Statement[] body = loopBody();
        close(Token.END, Token.WHILE, line);
        return new Statement.While(condition, body);
    }

    private Statement[] loopBody() {
        scope.loops++;
        Statement[] body = block();
        scope.loops--;
        return body;
    }

    private Statement repeatStatement(int line) {
        lexer.advance();
        int mark = scope.mark();
        scope.loops++;
        Statement[] body = openBlock();
        scope.loops--;
        close(Token.UNTIL, Token.REPEAT, line);
        Expression until = expression();
        scope.hideFrom(mark);
        return new Statement.Repeat(body, until);
    }

    private Statement forStatement(int line) {
        lexer.advance();
        String first = name();
        return switch (lexer.token()) {
            case ASSIGN -> numericFor(first, line);
            case COMMA, IN -> genericFor(first, line);
            default -> throw lexer.errorNear("'=' or 'in' expected");
        };
    }

    private Statement numericFor(String name, int line) {
        lexer.advance();
        Expression from = expression();
        expect(Token.COMMA);
        Expression to = expression();
        Expression by = accept(Token.COMMA) ? expression() : null;
        expect(Token.DO);
        int mark = scope.mark();
        LocalVariable variable = scope.create(name, lexer, 0);
        scope.show(variable);
        Statement[] body = loopBody();
        scope.hideFrom(mark);
        close(Token.END, Token.FOR, line);
        return new Statement.NumericFor(variable, from, to, by, body, where(line));
    }

    private Statement genericFor(String first, int line) {
        List<String> names = new ArrayList<>(List.of(first));
        while (accept(Token.COMMA)) {
            names.add(name());
        }
        expect(Token.IN);
        int callLine = lexer.line();
        Expression[] values = list();
        expect(Token.DO);
        int mark = scope.mark();
        LocalVariable[] variables = declare(names);
        Statement[] body = loopBody();
        scope.hideFrom(mark);
        close(Token.END, Token.FOR, line);
        return new Statement.GenericFor(variables, values, body, where(callLine));
    }

    private LocalVariable[] declare(List<String> names) {
        LocalVariable[] variables = new LocalVariable[names.size()];
        for (int i = 0; i < variables.length; i++) {
            variables[i] = scope.create(names.get(i), lexer, i);
        }
        for (LocalVariable variable : variables) {
            scope.show(variable);
        }
        return variables;
    }

    private Statement functionStatement(int line) {
        lexer.advance();
        Expression.Target target = scope.resolve(name(), lexer, here());
        boolean method = false;
        while (!method && (lexer.token() == Token.DOT || lexer.token() == Token.COLON)) {
            method = lexer.token() == Token.COLON;
            lexer.advance();
            target = new Expression.Index(target, new Expression.Constant(LuaString.of(name())), here());
        }
        Expression function = functionBody(method, line);
        return new Statement.Assign(new Expression.Target[] {target}, new Expression[] {function});
    }

    private Statement localFunction() {
        LocalVariable variable = scope.create(name(), lexer, 0);
        scope.show(variable);
        return new Statement.DeclareFunction(variable, functionBody(false, lexer.line()));
    }

    private Statement local() {
        List<String> names = new ArrayList<>();
        do {
            names.add(name());
        } while (accept(Token.COMMA));
        Expression[] values = accept(Token.ASSIGN) ? list() : new Expression[0];
        return new Statement.Declare(declare(names), values);
    }

    private Statement expressionStatement() {
        Expression first = suffixed();
        if (first instanceof Expression.Call call) {
            return new Statement.Evaluate(call);
        }
        List<Expression.Target> targets = new ArrayList<>();
        targets.add(target(first));
        while (accept(Token.COMMA)) {
            targets.add(target(suffixed()));
        }
        expect(Token.ASSIGN);
        return new Statement.Assign(targets.toArray(Expression.Target[]::new), list());
    }

    private Expression.Target target(Expression expression) {
        if (expression instanceof Expression.Target target) {
            return target;
        }
        throw lexer.errorNear("syntax error");
    }

    private Expression[] list() {
        List<Expression> expressions = new ArrayList<>();
        do {
            expressions.add(expression());
        } while (accept(Token.COMMA));
        return expressions.toArray(Expression[]::new);
    }

    private Expression expression() {
        return expression(0);
    }

    /** Parses operators that bind tighter than {@code limit}. */
    private Expression expression(int limit) {
        enterLevel();
        Expression left = unary();
        Binary operator = Binary.of(lexer.token());
        while (operator != null && operator.left > limit) {
            lexer.advance();
            Expression right = expression(operator.right);
            left = combine(operator, left, right);
            operator = Binary.of(lexer.token());
        }
        levels--;
        return left;
    }

    private Expression unary() {
        return switch (lexer.token()) {
            case NOT -> {
                lexer.advance();
                yield new Expression.Not(expression(UNARY_PRIORITY));
            }
            case MINUS -> {
                lexer.advance();
                Expression operand = expression(UNARY_PRIORITY);
                yield operand instanceof Expression.Constant(Double number)
                        ? new Expression.Constant(-number)
                        : new Expression.Negate(operand, where(lexer.lastLine()));
            }
            case LENGTH -> {
                lexer.advance();
                Expression operand = expression(UNARY_PRIORITY);
                yield new Expression.Length(operand, where(lexer.lastLine()));
            }
            default -> simple();
        };
    }

    private Expression combine(Binary operator, Expression left, Expression right) {
        Where where = where(lexer.lastLine());
        return switch (operator) {
            case AND -> new Expression.And(left, right);
            case OR -> new Expression.Or(left, right);
            case CONCAT -> concat(left, right, where);
            case EQUAL -> new Expression.Comparison(Operators.Comparison.EQUAL, left, right, where);
            case NOT_EQUAL -> new Expression.Comparison(Operators.Comparison.NOT_EQUAL, left, right, where);
            case LESS -> new Expression.Comparison(Operators.Comparison.LESS, left, right, where);
            case LESS_OR_EQUAL -> new Expression.Comparison(Operators.Comparison.LESS_OR_EQUAL, left, right, where);
            case GREATER -> new Expression.Comparison(Operators.Comparison.GREATER, left, right, where);
            case GREATER_OR_EQUAL ->
                new Expression.Comparison(Operators.Comparison.GREATER_OR_EQUAL, left, right, where);
            case ADD -> new Expression.Arithmetic(Operators.Arithmetic.ADD, left, right, where);
            case SUBTRACT -> new Expression.Arithmetic(Operators.Arithmetic.SUBTRACT, left, right, where);
            case MULTIPLY -> new Expression.Arithmetic(Operators.Arithmetic.MULTIPLY, left, right, where);
            case DIVIDE -> new Expression.Arithmetic(Operators.Arithmetic.DIVIDE, left, right, where);
            case MODULO -> new Expression.Arithmetic(Operators.Arithmetic.MODULO, left, right, where);
            case POWER -> new Expression.Arithmetic(Operators.Arithmetic.POWER, left, right, where);
        };
    }

    private static Expression concat(Expression left, Expression right, Where where) {
        if (right instanceof Expression.Concat(Expression[] parts, Where _)) {
            Expression[] all = new Expression[parts.length + 1];
            all[0] = left;
            System.arraycopy(parts, 0, all, 1, parts.length);
            return new Expression.Concat(all, where);
        }
        return new Expression.Concat(new Expression[] {left, right}, where);
    }

    private Expression simple() {
        Expression constant =
                switch (lexer.token()) {
                    case NUMBER -> new Expression.Constant(lexer.number());
                    case STRING -> new Expression.Constant(lexer.text());
                    case NIL -> new Expression.Constant(null);
                    case TRUE -> new Expression.Constant(true);
                    case FALSE -> new Expression.Constant(false);
                    case DOTS -> {
                        if (!scope.vararg) {
                            throw lexer.errorNear("cannot use '...' outside a vararg function");
                        }
                        scope.usesDots = true;
                        yield new Expression.Varargs();
                    }
                    default -> null;
                };
        if (constant != null) {
            lexer.advance();
            return constant;
        }
        if (lexer.token() == Token.OPEN_BRACE) {
            return table();
        }
        if (lexer.token() == Token.FUNCTION) {
            int line = lexer.line();
            lexer.advance();
            return functionBody(false, line);
        }
        return suffixed();
    }

    private Expression suffixed() {
        Expression expression = primary();
        while (true) {
            switch (lexer.token()) {
                case DOT -> {
                    lexer.advance();
                    expression =
                            new Expression.Index(expression, new Expression.Constant(LuaString.of(name())), here());
                }
                case OPEN_BRACKET -> {
                    lexer.advance();
                    Expression key = expression();
                    expect(Token.CLOSE_BRACKET);
                    expression = new Expression.Index(expression, key, here());
                }
                case COLON -> {
                    lexer.advance();
                    LuaString method = LuaString.of(name());
                    int line = lexer.line();
                    expression = new Expression.Call(expression, method, callArguments(line), where(line));
                }
                case OPEN_PAREN, STRING, OPEN_BRACE -> {
                    int line = lexer.line();
                    expression = new Expression.Call(expression, null, callArguments(line), where(line));
                }
                default -> {
                    return expression;
                }
            }
        }
    }

    private Expression[] callArguments(int line) {
        return switch (lexer.token()) {
            case STRING -> {
                Expression text = new Expression.Constant(lexer.text());
                lexer.advance();
                yield new Expression[] {text};
            }
            case OPEN_BRACE -> new Expression[] {table()};
            case OPEN_PAREN -> {
                if (line != lexer.lastLine()) {
                    throw lexer.errorNear("ambiguous syntax (function call x new statement)");
                }
                lexer.advance();
                Expression[] arguments = lexer.token() == Token.CLOSE_PAREN ? new Expression[0] : list();
                close(Token.CLOSE_PAREN, Token.OPEN_PAREN, line);
                yield arguments;
            }
            default -> throw lexer.errorNear("function arguments expected");
        };
    }

    private Expression primary() {
        if (lexer.token() == Token.NAME) {
            String name = name();
            return scope.resolve(name, lexer, here());
        }
        if (lexer.token() == Token.OPEN_PAREN) {
            int line = lexer.line();
            lexer.advance();
            Expression inner = expression();
            close(Token.CLOSE_PAREN, Token.OPEN_PAREN, line);
            return new Expression.Single(inner);
        }
        throw lexer.errorNear("unexpected symbol");
    }

    private Expression table() {
        int line = lexer.line();
        expect(Token.OPEN_BRACE);
        List<Expression> positional = new ArrayList<>();
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (lexer.token() != Token.CLOSE_BRACE) {
            if (lexer.token() == Token.NAME && lexer.lookAhead() == Token.ASSIGN) {
                keys.add(new Expression.Constant(LuaString.of(name())));
                expect(Token.ASSIGN);
                values.add(expression());
            } else if (accept(Token.OPEN_BRACKET)) {
                keys.add(expression());
                expect(Token.CLOSE_BRACKET);
                expect(Token.ASSIGN);
                values.add(expression());
            } else {
                positional.add(expression());
            }
            if (!accept(Token.COMMA) && !accept(Token.SEMICOLON)) {
                break;
            }
        }
        close(Token.CLOSE_BRACE, Token.OPEN_BRACE, line);
        return new Expression.Table(
                positional.toArray(Expression[]::new),
                keys.toArray(Expression[]::new),
                values.toArray(Expression[]::new),
                where(line));
    }

    private Expression.Function functionBody(boolean method, int line) {
        expect(Token.OPEN_PAREN);
        List<String> names = new ArrayList<>();
        if (method) {
            names.add("self");
        }
        boolean vararg = false;
        while (lexer.token() != Token.CLOSE_PAREN && !vararg) {
            if (accept(Token.DOTS)) {
                vararg = true;
            } else if (lexer.token() == Token.NAME) {
                names.add(name());
            } else {
                throw lexer.errorNear("<name> or '...' expected");
            }
            if (!vararg && !accept(Token.COMMA)) {
                break;
            }
            if (!vararg && lexer.token() == Token.CLOSE_PAREN) {
                throw lexer.errorNear("<name> or '...' expected");
            }
        }
        Scope inner = new Scope(scope, vararg, line);
        scope = inner;
        LocalVariable[] parameters = declare(names);
        LocalVariable arg = null;
        if (vararg) {
            arg = inner.create("arg", lexer, 0);
            inner.show(arg);
        }
        expect(Token.CLOSE_PAREN);
        Prototype prototype = new Prototype(lexer.chunk(), parameters, vararg);
        prototype.body = block();
        close(Token.END, Token.FUNCTION, line);
        prototype.slots = inner.slots();
        prototype.upvalues = inner.upvalues();
        prototype.argTable = inner.usesDots ? null : arg;
        scope = Objects.requireNonNull(inner.outer);
        return new Expression.Function(prototype);
    }

    private String name() {
        if (lexer.token() != Token.NAME) {
            throw lexer.errorNear("'<name>' expected");
        }
        String name = lexer.text().toString();
        lexer.advance();
        return name;
    }

    private boolean accept(Token token) {
        if (lexer.token() != token) {
            return false;
        }
        lexer.advance();
        return true;
    }

    private void expect(Token token) {
        if (!accept(token)) {
            throw lexer.errorNear("'" + token.text + "' expected");
        }
    }

    private void close(Token token, Token opening, int line) {
        if (lexer.token() == token) {
            lexer.advance();
            return;
        }
        if (line == lexer.line()) {
            throw lexer.errorNear("'" + token.text + "' expected");
        }
        throw lexer.errorNear("'" + token.text + "' expected (to close '" + opening.text + "' at line " + line + ")");
    }

    private Where here() {
        return where(lexer.lastLine());
    }

    private Where where(int line) {
        return new Where(lexer.chunk(), line);
    }

    /** Binary operators with how strongly each side binds. */
    private enum Binary {
        OR(Token.OR, 1, 1),
        AND(Token.AND, 2, 2),
        EQUAL(Token.EQUAL, 3, 3),
        NOT_EQUAL(Token.NOT_EQUAL, 3, 3),
        LESS(Token.LESS, 3, 3),
        LESS_OR_EQUAL(Token.LESS_OR_EQUAL, 3, 3),
        GREATER(Token.GREATER, 3, 3),
        GREATER_OR_EQUAL(Token.GREATER_OR_EQUAL, 3, 3),
        CONCAT(Token.CONCAT, 5, 4),
        ADD(Token.PLUS, 6, 6),
        SUBTRACT(Token.MINUS, 6, 6),
        MULTIPLY(Token.TIMES, 7, 7),
        DIVIDE(Token.DIVIDE, 7, 7),
        MODULO(Token.MODULO, 7, 7),
        POWER(Token.POWER, 10, 9);

        private static final Binary[] ALL = values();

        private final Token token;
        final int left;
        final int right;

        Binary(Token token, int left, int right) {
            this.token = token;
            this.left = left;
            this.right = right;
        }

        static @Nullable Binary of(Token token) {
            for (Binary operator : ALL) {
                if (operator.token == token) {
                    return operator;
                }
            }
            return null;
        }
    }
}
