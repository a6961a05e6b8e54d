package io.kvasir.gateway.script;

import io.kvasir.gateway.lua.LuaString;
import io.kvasir.gateway.lua.LuaTable;
import io.kvasir.gateway.resp.RealText;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Replies as values of Lua, and back (redis script_lua.c). */
final class Values {

    /** Tables within tables that a reply may be made of. */
    private static final int DEPTH_MAX = 200;

    private static final Reply.Error TOO_DEEP = new Reply.Error("ERR reached lua stack limit");

    private Values() {}

    /** Returns {@code reply} as a script that speaks RESP2, or RESP3, sees it. */
    static @Nullable Object toLua(Reply reply, boolean resp3) {
        return switch (reply) {
            case Reply.Status(String text) -> table("ok", LuaString.ofLatin1(text));
            case Reply.Published published -> toLua(published.reply(), resp3);
            case Reply.Error(String text) -> table("err", LuaString.ofLatin1(text));
            case Reply.Int(long value) -> (double) value;
            case Reply.Bulk(byte[] bytes) -> LuaString.of(bytes);
            case Reply.Null _ -> resp3 ? null : Boolean.FALSE;
            case Reply.Array(List<Reply> elements) -> list(elements, resp3);
            case Reply.Push(List<Reply> elements) -> list(elements, resp3);
            case Reply.MapOf(List<Reply> elements) -> resp3 ? table("map", map(elements)) : list(elements, false);
            case Reply.SetOf(List<Reply> elements) -> resp3 ? table("set", set(elements)) : list(elements, false);
            case Reply.Real(double value) -> resp3 ? table("double", value) : LuaString.of(RealText.of(value));
            case Reply.Bool(boolean value) -> resp3 ? value : Double.valueOf(value ? 1 : 0);
            case Reply.BigNumber(String digits) ->
                resp3 ? table("big_number", LuaString.of(digits)) : LuaString.of(digits);
            case Reply.Verbatim(String format, byte[] text) -> {
                if (!resp3) {
                    yield LuaString.of(text);
                }
                LuaTable inner = table("string", LuaString.of(text));
                inner.put("format", LuaString.of(format));
                yield table("verbatim_string", inner);
            }
        };
    }

    private static LuaTable table(String name, Object value) {
        LuaTable table = new LuaTable();
        table.put(name, value);
        return table;
    }

    private static LuaTable list(List<Reply> elements, boolean resp3) {
        LuaTable table = new LuaTable();
        int at = 1;
        for (Reply element : elements) {
            table.put(at++, toLua(element, resp3));
        }
        return table;
    }

    private static LuaTable map(List<Reply> elements) {
        LuaTable table = new LuaTable();
        for (int i = 0; i < elements.size(); i += 2) {
            Object key = toLua(elements.get(i), true);
            if (key != null) {
                table.set(key, toLua(elements.get(i + 1), true));
            }
        }
        return table;
    }

    private static LuaTable set(List<Reply> elements) {
        LuaTable table = new LuaTable();
        for (Reply element : elements) {
            Object key = toLua(element, true);
            if (key != null) {
                table.set(key, true);
            }
        }
        return table;
    }

    /** Returns what a script answers with {@code value}; {@code resp3} says which protocol the script speaks. */
    static Reply toReply(@Nullable Object value, boolean resp3) {
        return toReply(value, resp3, 0);
    }

    /** A number without its fraction; one that no integer can say is the least of them, as in Redis on x86-64. */
    private static long integer(double number) {
        return number >= -0x1p63 && number < 0x1p63 ? (long) number : Long.MIN_VALUE;
    }

    private static Reply toReply(@Nullable Object value, boolean resp3, int depth) {
        return switch (value) {
            case LuaString text -> Reply.bulk(text.bytes());
            case Double number -> Reply.of(integer(number));
            case Boolean truth when resp3 -> new Reply.Bool(truth);
            case Boolean truth when truth -> Reply.ONE;
            case LuaTable _ when depth >= DEPTH_MAX -> TOO_DEEP;
            case LuaTable table -> toReply(table, resp3, depth + 1);
            case null, default -> Reply.NULL;
        };
    }

    private static Reply toReply(LuaTable table, boolean resp3, int depth) {
        if (table.get("err") instanceof LuaString text) {
            return Reply.error(oneLine(text.latin1()));
        }
        if (table.get("ok") instanceof LuaString text) {
            return new Reply.Status(oneLine(text.latin1()));
        }
        if (table.get("double") instanceof Double number) {
            return new Reply.Real(number);
        }
        if (table.get("map") instanceof LuaTable map) {
            List<Reply> elements = new ArrayList<>();
            map.forEach((key, element) -> {
                elements.add(toReply(key, resp3, depth));
                elements.add(toReply(element, resp3, depth));
            });
            return new Reply.MapOf(elements);
        }
        if (table.get("set") instanceof LuaTable set) {
            List<Reply> elements = new ArrayList<>();
            set.forEach((key, _) -> elements.add(toReply(key, resp3, depth)));
            return new Reply.SetOf(elements);
        }
        if (table.get("big_number") instanceof LuaString digits) {
            return new Reply.BigNumber(oneLine(digits.latin1()));
        }
        if (table.get("verbatim_string") instanceof LuaTable verbatim
                && verbatim.get("format") instanceof LuaString format
                && verbatim.get("string") instanceof LuaString text) {
            return new Reply.Verbatim((format + "   ").substring(0, 3), text.bytes());
        }
        List<Reply> elements = new ArrayList<>();
        for (int i = 1; ; i++) {
            Object element = table.get(i);
            if (element == null) {
                return Reply.array(elements);
            }
            elements.add(toReply(element, resp3, depth));
        }
    }

    static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }
}
