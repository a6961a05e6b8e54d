package io.kvasir.tools.demo;

import io.kvasir.tools.demo.Mutation.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The packages as one would keep them in Redis: each a hash, a list of what it depends on, and at times a string that
 * expires; sets by section and by maintainer, sorted sets by size, HyperLogLogs of what a section depends on, bitmaps
 * by priority, counters; and where mirrors are. Stateless.
 */
final class PackageWrites {

    /** Keys that begin with this are HyperLogLogs: they compare by what they estimate, not by their bytes. */
    static final String ESTIMATE = "depended:";

    private static final List<String> OF_ONE = List.of("package:", "depends:", "version:", "digest:");
    private static final int DEPENDENCIES_MAX = 200;

    /** Longitude and latitude of capitals of countries with mirrors, by continent. */
    private static final Map<String, List<String>> MIRRORS = Map.of(
            "europe",
            List.of(
                    "de 13.40 52.52",
                    "fr 2.35 48.86",
                    "gb -0.13 51.51",
                    "it 12.50 41.90",
                    "es -3.70 40.42",
                    "se 18.07 59.33",
                    "no 10.75 59.91",
                    "fi 24.94 60.17",
                    "pl 21.01 52.23",
                    "cz 14.44 50.08",
                    "at 16.37 48.21",
                    "ch 7.45 46.95",
                    "nl 4.90 52.37",
                    "pt -9.14 38.72",
                    "gr 23.73 37.98",
                    "is -21.94 64.15"),
            "asia",
            List.of(
                    "jp 139.69 35.69",
                    "cn 116.41 39.90",
                    "in 77.21 28.61",
                    "kr 126.98 37.57",
                    "sg 103.82 1.35",
                    "tw 121.57 25.03",
                    "tr 32.86 39.93",
                    "il 35.21 31.77"),
            "america",
            List.of(
                    "us -77.04 38.91",
                    "ca -75.70 45.42",
                    "mx -99.13 19.43",
                    "br -47.88 -15.79",
                    "ar -58.38 -34.60",
                    "cl -70.67 -33.45",
                    "uy -56.16 -34.90"),
            "africa",
            List.of("za 28.19 -25.75", "ke 36.82 -1.29", "ma -6.84 34.02"),
            "oceania",
            List.of("au 149.13 -35.28", "nz 174.78 -41.29", "nc 166.46 -22.27"));

    private final long deadlineMillis;

    /** @param deadlineMillis since 1970: when the keys with a time to live end, all within an hour from it */
    PackageWrites(long deadlineMillis) {
        this.deadlineMillis = deadlineMillis;
    }

    /** Returns whether the key gathers what several packages have. */
    static boolean isShared(Name key) {
        return OF_ONE.stream().noneMatch(key::startsWith);
    }

    /** Returns the writes about mirrors. */
    List<Mutation> mirrors() {
        List<Mutation> writes = new ArrayList<>();
        MIRRORS.forEach((continent, countries) -> countries.forEach(country -> {
            String[] parts = country.split(" ");
            for (String key : List.of("mirrors", "mirrors:" + continent)) {
                writes.add(Mutation.repeatable("GEOADD", key, parts[1], parts[2], parts[0]));
            }
        }));
        return writes;
    }

    /** Returns the writes about a package, the {@code index}th. */
    List<Mutation> of(int index, SequencedMap<String, String> fields) {
        String name = fields.getOrDefault(PackageIndex.NAME, "");
        String section = fields.getOrDefault("Section", "none");
        String size = digits(fields.getOrDefault("Size", "0"));
        String installed = digits(fields.getOrDefault("Installed-Size", "0"));
        String hash = "package:" + name;
        List<String> whole = new ArrayList<>(List.of("HSET", hash));
        fields.forEach((field, value) -> whole.addAll(List.of(field, value)));
        List<Mutation> writes = new ArrayList<>();
        writes.add(Mutation.of(Kind.REPEATABLE, whole));
        writes.add(Mutation.repeatable("SADD", "section:" + section, name));
        writes.add(Mutation.repeatable("SADD", "maintainer:" + fields.getOrDefault("Maintainer", ""), name));
        writes.add(Mutation.repeatable("ZADD", "by-size", size, name));
        writes.add(Mutation.repeatable("ZADD", "by-installed-size:" + section, installed, name));
        writes.add(Mutation.repeatable(
                "SETBIT", "priority:" + fields.getOrDefault("Priority", "none"), Integer.toString(index), "1"));
        writes.add(Mutation.of(Kind.INCREMENT, List.of("INCR", "count:" + section)));
        List<String> dependencies = dependencies(fields);
        if (!dependencies.isEmpty()) {
            writes.add(Mutation.of(Kind.PUSH, with(List.of("RPUSH", "depends:" + name), dependencies)));
            writes.add(Mutation.of(Kind.REPEATABLE, with(List.of("PFADD", ESTIMATE + section), dependencies)));
        }
        String deadline = Long.toString(deadlineMillis + index * 37L % 3_600_000);
        switch (index % 8) {
            case 0 -> writes.add(Mutation.of(Kind.DEADLINE, List.of("PEXPIREAT", hash, deadline)));
            case 1, 5 -> {
                String digest = fields.getOrDefault("SHA256", name);
                writes.add(Mutation.repeatable("SET", "digest:" + name, digest, "PXAT", deadline));
            }
            default -> writes.add(Mutation.repeatable("SET", "version:" + name, fields.getOrDefault("Version", "")));
        }
        return writes;
    }

    /** The names of the packages that it depends on, without versions, alternatives and repetitions. */
    private static List<String> dependencies(SequencedMap<String, String> fields) {
        return Arrays.stream(fields.getOrDefault("Depends", "").split("[,|]"))
                .map(one -> one.strip().split("[ :(]")[0])
                .filter(one -> !one.isEmpty())
                .distinct()
                .limit(DEPENDENCIES_MAX)
                .toList();
    }

    private static String digits(String text) {
        return text.matches("[0-9]{1,15}") ? text : "0";
    }

    private static List<String> with(List<String> first, List<String> more) {
        List<String> all = new ArrayList<>(first);
        all.addAll(more);
        return all;
    }
}
