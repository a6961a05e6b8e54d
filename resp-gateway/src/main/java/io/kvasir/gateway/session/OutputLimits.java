package io.kvasir.gateway.session;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;

/**
 * The bounds of unread replies by class of client, as <code>client-output-buffer-limit</code> gives them. Immutable.
 */
record OutputLimits(Limit normal, Limit replica, Limit pubsub) {

    /**
     * @param hardBytes at which a connection is closed at once, 0 for none
     * @param softBytes at which it is closed after {@code softSeconds}, 0 for none
     */
    record Limit(BigInteger hardBytes, BigInteger softBytes, long softSeconds) {

        @Override
        public String toString() {
            return hardBytes + " " + softBytes + " " + softSeconds;
        }
    }

    private static final Limit NONE = new Limit(BigInteger.ZERO, BigInteger.ZERO, 0);

    /** Returns the limits that {@link #toString} printed; an empty text means none. */
    static OutputLimits parse(String shown) {
        return new OutputLimits(NONE, NONE, NONE).with(SettingText.split(shown));
    }

    /**
     * Returns these limits with those that {@code words} give, four words a class.
     *
     * @throws IllegalArgumentException with the text of the error
     */
    OutputLimits with(List<String> words) {
        if (words.size() % 4 != 0) {
            throw new IllegalArgumentException("Wrong number of arguments in buffer limit configuration.");
        }
        OutputLimits limits = this;
        for (int i = 0; i < words.size(); i += 4) {
            limits = limits.with(words.get(i).toLowerCase(Locale.ROOT), words.subList(i + 1, i + 4));
        }
        return limits;
    }

    private OutputLimits with(String name, List<String> numbers) {
        return switch (name) {
            case "normal" -> new OutputLimits(limit(numbers), replica, pubsub);
            case "slave", "replica" -> new OutputLimits(normal, limit(numbers), pubsub);
            case "pubsub" -> new OutputLimits(normal, replica, limit(numbers));
            default ->
                throw new IllegalArgumentException("Invalid client class specified in buffer limit configuration.");
        };
    }

    private static Limit limit(List<String> numbers) {
        try {
            if (!numbers.get(2).matches("[0-9]{1,9}")) {
                throw new IllegalArgumentException("not a number of seconds");
            }
            return new Limit(
                    SettingText.bytes(numbers.get(0)),
                    SettingText.bytes(numbers.get(1)),
                    Long.parseLong(numbers.get(2)));
        } catch (IllegalArgumentException none) {
            throw new IllegalArgumentException(
                    "Error in hard, soft or soft_seconds setting in buffer limit configuration.", none);
        }
    }

    @Override
    public String toString() {
        return "normal " + normal + " slave " + replica + " pubsub " + pubsub;
    }
}
