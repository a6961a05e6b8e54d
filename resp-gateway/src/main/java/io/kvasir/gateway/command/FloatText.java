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

    /** Returns the value of {@code text}, NaN if it is no number. */
    static double parseDouble(byte[] text) {
        if (text.length == 0 || text.length > LENGTH_MAX) {
            return Double.NaN;
        }
        String chars = new String(text, StandardCharsets.ISO_8859_1);
        if (DECIMAL.matcher(chars).matches()) {
            return representable(chars, Double.parseDouble(chars));
        }
        if (INFINITY.matcher(chars).matches()) {
            return chars.charAt(0) == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (HEXADECIMAL.matcher(chars).matches()) {
            boolean exponent = chars.indexOf('p') >= 0 || chars.indexOf('P') >= 0;
            return representable(chars, Double.parseDouble(exponent ? chars : chars + "p0"));
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
