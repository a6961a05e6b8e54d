package io.kvasir.gateway.command;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The texts that C's strtod takes for a number, which differ from Java's. Stateless. */
final class FloatText {

    /** Longest text that is looked at, as in redis util.c, string2ld. */
    private static final int LENGTH_MAX = 255;

    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern HEXADECIMAL =
            Pattern.compile("[+-]?0[xX]([0-9a-fA-F]+\\.?[0-9a-fA-F]*|\\.[0-9a-fA-F]+)([pP][+-]?\\d+)?");
    private static final Pattern INFINITY = Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);

    private FloatText() {}

    /** Returns the value of {@code text}, NaN if it is no number. */
    static double parseDouble(byte[] text) {
        if (text.length == 0 || text.length > LENGTH_MAX) {
            return Double.NaN;
        }
        String chars = new String(text, StandardCharsets.ISO_8859_1);
        if (DECIMAL.matcher(chars).matches()) {
            return finite(Double.parseDouble(chars));
        }
        if (INFINITY.matcher(chars).matches()) {
            return chars.charAt(0) == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (HEXADECIMAL.matcher(chars).matches()) {
            boolean exponent = chars.indexOf('p') >= 0 || chars.indexOf('P') >= 0;
            return finite(Double.parseDouble(exponent ? chars : chars + "p0"));
        }
        return Double.NaN;
    }

    /** Returns {@code value}; NaN if the text overflowed, which Redis refuses (ERANGE). */
    private static double finite(double value) {
        return Double.isInfinite(value) ? Double.NaN : value;
    }
}
