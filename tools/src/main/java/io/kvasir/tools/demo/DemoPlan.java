package io.kvasir.tools.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a demo is asked for.
 *
 * @param source the file with packages, empty for what apt knows
 * @param seed of the choice of nodes that are killed
 * @param packagesMax how many packages of the source are used
 * @param loadSeconds after which no further package is begun
 * @param killPeriodMillis from one kill to the next
 * @param killsMax how many kills
 */
public record DemoPlan(
        Optional<Path> source, long seed, int packagesMax, int loadSeconds, long killPeriodMillis, int killsMax) {

    private static final int LOAD_SECONDS = 150;
    private static final long KILL_PERIOD_MILLIS = 5_000;

    /** The demo cannot be tried; the message is a line that says why. */
    public static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** Reads the flags {@code --source FILE} and {@code --seed N}; {@code seed} is used if none is given. */
    static DemoPlan of(List<String> arguments, long seed) {
        List<String> words = new ArrayList<>();
        for (String argument : arguments) {
            boolean both = argument.startsWith("--") && argument.contains("=");
            words.addAll(both ? List.of(argument.split("=", 2)) : List.of(argument));
        }
        DemoPlan plan = new DemoPlan(
                Optional.empty(), seed, Integer.MAX_VALUE, LOAD_SECONDS, KILL_PERIOD_MILLIS, Integer.MAX_VALUE);
        for (int i = 0; i < words.size(); i += 2) {
            String flag = words.get(i);
            if (!flag.equals("--source") && !flag.equals("--seed")) {
                throw new Refused(flag + " is no flag; there are --source FILE and --seed N");
            }
            if (i + 1 == words.size()) {
                throw new Refused(flag + " needs a value");
            }
            plan = plan.with(flag, words.get(i + 1));
        }
        return plan;
    }

    /**
     * Reads the packages.
     *
     * @param scratch a file that may be written on the way; it is deleted
     */
    PackageIndex read(Path scratch) throws IOException {
        PackageIndex index;
        if (source.isPresent()) {
            index = PackageIndex.read(source.get());
        } else {
            index = PackageIndex.ofApt(scratch)
                    .orElseThrow(() -> new Refused("needs apt-cache, as Debian has it, or a file in the format of"
                            + " 'apt-cache dumpavail': ./kvasir demo --source FILE"));
            Files.deleteIfExists(scratch);
        }
        if (index.packages().isEmpty()) {
            throw new Refused(sourceName() + " has no package"
                    + (source.isPresent() ? "" : ": sudo apt-get update gets the list of packages"));
        }
        int count = Math.min(index.packages().size(), packagesMax);
        return new PackageIndex(index.packages().subList(0, count));
    }

    String sourceName() {
        return source.map(Path::toString).orElse("apt-cache dumpavail");
    }

    private DemoPlan with(String flag, String value) {
        if (flag.equals("--source")) {
            Path file = Path.of(value);
            if (!Files.isReadable(file) || Files.isDirectory(file)) {
                throw new Refused(value + " cannot be read");
            }
            return new DemoPlan(Optional.of(file), seed, packagesMax, loadSeconds, killPeriodMillis, killsMax);
        }
        if (!value.matches("-?[0-9]{1,18}")) {
            throw new Refused("--seed needs a number");
        }
        return new DemoPlan(source, Long.parseLong(value), packagesMax, loadSeconds, killPeriodMillis, killsMax);
    }
}
