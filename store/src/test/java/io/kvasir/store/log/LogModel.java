package io.kvasir.store.log;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a log engine should hold, without disks. */
final class LogModel {

    static final class Group {
        final int incarnation;
        final byte[] initialState;
        long first;
        List<Entry> entries = new ArrayList<>();
        HardState hardState;

        @Nullable
        InstallMark mark;

        Group(int incarnation, byte[] initialState, long first, HardState hardState) {
            this.incarnation = incarnation;
            this.initialState = initialState;
            this.first = first;
            this.hardState = hardState;
        }

        long next() {
            return first + entries.size();
        }

        long lastTerm() {
            return entries.isEmpty() ? 0 : entries.getLast().term();
        }
    }

    final TreeMap<RegionId, Group> live = new TreeMap<>();
    final TreeMap<RegionId, Tombstone> tombstones = new TreeMap<>();

    LogModel copy() {
        LogModel copy = new LogModel();
        live.forEach((region, group) -> {
            Group cloned = new Group(group.incarnation, group.initialState, group.first, group.hardState);
            cloned.entries.addAll(group.entries);
            cloned.mark = group.mark;
            copy.live.put(region, cloned);
        });
        copy.tombstones.putAll(tombstones);
        return copy;
    }

    /** A change as the model makes it. */
    @FunctionalInterface
    interface Step {
        void apply(LogModel model);
    }

    void create(RegionId region, int incarnation, byte[] initialState, long next, HardState hardState) {
        Tombstone tombstone = tombstones.get(region);
        if (live.containsKey(region) || tombstone != null && tombstone.incarnation() >= incarnation) {
            return;
        }
        live.put(region, new Group(incarnation, initialState, next, hardState));
    }

    void destroy(RegionId region, int incarnation, Epoch epoch) {
        Group group = live.get(region);
        if (group != null && group.incarnation > incarnation) {
            return;
        }
        live.remove(region);
        Tombstone tombstone = tombstones.get(region);
        if (tombstone == null || tombstone.incarnation() < incarnation) {
            tombstones.put(region, new Tombstone(region, incarnation, epoch));
        }
    }

    void append(RegionId region, List<Entry> entries) {
        live.get(region).entries.addAll(entries);
    }

    void save(RegionId region, HardState state) {
        Group group = live.get(region);
        group.hardState = group.hardState.advance(state);
    }

    void truncatePrefix(RegionId region, long firstKept) {
        Group group = live.get(region);
        if (firstKept > group.first) {
            int dropped = (int) Math.min(group.entries.size(), firstKept - group.first);
            group.entries = new ArrayList<>(group.entries.subList(dropped, group.entries.size()));
            group.first = firstKept;
        }
    }

    void truncateSuffix(RegionId region, long lastKept) {
        Group group = live.get(region);
        if (lastKept < group.next() - 1) {
            group.entries = new ArrayList<>(group.entries.subList(0, (int) (lastKept + 1 - group.first)));
        }
    }

    void reset(RegionId region, long next) {
        Group group = live.get(region);
        group.entries.clear();
        group.first = next;
    }

    void installed(RegionId region) {
        Group group = live.get(region);
        int at = (int) (group.mark.index() - group.first);
        boolean held =
                at >= 0 && at < group.entries.size() && group.entries.get(at).term() == group.mark.term();
        if (!held) {
            reset(region, group.mark.index() + 1);
        }
        group.mark = null;
    }

    /** Returns the first difference from {@code engine}, or empty if there is none. */
    Optional<String> difference(LogEngine engine) {
        List<Replica> found = engine.live();
        if (!found.stream().map(Replica::region).toList().equals(List.copyOf(live.keySet()))) {
            return Optional.of("live " + found.stream().map(Replica::region).toList() + ", expected " + live.keySet());
        }
        for (Replica replica : found) {
            Optional<String> different = difference(replica, live.get(replica.region()));
            if (different.isPresent()) {
                return Optional.of(replica.region() + " " + different.get());
            }
        }
        for (long i = 0; i < 32; i++) {
            RegionId region = new RegionId(i);
            if (!engine.tombstone(region).equals(Optional.ofNullable(tombstones.get(region)))) {
                return Optional.of("tombstone of " + region);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> difference(Replica replica, Group expected) {
        GroupLog log = replica.log();
        if (replica.incarnation() != expected.incarnation
                || !Arrays.equals(replica.initialState(), expected.initialState)) {
            return Optional.of("incarnation or initial state");
        }
        if (log.firstIndex() != expected.first || log.lastIndex() != expected.next() - 1) {
            return Optional.of("holds " + log.firstIndex() + ".." + log.lastIndex() + ", expected " + expected.first
                    + ".." + (expected.next() - 1));
        }
        if (!log.hardState().equals(expected.hardState)) {
            return Optional.of(log.hardState() + ", expected " + expected.hardState);
        }
        if (!log.installing().equals(Optional.ofNullable(expected.mark))) {
            return Optional.of("mark " + log.installing());
        }
        List<Long> typed = new ArrayList<>();
        for (int i = 0; i < expected.entries.size(); i++) {
            long index = expected.first + i;
            Entry entry = expected.entries.get(i);
            if (log.termAt(index) != entry.term()
                    || log.typeAt(index) != entry.type()
                    || !Arrays.equals(log.read(index), entry.data())) {
                return Optional.of("entry " + index);
            }
            if (entry.type() == 1) {
                typed.add(index);
            }
        }
        if (!Arrays.stream(log.indexesOfType((byte) 1)).boxed().toList().equals(typed)) {
            return Optional.of("indexes of type 1");
        }
        assertTrue(log.read(expected.first - 1) == null && log.read(expected.next()) == null);
        return Optional.empty();
    }

    static Map<String, Object> describe(LogModel model) {
        Map<String, Object> described = new TreeMap<>();
        model.live.forEach((region, group) ->
                described.put(region.toString(), group.incarnation + " " + group.first + ".." + (group.next() - 1)));
        return described;
    }
}
