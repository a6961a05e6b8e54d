package io.kvasir.tools.kill;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client knows of a command once it has stopped waiting for it. */
sealed interface Answer {

    /**
     * It took effect.
     *
     * @param value a String, a Long, a List of values, or null
     */
    record Done(@Nullable Object value) implements Answer {

        String text() {
            return String.valueOf(value);
        }

        long number() {
            if (value instanceof Long number) {
                return number;
            }
            throw new IllegalStateException(value + " is not an integer");
        }

        List<?> list() {
            if (value instanceof List<?> list) {
                return list;
            }
            throw new IllegalStateException(value + " is not a list");
        }
    }

    /** It surely had no effect: the server says so, or nothing was sent. */
    record NoEffect(String why) implements Answer {}

    /** It may have taken effect, or may do so later. */
    record Undetermined(String why) implements Answer {}

    /** An error that no fault of a node explains. */
    record Wrong(String error) implements Answer {}
}
