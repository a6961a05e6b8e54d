package io.kvasir.gateway.script;

import io.kvasir.gateway.lua.Arguments;
import io.kvasir.gateway.lua.Lua;
import io.kvasir.gateway.lua.LuaError;
import io.kvasir.gateway.lua.LuaFunction;
import io.kvasir.gateway.lua.LuaString;
import io.kvasir.gateway.lua.LuaTable;
import io.kvasir.gateway.lua.Numbers;
import io.kvasir.proto.reply.Reply;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The library {@code redis} that scripts see (redis script_lua.c). Belongs to one run. */
final class RedisLibrary {

    private static final Logger LOG = LoggerFactory.getLogger(RedisLibrary.class);

    private static final String[] LEVELS = {"LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING"};
    private static final int REPL_ALL = 3;
    private static final int LOGGED_CHARS_MAX = 1_024;

    private static final Object[] NOTHING = {};

    private final ScriptCalls calls;

    RedisLibrary(ScriptCalls calls) {
        this.calls = calls;
    }

    LuaTable make() {
        LuaTable redis = new LuaTable();
        put(redis, "call", (lua, arguments) -> call(lua, arguments, true));
        put(redis, "pcall", (lua, arguments) -> call(lua, arguments, false));
        put(redis, "error_reply", (_, arguments) -> one(errorReply(arguments)));
        put(redis, "status_reply", (_, arguments) -> one(single(arguments, "ok")));
        put(redis, "sha1hex", (_, arguments) -> {
            if (arguments.count() != 1) {
                throw failure("wrong number of arguments");
            }
            return one(LuaString.of(Script.sha(arguments.string(1).bytes())));
        });
        put(redis, "log", (_, arguments) -> log(arguments));
        put(redis, "setresp", (_, arguments) -> setProtocol(arguments));
        put(redis, "set_repl", (_, arguments) -> setReplication(arguments));
        put(redis, "replicate_commands", (_, _) -> one(true));
        put(redis, "breakpoint", (_, _) -> one(false));
        put(redis, "debug", (_, _) -> NOTHING);
        put(redis, "acl_check_cmd", (_, arguments) -> one(calls.mayCall(called(arguments))));
        putFacts(redis);
        redis.put("REPL_NONE", 0.0);
        redis.put("REPL_AOF", 1.0);
        redis.put("REPL_SLAVE", 2.0);
        redis.put("REPL_REPLICA", 2.0);
        redis.put("REPL_ALL", (double) REPL_ALL);
        redis.makeReadOnly();
        return redis;
    }

    /** Returns the library as the code of functions sees it while they are registered. */
    static LuaTable forLoading(LuaFunction.Code register) {
        LuaTable redis = new LuaTable();
        put(redis, "register_function", register);
        put(redis, "log", (_, arguments) -> log(arguments));
        putFacts(redis);
        redis.setMetatable(ScriptRun.strict());
        redis.makeReadOnly();
        return redis;
    }

    private static void putFacts(LuaTable redis) {
        for (int level = 0; level < LEVELS.length; level++) {
            redis.put(LEVELS[level], (double) level);
        }
        redis.put("REDIS_VERSION", LuaString.of("7.2.4"));
        redis.put("REDIS_VERSION_NUM", (double) 0x070204);
    }

    private static void put(LuaTable table, String name, LuaFunction.Code code) {
        table.put(name, new LuaFunction.Library(code));
    }

    private static Object[] one(Object value) {
        return new Object[] {value};
    }

    private @Nullable Object[] call(Lua lua, Arguments arguments, boolean raise) {
        byte[][] words = words(arguments);
        if (words == null) {
            return failed(new Reply.Error("ERR Lua redis lib command arguments must be strings or integers"), raise);
        }
        if (words.length == 0) {
            return failed(new Reply.Error("ERR Please specify at least one argument for this redis lib call"), raise);
        }
        return lua.onOwner(() -> {
            Reply reply = calls.call(words);
            return reply instanceof Reply.Error error
                    ? failed(error, raise)
                    : new Object[] {Values.toLua(reply, calls.resp3())};
        });
    }

    private static byte @Nullable [][] words(Arguments arguments) {
        byte[][] words = new byte[arguments.count()][];
        for (int i = 0; i < words.length; i++) {
            switch (arguments.get(i + 1)) {
                case LuaString text -> words[i] = text.bytes();
                case Double number ->
                    words[i] = LuaString.of(Numbers.general(number, 17, false)).bytes();
                case null, default -> {
                    return null;
                }
            }
        }
        return words;
    }

    private static Object[] failed(Reply.Error error, boolean raise) {
        LuaTable table = table(error, raise);
        if (raise) {
            throw LuaError.ofValue(table);
        }
        return one(table);
    }

    private static LuaTable table(Reply.Error error, boolean raised) {
        LuaTable table = new LuaTable();
        table.put("err", LuaString.ofLatin1(error.text()));
        if (!raised) {
            table.put("ignore_error_stats_update", true);
        }
        return table;
    }

    /** Returns an error whose value is a table, as all errors of this library are. */
    static LuaError failure(String message) {
        return LuaError.ofValue(table(new Reply.Error("ERR " + message), true));
    }

    private static LuaTable single(Arguments arguments, String field) {
        if (arguments.count() != 1 || !(arguments.get(1) instanceof LuaString text)) {
            return table(new Reply.Error("ERR wrong number or type of arguments"), true);
        }
        LuaTable table = new LuaTable();
        table.put(field, text);
        return table;
    }

    private static LuaTable errorReply(Arguments arguments) {
        LuaTable table = single(arguments, "err");
        String text = arguments.count() == 1 && arguments.get(1) instanceof LuaString given ? given.latin1() : "";
        if (!text.isEmpty() || arguments.count() == 1 && arguments.get(1) instanceof LuaString) {
            String message = text.startsWith("-") ? text.substring(1) : text;
            table.put("err", LuaString.ofLatin1(message.indexOf(' ') < 0 ? "ERR " + message : message));
        }
        return table;
    }

    private static byte[][] called(Arguments arguments) {
        if (arguments.count() == 0) {
            throw failure("Please specify at least one argument for this redis.acl_check_cmd() call");
        }
        byte[][] words = words(arguments);
        if (words == null) {
            throw failure("redis.acl_check_cmd() takes strings or integers");
        }
        return words;
    }

    private @Nullable Object[] setProtocol(Arguments arguments) {
        if (arguments.count() != 1) {
            throw failure("redis.setresp() requires one argument.");
        }
        long version = arguments.integer(1);
        if (version != 2 && version != 3) {
            throw failure("RESP version must be 2 or 3.");
        }
        calls.resp3(version == 3);
        return NOTHING;
    }

    /** Effects are replicated whatever a script asks for. */
    private static @Nullable Object[] setReplication(Arguments arguments) {
        if (arguments.count() != 1) {
            throw failure("redis.set_repl() requires two arguments.");
        }
        long flags = arguments.integer(1);
        if ((flags & ~REPL_ALL) != 0) {
            throw failure("Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
        }
        return NOTHING;
    }

    private static @Nullable Object[] log(Arguments arguments) {
        if (arguments.count() < 2) {
            throw failure("redis.log() requires two arguments or more.");
        }
        if (!(arguments.get(1) instanceof Double)) {
            throw failure("First argument must be a number (log level).");
        }
        long level = arguments.integer(1);
        if (level < 0 || level >= LEVELS.length) {
            throw failure("Invalid debug level.");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 2; i <= arguments.count() && text.length() < LOGGED_CHARS_MAX; i++) {
            text.append(i == 2 ? "" : " ").append(arguments.string(i));
        }
        String line = Values.oneLine(text.toString());
        switch ((int) level) {
            case 0 -> LOG.trace("script says: {}", line);
            case 1 -> LOG.debug("script says: {}", line);
            case 2 -> LOG.info("script says: {}", line);
            default -> LOG.warn("script says: {}", line);
        }
        return NOTHING;
    }
}
