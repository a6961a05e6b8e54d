package io.kvasir.gateway.session;

import java.util.Locale;

/** Lines of one reply of INFO. Confined to the thread that builds it. */
final class InfoText {

    private final StringBuilder text = new StringBuilder();

    /** Begins a section, with an empty line between it and the one before. */
    void section(String name) {
        text.append(text.isEmpty() ? "" : "\r\n").append("# ").append(name).append("\r\n");
    }

    void line(String name, String value) {
        text.append(name).append(':').append(value).append("\r\n");
    }

    void line(String name, long value) {
        line(name, Long.toString(value));
    }

    /** Writes a line for each of {@code names} with the value 0: what does not happen here. */
    void zeros(String... names) {
        for (String name : names) {
            line(name, 0);
        }
    }

    /** Writes bytes as a number and again for people. */
    void bytes(String name, long bytes) {
        line(name, bytes);
        line(name + "_human", human(bytes));
    }

    void real(String name, int decimals, double value) {
        line(name, format(decimals, value));
    }

    static String format(int decimals, double value) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** Returns {@code bytes} in the largest unit that leaves at least one (redis util.c, bytesToHuman). */
    static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + "B";
        }
        String units = "KMGTP";
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < units.length() - 1) {
            value /= 1024;
            unit++;
        }
        return format(2, value) + units.charAt(unit);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
