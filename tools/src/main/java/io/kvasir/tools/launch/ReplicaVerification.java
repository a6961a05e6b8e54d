package io.kvasir.tools.launch;

import io.kvasir.tools.launch.NodePages.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Compares the replicas of all ranges of a cluster that serves (rule K26): the leader of each range puts an entry into
 * its log that makes every replica compute a checksum of what it holds at that raft index. One range after another.
 *
 * <p>Ranges may move, split and change leaders meanwhile: a range that does not answer is asked again, and at the end
 * the ranges that were compared must tile the key space. Confined to one thread.
 */
public final class ReplicaVerification {

    private static final int POLL_MILLIS = 5;

    /** How long a range may have no leader, and an asked leader may take to bring the entry to any replica. */
    private static final long LEADER_MILLIS_MAX = 15_000;

    private static final long ENTRY_MILLIS_MAX = 3_000;

    /** How long a replica may be behind the others. */
    private static final long BEHIND_MILLIS_MAX = 30_000;

    /** How long a node may give no answer at all. */
    private static final long SILENT_MILLIS_MAX = 1_000;

    /** How long a replica may read its range. */
    private static final long READ_MILLIS_MAX = 3_600_000;

    /** Time until the leader puts one more entry into the log, from which a follower learns of the one before. */
    private static final long NUDGE_MILLIS = 40;

    private static final int ATTEMPTS_MAX = 10;

    /** How often ranges that came into being meanwhile are looked for. */
    private static final int ROUNDS_MAX = 5;

    private static final List<String> DIGESTS = List.of("newest", "lock", "fate", "range");

    private final Map<Long, NodePages> nodes = new TreeMap<>();
    private final RandomGenerator random = RandomGenerator.getDefault();

    /** Will compare the stores 1, 2, 3 …, which tell of themselves at {@code httpPorts} on loopback. */
    public ReplicaVerification(List<Integer> httpPorts) {
        for (int i = 0; i < httpPorts.size(); i++) {
            nodes.put(i + 1L, new NodePages(httpPorts.get(i)));
        }
    }

    /**
     * What was found.
     *
     * @param ranges ranges of which all replicas were compared
     * @param replicas of those ranges
     * @param records in one replica of each of those ranges
     * @param bytes of the keys and values of those records
     * @param different a line for each range whose replicas differ
     * @param unchecked a line for what could not be compared
     */
    public record Verdict(
            int ranges, int replicas, long records, long bytes, List<String> different, List<String> unchecked) {

        public Verdict {
            different = List.copyOf(different);
            unchecked = List.copyOf(unchecked);
        }

        /** Returns whether all replicas of all ranges are equal. */
        public boolean isEqual() {
            return different.isEmpty() && unchecked.isEmpty();
        }
    }

    /** What the replicas of one range answered, by store, and what is wrong. */
    private record Compared(
            Map<Long, Map<String, String>> answers, Optional<String> different, Optional<String> unchecked) {

        Map<String, String> any() {
            return ReplicaVerification.any(answers);
        }
    }

    /** Compares all ranges. Waits; how long depends on the data. */
    public Verdict run() {
        Map<Long, Compared> compared = new TreeMap<>();
        List<String> holes = List.of("no node answers");
        for (int round = 0; round < ROUNDS_MAX; round++) {
            Set<Long> known = listed().keySet();
            if (known.isEmpty()) {
                break;
            }
            compared.keySet().retainAll(known);
            Set<Long> again = new HashSet<>(known);
            again.removeAll(compared.keySet());
            again.addAll(overlapping(compared));
            for (long region : again) {
                compared.put(region, compare(region));
            }
            holes = holes(compared);
            if (holes.isEmpty()) {
                break;
            }
        }
        return verdict(compared, holes);
    }

    private static Verdict verdict(Map<Long, Compared> compared, List<String> holes) {
        List<String> different = new ArrayList<>();
        List<String> unchecked = new ArrayList<>();
        int ranges = 0;
        int replicas = 0;
        long records = 0;
        long bytes = 0;
        for (Compared one : compared.values()) {
            one.different.ifPresent(different::add);
            one.unchecked.ifPresent(unchecked::add);
            if (one.unchecked.isEmpty()) {
                ranges++;
                replicas += one.answers.size();
                records += Long.parseLong(one.any().get("records"));
                bytes += Long.parseLong(one.any().get("bytes"));
            }
        }
        if (unchecked.isEmpty()) {
            unchecked.addAll(holes);
        }
        return new Verdict(ranges, replicas, records, bytes, different, unchecked);
    }

    /** Returns the newest line that any node has for each region. */
    private Map<Long, Map<String, String>> listed() {
        Map<Long, Map<String, String>> newest = new TreeMap<>();
        for (NodePages node : nodes.values()) {
            for (Map<String, String> line : node.ranges().orElse(List.of())) {
                newest.merge(number(line, "region"), line, (one, two) -> epoch(two) > epoch(one) ? two : one);
            }
        }
        return newest;
    }

    private Compared compare(long region) {
        Compared last = new Compared(Map.of(), Optional.empty(), Optional.of("range " + region + " has no leader"));
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            Optional<NodePages> leader = awaitLeader(region);
            if (leader.isEmpty()) {
                return last;
            }
            long id = random.nextLong(1, 1_000_000_000_000_000L);
            if (leader.get().ask(region, id)) {
                last = judged(region, collect(region, id, leader.get()));
                if (!last.answers.isEmpty()) {
                    return last;
                }
            }
        }
        return last;
    }

    private Optional<NodePages> awaitLeader(long region) {
        long begin = LocalTime.nanos();
        while (!isPast(begin, LEADER_MILLIS_MAX)) {
            Optional<NodePages> leader = Optional.empty();
            long newest = 0;
            for (NodePages node : nodes.values()) {
                for (Map<String, String> line : node.ranges().orElse(List.of())) {
                    if (number(line, "region") == region && number(line, "term") > newest) {
                        newest = number(line, "term");
                        leader = Optional.of(node);
                    }
                }
            }
            if (leader.isPresent()) {
                return leader;
            }
            LocalTime.pause(POLL_MILLIS);
        }
        return Optional.empty();
    }

    /** Waits for the replicas' answers; returns those that came, by store. */
    private Map<Long, Map<String, String>> collect(long region, long id, NodePages leader) {
        long begin = LocalTime.nanos();
        long newest = begin; // when a replica was last seen at work
        Map<Long, Map<String, String>> answers = new TreeMap<>();
        boolean seen = false;
        long nudgeMillis = NUDGE_MILLIS;
        while (!isPast(begin, READ_MILLIS_MAX)) {
            boolean underWay = false;
            Set<Long> silent = new HashSet<>();
            for (Map.Entry<Long, NodePages> node : nodes.entrySet()) {
                if (answers.containsKey(node.getKey())) {
                    continue;
                }
                switch (node.getValue().checksum(region, id)) {
                    case Progress.Computed(Map<String, String> words) -> {
                        answers.put(node.getKey(), words);
                        underWay = true;
                    }
                    case Progress.UnderWay ignored -> underWay = true;
                    case Progress.Unknown ignored -> {}
                    case Progress.Silent ignored -> silent.add(node.getKey());
                }
            }
            if (underWay) {
                seen = true;
                newest = LocalTime.nanos();
            }
            boolean all = !answers.isEmpty()
                    && voters(any(answers)).stream()
                            .allMatch(store -> answers.containsKey(store)
                                    || silent.contains(store) && isPast(begin, SILENT_MILLIS_MAX));
            if (all || !underWay && isPast(newest, seen ? BEHIND_MILLIS_MAX : ENTRY_MILLIS_MAX)) {
                break;
            }
            if (isPast(begin, nudgeMillis)) {
                leader.ask(region, NodePages.NO_CHECKSUM);
                nudgeMillis *= 2;
            }
            LocalTime.pause(POLL_MILLIS);
        }
        return answers;
    }

    private static Compared judged(long region, Map<Long, Map<String, String>> answers) {
        String name = "range " + region;
        if (answers.isEmpty()) {
            return new Compared(answers, Optional.empty(), Optional.of(name + ": no replica answers"));
        }
        Map<String, String> first = any(answers);
        Optional<String> unchecked = voters(first).stream()
                .filter(store -> !answers.containsKey(store))
                .findFirst()
                .map(store -> name + ": the replica on node " + (store - 1) + " does not answer at raft index "
                        + first.get("index"));
        boolean equal = answers.values().stream()
                .allMatch(it -> DIGESTS.stream().allMatch(digest -> Objects.equals(first.get(digest), it.get(digest)))
                        && Objects.equals(first.get("index"), it.get("index")));
        return new Compared(answers, equal ? Optional.empty() : Optional.of(difference(name, answers)), unchecked);
    }

    private static String difference(String name, Map<Long, Map<String, String>> answers) {
        StringBuilder line = new StringBuilder(name).append(" differs:");
        answers.forEach((store, words) -> {
            line.append("\n  node ").append(store - 1).append(" at raft index ").append(words.get("index"));
            line.append(": ").append(words.get("records")).append(" records");
            DIGESTS.forEach(
                    digest -> line.append(", ").append(digest).append(' ').append(words.get(digest)));
        });
        return line.toString();
    }

    /** Returns the regions compared whose keys another one was compared with, too, at another epoch. */
    private static Set<Long> overlapping(Map<Long, Compared> compared) {
        Set<Long> overlapping = new HashSet<>();
        Map<Long, Map<String, String>> lines = lines(compared);
        lines.forEach((one, a) -> lines.forEach((two, b) -> {
            if (one < two && startsBefore(a, b) && startsBefore(b, a)) {
                overlapping.add(one);
                overlapping.add(two);
            }
        }));
        return overlapping;
    }

    /** Returns whether {@code a} starts before the end of {@code b}. */
    private static boolean startsBefore(Map<String, String> a, Map<String, String> b) {
        byte[] end = bytes(b, "end");
        return end.length == 0 || Arrays.compareUnsigned(bytes(a, "start"), end) < 0;
    }

    /** Returns a line for each place at which the ranges compared do not follow each other. */
    private static List<String> holes(Map<Long, Compared> compared) {
        List<Map<String, String>> inOrder = new ArrayList<>(lines(compared).values());
        inOrder.sort((a, b) -> Arrays.compareUnsigned(bytes(a, "start"), bytes(b, "start")));
        List<String> holes = new ArrayList<>();
        String end = "";
        boolean ended = false;
        for (Map<String, String> line : inOrder) {
            if (ended || !end.equals(line.get("start"))) {
                holes.add("the ranges around key " + line.get("start") + " do not follow each other");
            }
            end = word(line, "end");
            ended = end.isEmpty();
        }
        if (!ended) {
            holes.add("no range was compared from key " + end);
        }
        return holes;
    }

    private static Map<Long, Map<String, String>> lines(Map<Long, Compared> compared) {
        Map<Long, Map<String, String>> lines = new HashMap<>();
        compared.forEach((region, one) -> {
            if (!one.answers.isEmpty()) {
                lines.put(region, one.any());
            }
        });
        return lines;
    }

    private static Map<String, String> any(Map<Long, Map<String, String>> answers) {
        return answers.values().iterator().next();
    }

    private static Set<Long> voters(Map<String, String> line) {
        Set<Long> voters = new HashSet<>();
        for (String store : word(line, "voters").split(",")) {
            voters.add(Long.parseLong(store));
        }
        return voters;
    }

    /** Returns the epoch as one number that grows with it. */
    private static long epoch(Map<String, String> line) {
        String[] parts = word(line, "epoch").split("\\.");
        return (Long.parseLong(parts[1]) << 32) + Long.parseLong(parts[0]);
    }

    /** Returns a word of an answer, which has it: all nodes run the same release. */
    private static String word(Map<String, String> line, String name) {
        return Objects.requireNonNull(line.get(name), name);
    }

    private static long number(Map<String, String> line, String name) {
        return Long.parseLong(word(line, name));
    }

    private static byte[] bytes(Map<String, String> line, String name) {
        return HexFormat.of().parseHex(line.get(name));
    }

    private static boolean isPast(long begin, long millis) {
        return LocalTime.nanos() - begin > millis * 1_000_000;
    }
}
