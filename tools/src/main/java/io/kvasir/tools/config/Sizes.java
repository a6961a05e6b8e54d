package io.kvasir.tools.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as people write them. All factors are powers of 1024, whether written K, KB or KiB. */
public final class Sizes {

    public static final long KIB = 1L << 10;
    public static final long MIB = 1L << 20;
    public static final long GIB = 1L << 30;
    public static final long TIB = 1L << 40;

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})\\s*(?:([kmgt])(?:i?b)?|b)?");

    private Sizes() {}

    /**
     * Returns the number of bytes written as {@code text}, such as {@code 1048576}, {@code 512m} or {@code "2 GiB"}.
     *
     * @throws ConfigException if the text is no size or does not fit 64 bits
     */
    public static long parse(String text) {
        Matcher matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new ConfigException("'" + text + "' is not a size; sizes look like 512MiB or 2GiB");
        }
        String suffix = matcher.group(2);
        long factor = suffix == null
                ? 1
                : switch (suffix.charAt(0)) {
                    case 'k' -> KIB;
                    case 'm' -> MIB;
                    case 'g' -> GIB;
                    default -> TIB;
                };
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), factor);
        } catch (ArithmeticException overflow) {
            throw new ConfigException("'" + text + "' does not fit 64 bits");
        }
    }

    /** Returns {@code bytes} exactly, in the largest unit that divides it. */
    public static String text(long bytes) {
        if (bytes != 0 && bytes % TIB == 0) {
            return bytes / TIB + "TiB";
        }
        if (bytes != 0 && bytes % GIB == 0) {
            return bytes / GIB + "GiB";
        }
        if (bytes != 0 && bytes % MIB == 0) {
            return bytes / MIB + "MiB";
        }
        if (bytes != 0 && bytes % KIB == 0) {
            return bytes / KIB + "KiB";
        }
        return bytes + "B";
    }
}
