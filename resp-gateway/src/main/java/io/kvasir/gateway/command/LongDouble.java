package io.kvasir.gateway.command;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A number of C's type long double as it is on x86-64 (64 bits of significand), because INCRBYFLOAT and HINCRBYFLOAT
 * show its rounding to users. Every operation rounds once, half to even, as the processor and glibc do. Immutable.
 *
 * @param significand at most 64 bits and a sign
 * @param exponent the value is significand × 2^exponent
 */
public record LongDouble(BigInteger significand, int exponent) {

    public static final LongDouble ZERO = new LongDouble(BigInteger.ZERO, 0);

    /** Either infinity: which of the two matters to no operation. */
    private static final LongDouble INFINITE = new LongDouble(BigInteger.ONE, Integer.MAX_VALUE);

    /** Longest text that is looked at, as in redis util.c, string2ld. */
    private static final int TEXT_BYTES_MAX = 5 * 1024 - 1;

    private static final int SIGNIFICAND_BITS = 64;
    private static final int EXPONENT_MIN = -16_445;
    private static final int EXPONENT_MAX = 16_383 - (SIGNIFICAND_BITS - 1);

    /** Powers of ten beyond this one are infinite, or zero, whatever stands before them. */
    private static final int POWER_OF_TEN_MAX = 4_933 + TEXT_BYTES_MAX;

    private static final int FRACTION_DIGITS = 17;
    private static final BigInteger FRACTION = BigInteger.TEN.pow(FRACTION_DIGITS);

    private static final Pattern DECIMAL = Pattern.compile("([+-]?)(\\d*)\\.?(\\d*)(?:[eE]([+-]?\\d+))?");
    private static final Pattern HEXADECIMAL =
            Pattern.compile("([+-]?)0[xX]([0-9a-fA-F]*)\\.?([0-9a-fA-F]*)(?:[pP]([+-]?\\d+))?");
    private static final Pattern INFINITY = Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);

    private static final CommandError NOT_FINITE = new CommandError("ERR increment would produce NaN or Infinity");

    /**
     * Reads a number as strtold does.
     *
     * @throws CommandError "ERR value is not a valid float", also for what is too large or too small; infinity itself
     *     is read
     */
    public static LongDouble parse(byte[] text) throws CommandError {
        if (text.length == 0 || text.length > TEXT_BYTES_MAX) {
            throw CommandError.NOT_A_FLOAT;
        }
        String chars = new String(text, StandardCharsets.ISO_8859_1);
        Matcher decimal = DECIMAL.matcher(chars);
        if (decimal.matches()) {
            return parse(decimal, 10);
        }
        Matcher hexadecimal = HEXADECIMAL.matcher(chars);
        if (hexadecimal.matches()) {
            return parse(hexadecimal, 16);
        }
        if (INFINITY.matcher(chars).matches()) {
            return INFINITE;
        }
        throw CommandError.NOT_A_FLOAT;
    }

    private static LongDouble parse(Matcher matcher, int radix) throws CommandError {
        String digits = matcher.group(2) + matcher.group(3);
        if (digits.isEmpty()) {
            throw CommandError.NOT_A_FLOAT;
        }
        BigInteger number = new BigInteger(digits, radix);
        if (number.signum() == 0) {
            return ZERO;
        }
        long power = power(matcher.group(4))
                - (radix == 10 ? 1L : 4L) * matcher.group(3).length();
        if (power > POWER_OF_TEN_MAX * 4L || power < -POWER_OF_TEN_MAX * 4L) {
            throw CommandError.NOT_A_FLOAT;
        }
        BigInteger base = radix == 10 ? BigInteger.TEN : BigInteger.TWO;
        BigInteger scale = base.pow((int) Math.abs(power));
        LongDouble value = power >= 0 ? rounded(number.multiply(scale), BigInteger.ONE, 0) : rounded(number, scale, 0);
        if (value.significand.signum() == 0 || value.exponent > EXPONENT_MAX) {
            throw CommandError.NOT_A_FLOAT;
        }
        return matcher.group(1).equals("-") ? new LongDouble(value.significand.negate(), value.exponent) : value;
    }

    /** Returns the number {@code exponent}, 0 if it is null; one too long to count is as good as the largest. */
    private static long power(@Nullable String exponent) {
        if (exponent == null) {
            return 0;
        }
        boolean negative = exponent.charAt(0) == '-';
        String digits = exponent.replaceFirst("^[+-]?0*", "");
        long magnitude = digits.isEmpty() ? 0 : digits.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(digits);
        return negative ? -magnitude : magnitude;
    }

    /** Returns whether this is a number, not an infinity. */
    public boolean isFinite() {
        return exponent <= EXPONENT_MAX;
    }

    /**
     * Returns the sum.
     *
     * @throws CommandError "ERR increment would produce NaN or Infinity"
     */
    public LongDouble add(LongDouble other) throws CommandError {
        if (exponent > EXPONENT_MAX || other.exponent > EXPONENT_MAX) {
            throw NOT_FINITE;
        }
        int common = Math.min(exponent, other.exponent);
        BigInteger exact =
                significand.shiftLeft(exponent - common).add(other.significand.shiftLeft(other.exponent - common));
        LongDouble sum = rounded(exact, BigInteger.ONE, common);
        if (sum.exponent > EXPONENT_MAX) {
            throw NOT_FINITE;
        }
        return sum;
    }

    /**
     * Returns this, which is finite, as printf's {@code %.17Lf} does, without trailing zeros (redis util.c, ld2string).
     */
    public byte[] text() {
        BigInteger scaled = significand.abs().multiply(FRACTION);
        BigInteger whole =
                exponent >= 0 ? scaled.shiftLeft(exponent) : halfEven(scaled, BigInteger.ONE.shiftLeft(-exponent));
        if (whole.signum() == 0) {
            return new byte[] {'0'};
        }
        BigInteger[] parts = whole.divideAndRemainder(FRACTION);
        StringBuilder text = new StringBuilder(significand.signum() < 0 ? "-" : "").append(parts[0]);
        if (parts[1].signum() != 0) {
            String fraction = parts[1].toString();
            text.append('.').repeat('0', FRACTION_DIGITS - fraction.length()).append(fraction);
            while (text.charAt(text.length() - 1) == '0') {
                text.setLength(text.length() - 1);
            }
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Returns {@code numerator / denominator × 2^exponent} rounded to the significand's bits. */
    private static LongDouble rounded(BigInteger numerator, BigInteger denominator, int exponent) {
        if (numerator.signum() == 0) {
            return ZERO;
        }
        BigInteger magnitude = numerator.abs();
        // One bit less than the estimate may be needed, hence the second round.
        int shift = magnitude.bitLength() - denominator.bitLength() - SIGNIFICAND_BITS;
        for (int i = 0; i < 3; i++) {
            shift = Math.max(shift, EXPONENT_MIN - exponent);
            BigInteger quotient = shift >= 0
                    ? halfEven(magnitude, denominator.shiftLeft(shift))
                    : halfEven(magnitude.shiftLeft(-shift), denominator);
            if (quotient.bitLength() <= SIGNIFICAND_BITS) {
                BigInteger signed = numerator.signum() < 0 ? quotient.negate() : quotient;
                return signed.signum() == 0 ? ZERO : new LongDouble(signed, exponent + shift);
            }
            shift++;
        }
        throw new AssertionError("no significand of " + SIGNIFICAND_BITS + " bits");
    }

    private static BigInteger halfEven(BigInteger numerator, BigInteger denominator) {
        BigInteger[] parts = numerator.divideAndRemainder(denominator);
        int half = parts[1].shiftLeft(1).compareTo(denominator);
        boolean up = half > 0 || half == 0 && parts[0].testBit(0);
        return up ? parts[0].add(BigInteger.ONE) : parts[0];
    }
}
