package io.kvasir.gateway.session;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads the text of a setting into the form in which it is shown, or says in Redis' words why it cannot (redis
 * config.c). Stateless.
 */
final class SettingText {

    private static final BigInteger UNSIGNED_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final String EVENT_LETTERS = "g$lshzxetdn";
    private static final String ALL_EVENTS = "g$lshzxetd";
    private static final int HOSTNAME_BYTES_MAX = 255;

    private SettingText() {}

    /**
     * Returns {@code text} as it is shown and kept.
     *
     * @param before the value so far, of which some settings keep a part
     * @throws IllegalArgumentException with the text of the error
     */
    static String read(Setting setting, String text, String before) {
        return switch (setting.kind()) {
            case FLAG -> flag(text);
            case INTEGER -> integer(setting, text);
            case MEMORY -> memory(setting, text);
            case MEMORY_OR_PERCENT -> memoryOrPercent(setting, text);
            case WORD -> words(setting, List.of(text));
            case WORDS -> words(setting, split(text));
            case TEXT -> text;
            case SAVE -> save(text);
            case CLIENT_OUTPUT_BUFFER_LIMIT ->
                OutputLimits.parse(before).with(split(text)).toString();
            case NOTIFY_KEYSPACE_EVENTS -> events(text);
            case OOM_SCORE_ADJ_VALUES -> scores(text);
            case LATENCY_TRACKING_INFO_PERCENTILES -> percentiles(text);
            case CLUSTER_ANNOUNCE_HOSTNAME -> hostname(text);
        };
    }

    /**
     * Returns the bytes that a memory value such as "64mb" means; more than 64 bits count as 64 bits of ones.
     *
     * @throws IllegalArgumentException if it is none
     */
    static BigInteger bytes(String text) {
        int digits = 0;
        while (digits < text.length() && Character.digit(text.charAt(digits), 10) >= 0) {
            digits++;
        }
        if (text.isEmpty()) {
            return BigInteger.ZERO;
        }
        if (digits == 0) {
            throw new IllegalArgumentException("argument must be a memory value");
        }
        long factor =
                switch (text.substring(digits).toLowerCase(Locale.ROOT)) {
                    case "", "b" -> 1;
                    case "k" -> 1_000;
                    case "kb" -> 1_024;
                    case "m" -> 1_000_000;
                    case "mb" -> 1 << 20;
                    case "g" -> 1_000_000_000;
                    case "gb" -> 1 << 30;
                    default -> throw new IllegalArgumentException("argument must be a memory value");
                };
        return new BigInteger(text.substring(0, digits))
                .multiply(BigInteger.valueOf(factor))
                .min(UNSIGNED_MAX);
    }

    /** Returns the words of {@code text} between single or many spaces. */
    static List<String> split(String text) {
        List<String> words = new ArrayList<>();
        for (String word : text.split(" ", -1)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    private static String flag(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!lower.equals("yes") && !lower.equals("no")) {
            throw new IllegalArgumentException("argument must be 'yes' or 'no'");
        }
        return lower;
    }

    private static String integer(Setting setting, String text) {
        if (!text.matches("0|-?[1-9][0-9]{0,18}") || new BigInteger(text).bitLength() > 63) {
            throw new IllegalArgumentException("argument couldn't be parsed into an integer");
        }
        return within(setting, new BigInteger(text));
    }

    private static String memory(Setting setting, String text) {
        return within(setting, bytes(text));
    }

    private static String memoryOrPercent(Setting setting, String text) {
        try {
            if (!text.endsWith("%")) {
                return within(setting, bytes(text));
            }
            BigInteger percent = bytes(text.substring(0, text.length() - 1));
            if (percent.compareTo(BigInteger.valueOf(100)) > 0) {
                throw new IllegalStateException("percentage argument must be less or equal to 100");
            }
            return percent.signum() == 0 ? "0" : percent + "%";
        } catch (IllegalArgumentException none) {
            throw new IllegalArgumentException("argument must be a memory or percent value");
        } catch (IllegalStateException tooMuch) {
            throw new IllegalArgumentException(tooMuch.getMessage());
        }
    }

    private static String within(Setting setting, BigInteger value) {
        if (value.compareTo(setting.least()) < 0 || value.compareTo(setting.greatest()) > 0) {
            throw new IllegalArgumentException(
                    "argument must be between " + setting.least() + " and " + setting.greatest() + " inclusive");
        }
        return value.toString();
    }

    /** Returns the words given, in the order of the table. */
    private static String words(Setting setting, List<String> given) {
        List<String> lower =
                given.stream().map(word -> word.toLowerCase(Locale.ROOT)).toList();
        if (lower.isEmpty() || !setting.words().containsAll(lower)) {
            throw new IllegalArgumentException(
                    "argument(s) must be one of the following: " + String.join(", ", setting.words()));
        }
        return String.join(" ", setting.words().stream().filter(lower::contains).toList());
    }

    private static String save(String text) {
        List<String> words = split(text);
        if (words.size() % 2 != 0) {
            throw new IllegalArgumentException("Invalid save parameters");
        }
        for (int i = 0; i < words.size(); i++) {
            if (!words.get(i).matches("[0-9]{1,9}") || i % 2 == 0 && Integer.parseInt(words.get(i)) < 1) {
                throw new IllegalArgumentException("Invalid save parameters");
            }
        }
        return String.join(" ", words);
    }

    private static String events(String text) {
        StringBuilder shown = new StringBuilder();
        for (char letter : text.toCharArray()) {
            if (EVENT_LETTERS.indexOf(letter) < 0 && "AKEm".indexOf(letter) < 0) {
                throw new IllegalArgumentException("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
            }
        }
        boolean all = text.indexOf('A') >= 0 || ALL_EVENTS.chars().allMatch(letter -> text.indexOf(letter) >= 0);
        if (all) {
            shown.append('A');
        } else {
            appendFound(text, EVENT_LETTERS, shown);
        }
        return appendFound(text, "KEm", shown).toString();
    }

    private static StringBuilder appendFound(String text, String letters, StringBuilder shown) {
        letters.chars().filter(letter -> text.indexOf(letter) >= 0).forEach(letter -> shown.append((char) letter));
        return shown;
    }

    private static String scores(String text) {
        List<String> words = split(text);
        if (words.size() != 3) {
            throw new IllegalArgumentException("wrong number of arguments");
        }
        for (String word : words) {
            if (!word.matches("-?[0-9]{1,4}") || Math.abs(Integer.parseInt(word)) > 2_000) {
                throw new IllegalArgumentException(
                        "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
            }
        }
        return String.join(" ", words);
    }

    private static String percentiles(String text) {
        List<String> shown = new ArrayList<>();
        for (String word : split(text)) {
            double percent;
            try {
                percent = Double.parseDouble(word);
            } catch (NumberFormatException none) {
                throw new IllegalArgumentException("Invalid latency-tracking-info-percentiles parameters");
            }
            if (!(percent >= 0 && percent <= 100)) {
                throw new IllegalArgumentException(
                        "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
            }
            shown.add(io.kvasir.gateway.resp.RealText.of(percent));
        }
        return String.join(" ", shown);
    }

    private static String hostname(String text) {
        if (text.length() > HOSTNAME_BYTES_MAX) {
            throw new IllegalArgumentException("Hostnames must be less than 256 characters");
        }
        if (!text.matches("[A-Za-z0-9.-]*")) {
            throw new IllegalArgumentException("Hostnames may only contain alphanumeric characters, hyphens or dots");
        }
        return text;
    }
}
