package io.kvasir.gateway.lua;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Numbers as text, as C writes and reads them: {@code %.14g} and {@code strtod}. */
public final class Numbers {

    private static final double INTEGERS_BELOW = 1e14;

    private Numbers() {}

    /** Returns {@code number} as {@code %.14g} writes it. */
    static LuaString format(double number) {
        if (number == Math.rint(number) && Math.abs(number) < INTEGERS_BELOW) {
            long whole = (long) number;
            if (whole != 0 || 1 / number > 0) {
                return LuaString.of(Long.toString(whole));
            }
        }
        return LuaString.of(general(number, 14, false));
    }

    /** Returns {@code number} as {@code %.<precision>g} writes it, with {@code keepZeros} as {@code %#g} does. */
    public static String general(double number, int precision, boolean keepZeros) {
        String special = special(number);
        if (special != null) {
            return special;
        }
        int digits = Math.max(precision, 1);
        String sign = negative(number) ? "-" : "";
        if (number == 0) {
            return sign + "0" + (keepZeros && digits > 1 ? "." + "0".repeat(digits - 1) : "");
        }
        BigDecimal rounded = new BigDecimal(Math.abs(number)).round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        String text = rounded.unscaledValue().toString();
        text = text.length() < digits ? text + "0".repeat(digits - text.length()) : text.substring(0, digits);
        if (exponent < -4 || exponent >= digits) {
            return sign + mantissa(text, keepZeros) + exponent(exponent);
        }
        if (exponent < 0) {
            return sign + trimmed("0." + "0".repeat(-exponent - 1) + text, keepZeros);
        }
        String whole = text.substring(0, exponent + 1);
        String fraction = text.substring(exponent + 1);
        return sign + (fraction.isEmpty() ? whole : trimmed(whole + "." + fraction, keepZeros));
    }

    /** Returns {@code number} as {@code %.<precision>e} writes it. */
    static String scientific(double number, int precision) {
        String special = special(number);
        if (special != null) {
            return special;
        }
        String sign = negative(number) ? "-" : "";
        if (number == 0) {
            return sign + "0" + (precision > 0 ? "." + "0".repeat(precision) : "") + "e+00";
        }
        BigDecimal rounded =
                new BigDecimal(Math.abs(number)).round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        String text = rounded.unscaledValue().toString();
        text = text.length() <= precision
                ? text + "0".repeat(precision + 1 - text.length())
                : text.substring(0, precision + 1);
        return sign + mantissa(text, true) + exponent(exponent);
    }

    /** Returns {@code number} as {@code %.<precision>f} writes it. */
    static String fixed(double number, int precision) {
        String special = special(number);
        if (special != null) {
            return special;
        }
        String sign = negative(number) ? "-" : "";
        return sign
                + new BigDecimal(Math.abs(number))
                        .setScale(precision, RoundingMode.HALF_EVEN)
                        .toPlainString();
    }

    private static @Nullable String special(double number) {
        if (Double.isNaN(number)) {
            // x86 makes a NaN with its sign set, and C shows the sign.
            return negative(number) ? "-nan" : "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        return null;
    }

    private static boolean negative(double number) {
        return Double.doubleToRawLongBits(number) < 0;
    }

    private static String mantissa(String digits, boolean keepZeros) {
        return digits.length() == 1 ? digits : trimmed(digits.charAt(0) + "." + digits.substring(1), keepZeros);
    }

    private static String exponent(int exponent) {
        int magnitude = Math.abs(exponent);
        return (exponent < 0 ? "e-" : "e+") + (magnitude < 10 ? "0" : "") + magnitude;
    }

    private static String trimmed(String text, boolean keepZeros) {
        if (keepZeros) {
            return text;
        }
        int end = text.length();
        while (text.charAt(end - 1) == '0') {
            end--;
        }
        return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
    }

    /** Returns the number that {@code text} is, spaces around it allowed; null if it is none (lua_str2number). */
    static @Nullable Double parse(LuaString text) {
        return parse(new String(text.bytes, StandardCharsets.ISO_8859_1));
    }

    static @Nullable Double parse(String text) {
        String trimmed = strip(text);
        if (trimmed.isEmpty()) {
            return null;
        }
        int at = trimmed.charAt(0) == '-' || trimmed.charAt(0) == '+' ? 1 : 0;
        boolean minus = trimmed.charAt(0) == '-';
        String rest = trimmed.substring(at);
        if (rest.isEmpty()) {
            return null;
        }
        char first = rest.charAt(0);
        if (first == '0' && rest.length() > 1 && (rest.charAt(1) | 0x20) == 'x') {
            Double value = hexadecimal(rest.substring(2));
            return value == null ? null : Double.valueOf(minus ? -value : value);
        }
        if (first == '.' || Character.digit(first, 10) >= 0) {
            return isDecimal(rest)
                    ? Double.valueOf(minus ? -Double.parseDouble(rest) : Double.parseDouble(rest))
                    : null;
        }
        if (rest.equalsIgnoreCase("inf") || rest.equalsIgnoreCase("infinity")) {
            return minus ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        return rest.equalsIgnoreCase("nan") ? Double.valueOf(Double.NaN) : null;
    }

    private static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    static boolean isSpace(int c) {
        return c == ' ' || c >= 9 && c <= 13;
    }

    private static boolean isDecimal(String text) {
        int at = 0;
        int digits = 0;
        int length = text.length();
        while (at < length && isDigit(text.charAt(at))) {
            at++;
            digits++;
        }
        if (at < length && text.charAt(at) == '.') {
            at++;
            while (at < length && isDigit(text.charAt(at))) {
                at++;
                digits++;
            }
        }
        if (digits == 0) {
            return false;
        }
        if (at < length && (text.charAt(at) | 0x20) == 'e') {
            at++;
            if (at < length && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                at++;
            }
            int before = at;
            while (at < length && isDigit(text.charAt(at))) {
                at++;
            }
            if (at == before) {
                return false;
            }
        }
        return at == length;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static @Nullable Double hexadecimal(String text) {
        double value = 0;
        int digits = 0;
        int at = 0;
        int shift = 0;
        boolean point = false;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '.' && !point) {
                point = true;
                continue;
            }
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                break;
            }
            value = value * 16 + digit;
            shift -= point ? 4 : 0;
            digits++;
        }
        if (digits == 0) {
            return null;
        }
        if (at < text.length() && (text.charAt(at) | 0x20) == 'p') {
            try {
                shift += Integer.parseInt(text.substring(at + 1));
            } catch (NumberFormatException e) {
                return null;
            }
            at = text.length();
        }
        return at == text.length() ? Double.valueOf(Math.scalb(value, shift)) : null;
    }
}
