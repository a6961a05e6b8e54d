package io.kvasir.gateway.resp;

/**
 * Doubles as Redis 7.2 prints them in replies: whole numbers as integers, others with the fewest digits that read back
 * as the same number (redis util.c, d2string). Stateless.
 */
public final class RealText {

    /** Whole numbers are printed as integers up to half the range of a long, as redis double2ll decides. */
    private static final double WHOLE_MAX = 0x1p62;

    private RealText() {}

    /** Returns the text of {@code value}; "inf", "-inf" and "nan" for the values that are no numbers. */
    public static String of(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        if (Math.abs(value) < WHOLE_MAX && value == Math.rint(value)) {
            return Long.toString((long) value);
        }
        return shortest(value);
    }

    private static String shortest(double value) {
        String java = Double.toString(Math.abs(value));
        int exponentAt = java.indexOf('E');
        String mantissa = exponentAt < 0 ? java : java.substring(0, exponentAt);
        int exponent = exponentAt < 0 ? 0 : Integer.parseInt(java, exponentAt + 1, java.length(), 10);
        int point = mantissa.indexOf('.');
        String whole = mantissa.substring(0, point);
        String fraction = mantissa.substring(point + 1);
        String all = whole + fraction;
        int first = 0;
        while (all.charAt(first) == '0') {
            first++;
        }
        int last = all.length();
        while (all.charAt(last - 1) == '0') {
            last--;
        }
        String digits = all.substring(first, last);
        int pointAfter = whole.length() + exponent - first;
        return (value < 0 ? "-" : "") + place(digits, pointAfter);
    }

    /** Writes 0.{@code digits} times ten to the power of {@code pointAfter} in the form Redis chooses. */
    private static String place(String digits, int pointAfter) {
        int count = digits.length();
        int lastPower = pointAfter - count;
        int magnitude = Math.abs(pointAfter - 1);
        if (lastPower >= 0 && magnitude < count + 7) {
            return digits + "0".repeat(lastPower);
        }
        if (lastPower < 0 && (lastPower > -7 || magnitude < 4)) {
            return pointAfter <= 0
                    ? "0." + "0".repeat(-pointAfter) + digits
                    : digits.substring(0, pointAfter) + "." + digits.substring(pointAfter);
        }
        String mantissa = count == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        return mantissa + "e" + (pointAfter > 0 ? "+" : "-") + magnitude;
    }
}
