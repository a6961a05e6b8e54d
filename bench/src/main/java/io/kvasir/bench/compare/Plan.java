package io.kvasir.bench.compare;

import java.nio.file.Path;
import java.util.List;

/**
 * What is asked for.
 *
 * @param seconds that each load aims to run
 * @param rounds in each of which every load runs once on every target
 * @param nodes of the Kvasir clusters to compare, one cluster each
 * @param workloads which loads, all if none is named
 * @param root of the repository, where {@code kvasir} is
 * @param out directory of the results; empty: they are printed only
 */
record Plan(double seconds, int rounds, List<Integer> nodes, List<Workload> workloads, Path root, List<Path> out) {

    static final int ROUNDS_MAX = 99;
    static final double SECONDS_MAX = 600;

    Plan {
        nodes = List.copyOf(nodes);
        workloads = List.copyOf(workloads);
        out = List.copyOf(out);
    }

    /**
     * Reads {@code --seconds S --rounds N --nodes 1|3 --load NAME --out DIR|none}.
     *
     * @throws BenchException if a flag is unknown or a value out of its bounds
     */
    static Plan parse(String[] arguments, Path root) {
        double seconds = 0.5;
        int rounds = 5;
        List<Integer> nodes = List.of(1, 3);
        List<Workload> workloads = Workload.ALL;
        List<Path> out = List.of(root.resolve("bench/results"));
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new BenchException(arguments[i] + " needs a value");
            }
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--seconds" -> seconds = number(arguments[i], value, 0.1, SECONDS_MAX);
                case "--rounds" -> rounds = (int) number(arguments[i], value, 1, ROUNDS_MAX);
                case "--nodes" -> nodes = List.of((int) number(arguments[i], value, 1, 9));
                case "--load" -> workloads = named(value);
                case "--out" -> out = value.equals("none") ? List.of() : List.of(Path.of(value));
                default ->
                    throw new BenchException(
                            arguments[i] + " is no flag; there are --seconds, --rounds, --nodes, --load, --out");
            }
        }
        return new Plan(seconds, rounds, nodes, workloads, root, out);
    }

    private static List<Workload> named(String name) {
        List<Workload> found = Workload.ALL.stream()
                .filter(it -> it.name().equalsIgnoreCase(name) || it.command().equalsIgnoreCase(name))
                .toList();
        if (found.isEmpty()) {
            throw new BenchException("--load " + name + ": there are "
                    + String.join(
                            ", ", Workload.ALL.stream().map(Workload::name).toList()));
        }
        return found;
    }

    /**
     * Returns the number that {@code text}, the value of {@code flag}, is.
     *
     * @throws BenchException if it is none from {@code min} to {@code max}
     */
    static double number(String flag, String text, double min, double max) {
        double value = text.matches("[0-9]{1,6}(\\.[0-9]{1,3})?") ? Double.parseDouble(text) : -1;
        if (value < min || value > max) {
            throw new BenchException(flag + ": '" + text + "' is not within " + min + " to " + max);
        }
        return value;
    }
}
