package io.kvasir.tools.fuzz;

import io.kvasir.gateway.fuzz.Families;
import io.kvasir.gateway.fuzz.Family;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a run of the fuzzer is asked for.
 *
 * @param oracle the redis-server to compare with
 * @param seed of the first script of each family
 * @param time for all clusters together
 * @param nodes sizes of the clusters, one after the other
 * @param lanes comparisons that run at once
 * @param family the only family, by the beginning of its name, or empty for all
 */
record Plan(Path oracle, long seed, Duration time, List<Integer> nodes, int lanes, String family) {

    static final String USAGE =
            "usage: ./kvasir fuzz [--oracle PATH] [--seed N] [--time T] [--nodes 0|1|3] [--lanes N] [--family NAME]\n"
                    + "T is a number of s, m or h, as 90s; 0 nodes: in this process; families: "
                    + String.join(
                            ", ", Families.all().stream().map(Family::name).toList());

    private static final Duration TIME = Duration.ofSeconds(60);
    private static final int LANES = 6;

    /** Each has one of Redis' 16 databases, of which two are those that commands name. */
    private static final int LANES_MAX = 12;

    private static final int SECONDS_MAX = 30 * 24 * 3600;

    /** What was given is none of the flags that there are; the message says which. */
    static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /**
     * Reads {@code arguments}.
     *
     * @param oracle used if none is given
     * @param seed used if none is given
     */
    static Plan of(List<String> arguments, Path oracle, long seed) {
        List<String> words = new ArrayList<>();
        for (String argument : arguments) {
            words.addAll(
                    argument.startsWith("--") && argument.contains("=")
                            ? List.of(argument.split("=", 2))
                            : List.of(argument));
        }
        Plan plan = new Plan(oracle, seed, TIME, List.of(0, 1, 3), LANES, "");
        for (int i = 0; i < words.size(); i += 2) {
            if (i + 1 == words.size()) {
                throw new Refused(words.get(i) + " needs a value, or is no flag");
            }
            plan = plan.with(words.get(i), words.get(i + 1));
        }
        if (plan.families().isEmpty()) {
            throw new Refused("--family " + plan.family + ": there is none of that name");
        }
        return plan;
    }

    /** Returns the families that are wanted. */
    List<Family> families() {
        return Families.all().stream()
                .filter(one -> one.name().startsWith(family))
                .toList();
    }

    private Plan with(String flag, String value) {
        return switch (flag) {
            case "--oracle" -> new Plan(Path.of(value), seed, time, nodes, lanes, family);
            case "--seed" -> new Plan(oracle, number(flag, value), time, nodes, lanes, family);
            case "--time" -> new Plan(oracle, seed, duration(value), nodes, lanes, family);
            case "--nodes" -> {
                if (!value.matches("[013]")) {
                    throw new Refused("--nodes is 0, 1 or 3");
                }
                yield new Plan(oracle, seed, time, List.of(Integer.parseInt(value)), lanes, family);
            }
            case "--lanes" -> {
                if (!value.matches("[1-9][0-9]?") || Integer.parseInt(value) > LANES_MAX) {
                    throw new Refused("--lanes is 1 to " + LANES_MAX);
                }
                yield new Plan(oracle, seed, time, nodes, Integer.parseInt(value), family);
            }
            case "--family" -> new Plan(oracle, seed, time, nodes, lanes, value.toLowerCase(Locale.ROOT));
            default -> throw new Refused(flag + " is no flag");
        };
    }

    private static long number(String flag, String value) {
        if (!value.matches("-?[0-9]{1,18}")) {
            throw new Refused(flag + " needs a number");
        }
        return Long.parseLong(value);
    }

    private static Duration duration(String value) {
        if (!value.matches("[0-9]{1,7}[smh]?")) {
            throw new Refused("--time needs a number of s, m or h, as 90s");
        }
        int unit =
                switch (value.charAt(value.length() - 1)) {
                    case 'm' -> 60;
                    case 'h' -> 3_600;
                    default -> 1;
                };
        long seconds = Long.parseLong(value.replaceAll("[smh]$", "")) * unit;
        if (seconds < 1 || seconds > SECONDS_MAX) {
            throw new Refused("--time is 1 s to 30 days");
        }
        return Duration.ofSeconds(seconds);
    }
}
