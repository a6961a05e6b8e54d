package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.SplitPoint;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All schedulers and their operators: what is to be done next, and why nothing is. The caller brings time and picture;
 * confined to one thread.
 */
public final class Scheduling {

    /** Who adds operators by hand. */
    public static final String BY_HAND = "admin";

    /** The schedulers, in the order in which they plan, and how many operators each may have under way. */
    public static final List<Limit> LIMITS = List.of(
            new Limit(LeaderEviction.NAME, 64),
            new Limit(ReplicaRepair.NAME, 4),
            new Limit(ReplicaCount.NAME, 4),
            new Limit(LeaderBalance.NAME, 8),
            new Limit(SizeSplit.NAME, 4),
            new Limit(ReplicaBalance.NAME, 2));

    /** Longest pause of a scheduler, in seconds: a day. */
    public static final long PAUSE_SECONDS_MAX = 86_400;

    private static final int REASONS_MAX = 16;

    /** @param operatorsMax that {@code scheduler} may have under way */
    public record Limit(String scheduler, int operatorsMax) {}

    private final Operators operators;
    private final long rangeBytesMax;
    private final Map<String, Long> pausedUntil = new HashMap<>();

    /**
     * Begins with nothing under way.
     *
     * @param term of the placement driver, which is part of operators' numbers
     * @param rangeBytesMax a larger range is split
     */
    public Scheduling(long term, long rangeBytesMax) {
        this.rangeBytesMax = rangeBytesMax;
        operators = new Operators(term * Operators.PER_TERM_MAX + 1);
    }

    public Operators operators() {
        return operators;
    }

    /** Ends what has ended and plans what should follow. */
    public void tick(ClusterPicture picture, long nowNanos) {
        operators.advance(picture, nowNanos);
        PeerChecker.adopt(picture, operators, nowNanos);
        for (Limit limit : LIMITS) {
            int room = limit.operatorsMax() - operators.running(limit.scheduler());
            if (room > 0 && !isPaused(limit.scheduler(), nowNanos)) {
                plan(limit.scheduler(), picture, room).forEach(task -> operators.add(task, nowNanos));
            }
        }
    }

    private List<? extends Task> plan(String scheduler, ClusterPicture picture, int tasksMax) {
        ClusterPicture after = operators.afterAll(picture);
        return switch (scheduler) {
            case LeaderEviction.NAME -> LeaderEviction.plan(after, operators.busy(), tasksMax);
            case LeaderBalance.NAME -> LeaderBalance.plan(after, operators.busyOrCooling(), tasksMax);
            case SizeSplit.NAME -> SizeSplit.plan(after, operators.busyOrCooling(), rangeBytesMax, tasksMax);
            case ReplicaRepair.NAME -> ReplicaRepair.plan(after, operators.busy(), tasksMax);
            case ReplicaCount.NAME -> ReplicaCount.plan(after, operators.busy(), tasksMax);
            case ReplicaBalance.NAME -> planBalance(after, tasksMax);
            default -> throw new IllegalArgumentException("no scheduler " + scheduler);
        };
    }

    /** What has too few or too many replicas is not moved meanwhile: it would be moved twice. */
    private List<PeerChange> planBalance(ClusterPicture after, int changesMax) {
        return ReplicaCount.plan(after, Set.of(), 1).isEmpty()
                ? ReplicaBalance.plan(after, operators.busyOrCooling(), changesMax)
                : List.of();
    }

    /** Returns whether there is a scheduler called {@code name}. */
    public static boolean isScheduler(String name) {
        return LIMITS.stream().anyMatch(limit -> limit.scheduler().equals(name));
    }

    /** Lets {@code scheduler} plan nothing for {@code seconds}; what it has under way goes on. */
    public void pause(String scheduler, long seconds, long nowNanos) {
        pausedUntil.put(scheduler, nowNanos + seconds * 1_000_000_000L);
    }

    public void resume(String scheduler) {
        pausedUntil.remove(scheduler);
    }

    private boolean isPaused(String scheduler, long nowNanos) {
        return pausedSeconds(scheduler, nowNanos) > 0;
    }

    /** Returns for how many seconds more {@code scheduler} is paused, rounded up; 0 if it is not. */
    public long pausedSeconds(String scheduler, long nowNanos) {
        Long until = pausedUntil.get(scheduler);
        return until == null || nowNanos - until >= 0 ? 0 : (until - nowNanos + 999_999_999L) / 1_000_000_000L;
    }

    /**
     * Adds a move by hand.
     *
     * @return why it is refused; empty if it was added
     */
    public Optional<String> transfer(ClusterPicture picture, RegionId region, StoreId to, long nowNanos) {
        Optional<RangeView> found = picture.ranges().stream()
                .filter(range -> range.id().equals(region))
                .findFirst();
        if (found.isEmpty()) {
            return Optional.of("there is no range " + region.value());
        }
        RangeView range = found.get();
        StoreView store = picture.stores().get(to);
        if (store == null) {
            return Optional.of("there is no store " + to.value());
        }
        if (range.leader().isEmpty()) {
            return Optional.of("range " + region.value() + " has no leader now");
        }
        if (range.leader().get().equals(to)) {
            return Optional.of("store " + to.value() + " leads range " + region.value() + " already");
        }
        if (!range.voters().contains(to)) {
            return Optional.of("store " + to.value() + " has no replica of range " + region.value());
        }
        if (!store.mayLead()) {
            return Optional.of("store " + to.value() + " " + store.objection());
        }
        if (!range.mayBeLedBy(to)) {
            return Optional.of("the replica on store " + to.value() + " " + lag(range, to));
        }
        Move move = new Move(region, range.term(), range.leader().get(), to, BY_HAND, "asked for by hand");
        return operators.add(move, nowNanos).isPresent()
                ? Optional.empty()
                : Optional.of("range " + region.value() + " has an operator already");
    }

    /**
     * Adds a change of replicas by hand.
     *
     * @param add the store that is to have a replica
     * @param remove the store that is to have none
     * @return why it is refused; empty if it was added
     */
    public Optional<String> changePeers(
            ClusterPicture picture, RegionId region, Optional<StoreId> add, Optional<StoreId> remove, long nowNanos) {
        Optional<RangeView> found = picture.ranges().stream()
                .filter(range -> range.id().equals(region))
                .findFirst();
        if (found.isEmpty()) {
            return Optional.of("there is no range " + region.value());
        }
        RangeView range = found.get();
        Optional<String> objection = PeerRules.objection(picture, range, add, remove);
        if (objection.isPresent()) {
            return objection;
        }
        PeerChange change = new PeerChange(
                region,
                range.term(),
                range.leader().orElseThrow(),
                range.confVersion(),
                add,
                remove,
                BY_HAND,
                "asked for by hand");
        return operators.add(change, nowNanos).isPresent()
                ? Optional.empty()
                : Optional.of("range " + region.value() + " has an operator already");
    }

    /**
     * Adds a split by hand, of the range {@code region}.
     *
     * @return why it is refused; empty if it was added
     */
    public Optional<String> split(ClusterPicture picture, RegionId region, SplitPoint at, long nowNanos) {
        Optional<RangeView> found = picture.ranges().stream()
                .filter(range -> range.id().equals(region))
                .findFirst();
        if (found.isEmpty()) {
            return Optional.of("there is no range " + region.value());
        }
        RangeView range = found.get();
        if (range.leader().isEmpty()) {
            return Optional.of("range " + region.value() + " has no leader now");
        }
        Split split = new Split(
                region, range.term(), range.leader().get(), range.version(), at, BY_HAND, "asked for by hand");
        return operators.add(split, nowNanos).isPresent()
                ? Optional.empty()
                : Optional.of("range " + region.value() + " has an operator already");
    }

    /** Returns why {@code scheduler} moves nothing now, or what it is about, in sentences. */
    public List<String> describe(String scheduler, ClusterPicture picture, long nowNanos) {
        List<String> lines = new ArrayList<>();
        long paused = pausedSeconds(scheduler, nowNanos);
        if (paused > 0) {
            lines.add("paused for " + paused + " s more");
        }
        int running = operators.running(scheduler);
        if (running > 0) {
            lines.add(running + " operators under way");
        }
        switch (scheduler) {
            case LeaderEviction.NAME -> describeEviction(picture, lines);
            case LeaderBalance.NAME -> describeBalance(picture, lines);
            case SizeSplit.NAME -> describeSizes(picture, lines);
            case ReplicaRepair.NAME -> lines.addAll(ReplicaRepair.describe(picture));
            case ReplicaCount.NAME -> lines.addAll(ReplicaCount.describe(picture));
            case ReplicaBalance.NAME -> describeReplicas(picture, lines);
            default -> throw new IllegalArgumentException("no scheduler " + scheduler);
        }
        return lines;
    }

    private void describeEviction(ClusterPicture picture, List<String> lines) {
        List<StoreView> leaving = picture.stores().values().stream()
                .filter(LeaderEviction::mustLeave)
                .toList();
        if (leaving.isEmpty()) {
            lines.add("no store is stopping or has a disk that stalls");
            return;
        }
        NavigableMap<StoreId, Integer> leaders = picture.leaders();
        for (StoreView store : leaving) {
            lines.add(
                    "store " + store.id().value() + " " + store.objection() + " and leads " + leaders.get(store.id()));
        }
        Set<RegionId> none = Set.of();
        int movable = LeaderEviction.plan(picture, none, Integer.MAX_VALUE).size();
        int all = leaving.stream()
                .mapToInt(store -> leaders.getOrDefault(store.id(), 0))
                .sum();
        if (movable < all) {
            lines.add((all - movable) + " of its ranges have no other replica that is up and has the whole log");
        }
    }

    private void describeSizes(ClusterPicture picture, List<String> lines) {
        lines.add("a range of more than " + SizeSplit.mebibytes(rangeBytesMax) + " MiB is split");
        Set<RegionId> held = operators.busyOrCooling();
        List<RangeView> large = picture.ranges().stream()
                .filter(range -> range.bytes() > rangeBytesMax)
                .toList();
        if (large.isEmpty()) {
            lines.add("none is larger");
        }
        large.stream()
                .limit(REASONS_MAX)
                .forEach(range -> lines.add("range " + range.id().value() + " has about "
                        + SizeSplit.mebibytes(range.bytes()) + " MiB"
                        + (held.contains(range.id()) ? ", an operator is under way or ended lately" : "")));
    }

    private void describeBalance(ClusterPicture picture, List<String> lines) {
        NavigableMap<StoreId, Integer> leaders = picture.leaders();
        lines.add("leaders: "
                + leaders.entrySet().stream()
                        .map(entry -> "store " + entry.getKey().value() + " " + entry.getValue())
                        .collect(Collectors.joining(", ")));
        picture.stores().values().stream()
                .filter(store -> !store.mayLead())
                .limit(REASONS_MAX)
                .forEach(store ->
                        lines.add("store " + store.id().value() + " " + store.objection() + ", it is given none"));
        long leaderless = picture.ranges().stream()
                .filter(range -> range.leader().isEmpty())
                .count();
        if (leaderless > 0) {
            lines.add(leaderless + " ranges have no leader that is known");
        }
        lines.add(verdict(picture));
        picture.ranges().stream()
                .flatMap(range -> range.voters().stream()
                        .filter(voter -> picture.mayLead(voter)
                                && range.leader().isPresent()
                                && !range.leader().get().equals(voter)
                                && !range.mayBeLedBy(voter))
                        .map(voter ->
                                "range " + range.id().value() + ": store " + voter.value() + " " + lag(range, voter)))
                .limit(REASONS_MAX)
                .forEach(lines::add);
    }

    private void describeReplicas(ClusterPicture picture, List<String> lines) {
        lines.add(ReplicaBalance.describe(picture));
        ClusterPicture after = operators.afterAll(picture);
        if (!ReplicaCount.plan(after, Set.of(), 1).isEmpty()) {
            lines.add("nothing is moved until ranges have as many replicas as are wanted, see " + ReplicaCount.NAME);
            return;
        }
        boolean more = !planBalance(after, 1).isEmpty();
        lines.add(
                more
                        ? "there is something to move"
                        : "the stores that are up are as even as can be, or what could be moved was moved lately");
    }

    private String verdict(ClusterPicture picture) {
        ClusterPicture after = operators.afterAll(picture);
        if (!LeaderBalance.plan(after, operators.busyOrCooling(), 1).isEmpty()) {
            return "there is something to move";
        }
        if (!LeaderBalance.plan(after, operators.busy(), 1).isEmpty()) {
            return "what could be moved was moved less than " + Operators.COOL_DOWN_MILLIS / 1000 + " s ago";
        }
        return "the stores that may lead are as even as their replicas permit";
    }

    private static String lag(RangeView range, StoreId store) {
        long lag = range.lags().getOrDefault(store, 0L);
        return lag == Long.MAX_VALUE ? "is not known to follow its leader" : "lacks " + lag + " entries";
    }
}
