package io.kvasir.tools.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * One field of the configuration: its name in the file, its type, unit, default and bound, and what it does.
 *
 * @param key the dotted name in the file; the environment has it as {@code KVASIR_} and capitals
 * @param type the type as a reader of the documentation sees it
 * @param bound what values are allowed, in words
 * @param initial the value when nothing is given; empty: the field must be given
 * @param meaning one sentence
 * @param parse from a {@link String}, {@link Long}, {@link Boolean} or {@link List} to the value; throws
 *     {@link ConfigException} with what is wrong, without the key
 */
public record Setting<T>(
        String key, String type, String bound, Optional<T> initial, String meaning, Function<Object, T> parse) {

    /** Returns the name of the environment variable that sets this field. */
    public String variable() {
        return "KVASIR_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** An integer from {@code min} to {@code max}; {@code unit} is empty for a plain count. */
    static Setting<Long> integer(String key, String unit, Long initial, long min, long max, String meaning) {
        return new Setting<>(
                key,
                unit.isEmpty() ? "integer" : "integer, " + unit,
                max == Long.MAX_VALUE ? "at least " + min : min + " to " + max,
                Optional.of(initial),
                meaning,
                raw -> within(asLong(raw), min, max));
    }

    /** An integer without a default. */
    static Setting<Long> required(String key, long min, long max, String meaning) {
        return new Setting<>(
                key,
                "integer",
                max == Long.MAX_VALUE ? "at least " + min : min + " to " + max,
                Optional.empty(),
                meaning,
                raw -> within(asLong(raw), min, max));
    }

    /** A number of bytes: an integer, or text with a suffix as in {@code "512MiB"}. */
    static Setting<Long> size(String key, long initial, long min, long max, String meaning) {
        return new Setting<>(
                key, "size, bytes", Sizes.text(min) + " to " + Sizes.text(max), Optional.of(initial), meaning, raw -> {
                    long bytes = raw instanceof Long plain ? plain : Sizes.parse(asText(raw));
                    if (bytes < min || bytes > max) {
                        throw new ConfigException(
                                Sizes.text(bytes) + " is not within " + Sizes.text(min) + " to " + Sizes.text(max));
                    }
                    return bytes;
                });
    }

    static Setting<Boolean> flag(String key, boolean initial, String meaning) {
        return new Setting<>(key, "true or false", "", Optional.of(initial), meaning, raw -> {
            if (raw instanceof Boolean value) {
                return value;
            }
            return switch (asText(raw)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new ConfigException("'" + raw + "' is neither true nor false");
            };
        });
    }

    /** Text of {@code lengthMin} to {@code lengthMax} characters without control characters. */
    static Setting<String> text(String key, Optional<String> initial, int lengthMin, int lengthMax, String meaning) {
        return new Setting<>(key, "text", lengthMin + " to " + lengthMax + " characters", initial, meaning, raw -> {
            String value = asText(raw);
            if (value.length() < lengthMin || value.length() > lengthMax) {
                throw new ConfigException(
                        value.length() + " characters are not within " + lengthMin + " to " + lengthMax);
            }
            if (value.chars().anyMatch(Character::isISOControl)) {
                throw new ConfigException("control characters are not allowed");
            }
            return value;
        });
    }

    /** One of a few words. */
    static Setting<String> word(String key, String initial, List<String> words, String meaning) {
        return new Setting<>(key, "text", "one of " + String.join(", ", words), Optional.of(initial), meaning, raw -> {
            String value = asText(raw);
            if (!words.contains(value)) {
                throw new ConfigException("'" + value + "' is not one of " + String.join(", ", words));
            }
            return value;
        });
    }

    /** Texts, at least {@code countMin} and at most {@code countMax}; a plain text is split at commas. */
    static Setting<List<String>> texts(
            String key, Optional<List<String>> initial, int countMin, int countMax, String meaning) {
        return new Setting<>(
                key, "array of text", countMin + " to " + countMax + " elements", initial, meaning, raw -> {
                    List<String> values = raw instanceof List<?> list
                            ? list.stream().map(Setting::asText).toList()
                            : asText(raw).isEmpty()
                                    ? List.of()
                                    : List.of(asText(raw).split(",", -1));
                    if (values.size() < countMin || values.size() > countMax) {
                        throw new ConfigException(
                                values.size() + " elements are not within " + countMin + " to " + countMax);
                    }
                    if (values.stream().anyMatch(String::isBlank)) {
                        throw new ConfigException("an element is empty");
                    }
                    return values;
                });
    }

    private static String asText(Object raw) {
        if (raw instanceof String text) {
            return text;
        }
        throw new ConfigException("'" + raw + "' is not text in quotes");
    }

    private static long asLong(Object raw) {
        if (raw instanceof Long value) {
            return value;
        }
        if (raw instanceof String text && text.matches("-?[0-9]{1,19}")) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException tooLarge) {
                throw new ConfigException(text + " does not fit 64 bits");
            }
        }
        throw new ConfigException("'" + raw + "' is not an integer");
    }

    private static long within(long value, long min, long max) {
        if (value < min || value > max) {
            throw new ConfigException(
                    value + " is not " + (max == Long.MAX_VALUE ? "at least " + min : "within " + min + " to " + max));
        }
        return value;
    }
}
