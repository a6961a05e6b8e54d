package io.kvasir.gateway.command;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The texts that C's strtod takes for a number, which differ from Java's. Stateless. */
final class FloatText {

    /** Longest text that is looked at. No number needs more to be exact; what is longer is refused. */
    private static final int LENGTH_MAX = 5 * 1024;

    private static final Pattern NONZERO = Pattern.compile("[+-]?([0.]*[1-9]|0[xX][0.]*[1-9a-fA-F]).*");

    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern HEXADECIMAL =
            Pattern.compile("[+-]?0[xX]([0-9a-fA-F]+\\.?[0-9a-fA-F]*|\\.[0-9a-fA-F]+)([pP][+-]?\\d+)?");
    private static final Pattern INFINITY = Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);

    private FloatText() {}

    /** Returns the value of {@code text}, NaN if it is no number or too large or too small for one. */
    static double parseDouble(byte[] text) {
        if (text.length == 0 || text.length > LENGTH_MAX) {
            return Double.NaN;
        }
        String chars = new String(text, StandardCharsets.ISO_8859_1);
        return INFINITY.matcher(chars).matches() ? nearest(chars) : representable(chars, nearest(chars));
    }

    /**
     * Returns what strtod makes of {@code text}, whose first byte 00 ends it: blanks may come first, nothing at all is
     * 0, what is too large is infinite; NaN if there is anything behind the number.
     */
    static double strtod(byte[] text) {
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        if (end == 0) {
            return 0;
        }
        int start = 0;
        while (start < end && (text[start] == ' ' || text[start] >= '\t' && text[start] <= '\r')) {
            start++;
        }
        return end - start > LENGTH_MAX
                ? Double.NaN
                : nearest(new String(text, start, end - start, StandardCharsets.ISO_8859_1));
    }

    /** Returns the double nearest to what {@code chars} say, NaN if they are no number. */
    private static double nearest(String chars) {
        if (DECIMAL.matcher(chars).matches()) {
            return Double.parseDouble(chars);
        }
        if (INFINITY.matcher(chars).matches()) {
            return chars.charAt(0) == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (HEXADECIMAL.matcher(chars).matches()) {
            boolean exponent = chars.indexOf('p') >= 0 || chars.indexOf('P') >= 0;
            return Double.parseDouble(exponent ? chars : chars + "p0");
        }
        return Double.NaN;
    }

    /** Returns {@code value}; NaN if the text was too large or too small for it, which Redis refuses (ERANGE). */
    private static double representable(String chars, double value) {
        boolean lost =
                Double.isInfinite(value) || value == 0 && NONZERO.matcher(chars).matches();
        return lost ? Double.NaN : value;
    }
}
