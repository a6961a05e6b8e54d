package io.kvasir.gateway.lua;

import static io.kvasir.gateway.lua.BaseLibrary.one;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code string.format}: C's printf for the conversions that Lua lets through. */
final class StringFormat {

    /** From this length on a plain {@code %s} is taken as it is. */
    private static final int LONG_STRING = 100;

    private static final String FLAGS = "-+ #0";

    private final Lua lua;
    private final Arguments arguments;
    private final byte[] format;
    private final ByteString out;
    private int at;
    private int argument = 1;

    private boolean left;
    private boolean plus;
    private boolean space;
    private boolean alternate;
    private boolean zero;
    private int width;
    private int precision;

    private StringFormat(Lua lua, Arguments arguments) {
        this.lua = lua;
        this.arguments = arguments;
        this.format = arguments.string(1).bytes;
        this.out = new ByteString(lua);
    }

    static @Nullable Object[] format(Lua lua, Arguments arguments) {
        return one(new StringFormat(lua, arguments).run());
    }

    private LuaString run() {
        while (at < format.length) {
            byte c = format[at++];
            if (c != '%') {
                out.add(c);
            } else if (at < format.length && format[at] == '%') {
                out.add('%');
                at++;
            } else {
                convert();
            }
        }
        return out.toLua();
    }

    private void convert() {
        argument++;
        readFlags();
        int c = at < format.length ? format[at++] : 0;
        if (argument > arguments.count()) {
            throw new BadArgument(argument, "no value");
        }
        switch (c) {
            case 'c' -> character((int) arguments.integer(argument) & 0xff);
            case 'd', 'i' -> integer(arguments.integer(argument));
            case 'o' -> unsigned(Long.toOctalString(unsignedArgument()), "0");
            case 'u' -> unsigned(Long.toUnsignedString(unsignedArgument()), "");
            case 'x' -> unsigned(Long.toHexString(unsignedArgument()), "0x");
            case 'X' -> unsigned(Long.toHexString(unsignedArgument()).toUpperCase(Locale.ROOT), "0X");
            case 'e', 'E', 'f', 'g', 'G' -> real(c, arguments.number(argument));
            case 'q' -> quote(arguments.string(argument));
            case 's' -> string(arguments.string(argument));
            default -> throw new LuaError("invalid option '%" + (c == 0 ? "" : (char) c) + "' to 'format'");
        }
    }

    /** A zero ends the text that C has made, and so adds nothing. */
    private void character(int c) {
        String shown = c == 0 ? "" : Character.toString((char) c);
        String spaces = " ".repeat(Math.max(0, width - 1));
        if (left && c != 0) {
            out.add(shown).add(spaces);
        } else if (!left) {
            out.add(spaces).add(shown);
        }
    }

    private void readFlags() {
        left = false;
        plus = false;
        space = false;
        alternate = false;
        zero = false;
        int from = at;
        while (at < format.length && FLAGS.indexOf(format[at]) >= 0) {
            switch (format[at++]) {
                case '-' -> left = true;
                case '+' -> plus = true;
                case ' ' -> space = true;
                case '#' -> alternate = true;
                default -> zero = true;
            }
        }
        if (at - from > FLAGS.length()) {
            throw new LuaError("invalid format (repeated flags)");
        }
        width = Math.max(0, digits());
        precision = -1;
        if (at < format.length && format[at] == '.') {
            at++;
            precision = Math.max(0, digits());
        }
        if (at < format.length && format[at] >= '0' && format[at] <= '9') {
            throw new LuaError("invalid format (width or precision too long)");
        }
    }

    /** Reads up to two digits; -1 if there is none. */
    private int digits() {
        int value = -1;
        for (int i = 0; i < 2 && at < format.length && format[at] >= '0' && format[at] <= '9'; i++) {
            value = Math.max(value, 0) * 10 + format[at++] - '0';
        }
        return value;
    }

    private long unsignedArgument() {
        return StructLibrary.unsignedOf(arguments.number(argument));
    }

    private void integer(long value) {
        String digits = value < 0 ? Long.toString(value).substring(1) : Long.toString(value);
        padNumber(value < 0 ? "-" : plus ? "+" : space ? " " : "", precise(digits), precision < 0);
    }

    private void unsigned(String digits, String prefix) {
        String shown = precise(digits);
        boolean prefixed = alternate && !digits.equals("0") && !(prefix.equals("0") && shown.startsWith("0"));
        padNumber(prefixed ? prefix : "", shown, precision < 0);
    }

    private String precise(String digits) {
        if (precision == 0 && digits.equals("0")) {
            return "";
        }
        return digits.length() < precision ? "0".repeat(precision - digits.length()) + digits : digits;
    }

    private void real(int conversion, double number) {
        int digits = precision < 0 ? 6 : precision;
        String text =
                switch (conversion | 0x20) {
                    case 'e' -> Numbers.scientific(number, digits);
                    case 'f' -> Numbers.fixed(number, digits);
                    default -> Numbers.general(number, digits, alternate);
                };
        boolean finite = !Double.isNaN(number) && !Double.isInfinite(number);
        boolean minus = text.startsWith("-");
        String body = minus ? text.substring(1) : text;
        if (alternate && finite && digits == 0 && body.indexOf('.') < 0) {
            int exponent = body.indexOf('e');
            body = exponent < 0 ? body + "." : body.substring(0, exponent) + "." + body.substring(exponent);
        }
        if (conversion == 'E' || conversion == 'G') {
            body = body.toUpperCase(Locale.ROOT);
        }
        padNumber(minus ? "-" : plus ? "+" : space ? " " : "", body, finite);
    }

    private void padNumber(String sign, String body, boolean zeros) {
        int missing = width - sign.length() - body.length();
        if (missing > 0 && zero && zeros && !left) {
            out.add(sign).add("0".repeat(missing)).add(body);
        } else {
            pad(sign + body, false);
        }
    }

    private void pad(String text, boolean cut) {
        String shown = cut && precision >= 0 && text.length() > precision ? text.substring(0, precision) : text;
        String spaces = " ".repeat(Math.max(0, width - shown.length()));
        if (left) {
            out.add(shown).add(spaces);
        } else {
            out.add(spaces).add(shown);
        }
    }

    private void string(LuaString text) {
        if (precision < 0 && text.length() >= LONG_STRING) {
            out.add(text);
            return;
        }
        int end = 0;
        while (end < text.length() && text.bytes[end] != 0) {
            end++;
        }
        int length = precision < 0 ? end : Math.min(end, precision);
        String spaces = " ".repeat(Math.max(0, width - length));
        if (!left) {
            out.add(spaces);
        }
        out.add(text.bytes, 0, length);
        if (left) {
            out.add(spaces);
        }
    }

    private void quote(LuaString text) {
        out.add('"');
        for (byte b : text.bytes) {
            switch (b) {
                case '"', '\\' -> out.add('\\').add(b);
                case '\n' -> out.add("\\\n");
                case '\r' -> out.add("\\r");
                case 0 -> out.add("\\000");
                default -> out.add(b);
            }
        }
        out.add('"');
        lua.step();
    }
}
