package io.kvasir.placement.schedule;

import io.kvasir.placement.schedule.Operator.State;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The operators under way, at most one a range, those that have ended lately, and how long their ranges are left alone
 * then. Not replicated: who leads next plans anew. The caller brings the time; confined to one thread.
 */
public final class Operators {

    /** An operator that has not ended by then is timed out, in ms. */
    public static final long TIMEOUT_MILLIS = 10_000;

    /** A range that was moved is not balanced again for so long, in ms. */
    public static final long COOL_DOWN_MILLIS = 10_000;

    /** A range that could not be moved is left alone for so long, in ms. */
    public static final long FAILED_COOL_DOWN_MILLIS = 5_000;

    /** Numbers set apart for a term of the placement driver, so that a store's late word is not taken for a new one. */
    static final long PER_TERM_MAX = 1_000_000;

    /** Operators that are remembered after their end. */
    public static final int HISTORY_MAX = 100;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final TreeMap<Long, Operator> running = new TreeMap<>();
    private final Map<RegionId, Operator> byRegion = new HashMap<>();
    private final Deque<Operator> history = new ArrayDeque<>();

    /** Until when a range is left alone. */
    private final Map<RegionId, Long> coolUntil = new HashMap<>();

    /** Ranges whose change of replicas was given up and may have to be taken back. */
    private final Set<RegionId> givenUp = new HashSet<>();

    private long nextId;

    /** @param firstId number of the first operator */
    Operators(long firstId) {
        nextId = firstId;
    }

    /** Adds {@code task}; empty if the range has an operator already. */
    public Optional<Operator> add(Task task, long nowNanos) {
        if (byRegion.containsKey(task.region())) {
            return Optional.empty();
        }
        Operator operator = new Operator(nextId++, task, nowNanos);
        running.put(operator.id(), operator);
        byRegion.put(task.region(), operator);
        givenUp.remove(task.region());
        return Optional.of(operator);
    }

    /** Takes {@code id} back; its leader may have been told already. Returns whether it was under way. */
    public boolean cancel(long id, String why, long nowNanos) {
        Operator operator = running.get(id);
        if (operator == null) {
            return false;
        }
        end(operator, State.CANCELLED, why, nowNanos);
        return true;
    }

    /**
     * Returns what {@code store}, which leads, is to be told of; told again until it ends. Changes of replicas are not
     * told: what is wanted of a range is replicated.
     */
    public List<Operator> tell(StoreId store) {
        List<Operator> told = running.values().stream()
                .filter(operator -> !(operator.task() instanceof PeerChange)
                        && operator.task().from().equals(store))
                .toList();
        told.forEach(Operator::run);
        return told;
    }

    /** The leader of the range of {@code id} says that the move did not come about. */
    public void failed(long id, String why, long nowNanos) {
        Operator operator = running.get(id);
        if (operator != null) {
            end(operator, State.FAILED, why.isEmpty() ? "the leader gave it up" : why, nowNanos);
        }
    }

    /** Ends what has ended, by what {@code picture} shows now. */
    public void advance(ClusterPicture picture, long nowNanos) {
        Map<RegionId, RangeView> ranges = new HashMap<>();
        picture.ranges().forEach(range -> ranges.put(range.id(), range));
        for (Operator operator : List.copyOf(running.values())) {
            RangeView range = ranges.get(operator.task().region());
            if (range == null) {
                end(operator, State.FAILED, "the range is gone", nowNanos);
            } else if (!isOver(operator, range, picture, nowNanos)
                    && operator.millis(nowNanos) > operator.task().timeoutMillis()) {
                end(
                        operator,
                        State.TIMED_OUT,
                        "not done after " + operator.task().timeoutMillis() / 1000 + " s",
                        nowNanos);
            }
        }
        coolUntil.values().removeIf(until -> nowNanos - until >= 0);
    }

    private boolean isOver(Operator operator, RangeView range, ClusterPicture picture, long nowNanos) {
        Task task = operator.task();
        boolean elected = range.leader().isPresent() && range.term() > task.term();
        switch (task) {
            case Split split when range.version() > split.version() -> end(operator, State.FINISHED, "", nowNanos);
            case Split _ when elected -> end(operator, State.FAILED, "another leader was elected", nowNanos);
            case Move move
            when elected -> {
                StoreId leader = range.leader().orElseThrow();
                boolean there = leader.equals(move.to());
                end(
                        operator,
                        there ? State.FINISHED : State.FAILED,
                        there ? "" : "store " + leader.value() + " was elected",
                        nowNanos);
            }
            case Move move
            when !picture.mayLead(move.to()) -> {
                StoreView to = picture.stores().get(move.to());
                end(
                        operator,
                        State.CANCELLED,
                        "store " + move.to().value() + " " + (to == null ? "is gone" : to.objection()),
                        nowNanos);
            }
            case PeerChange change
            when range.confVersion() > change.confVersion() && !range.isChanging() -> {
                boolean done = change.add().stream().allMatch(range.voters()::contains)
                        && change.remove().stream().noneMatch(range.voters()::contains);
                end(operator, done ? State.FINISHED : State.FAILED, done ? "" : "it was taken back", nowNanos);
            }
            case PeerChange change
            when change.add().isPresent() && isGone(picture, change.add().get()) ->
                end(operator, State.CANCELLED, "store " + change.add().get().value() + " is not up", nowNanos);
            case Split _, Move _, PeerChange _ -> {}
        }
        return operator.state().isOver();
    }

    /** Returns whether {@code store} has been silent for so long that a replica on it should not be waited for. */
    private static boolean isGone(ClusterPicture picture, StoreId store) {
        StoreView view = picture.stores().get(store);
        return view == null || view.state() == StoreState.DOWN;
    }

    private void end(Operator operator, State state, String why, long nowNanos) {
        operator.end(state, why, nowNanos);
        if (state != State.FINISHED && operator.task() instanceof PeerChange) {
            givenUp.add(operator.task().region());
        }
        running.remove(operator.id());
        byRegion.remove(operator.task().region());
        history.addFirst(operator);
        if (history.size() > HISTORY_MAX) {
            history.removeLast();
        }
        long millis = state == State.FINISHED ? COOL_DOWN_MILLIS : FAILED_COOL_DOWN_MILLIS;
        coolUntil.put(operator.task().region(), nowNanos + millis * NANOS_PER_MILLI);
    }

    /** Returns {@code picture} as it will be when all that is under way has been done. */
    public ClusterPicture afterAll(ClusterPicture picture) {
        if (byRegion.isEmpty()) {
            return picture;
        }
        List<RangeView> after = new ArrayList<>(picture.ranges().size());
        for (RangeView range : picture.ranges()) {
            Operator operator = byRegion.get(range.id());
            after.add(operator == null ? range : afterOne(range, operator.task()));
        }
        return picture.with(after);
    }

    private static RangeView afterOne(RangeView range, Task task) {
        return switch (task) {
            case Move move -> range.ledBy(move.to());
            case PeerChange change -> range.isChanging() ? range : range.wanting(change);
            case Split _ -> range;
        };
    }

    /** Returns whether a change of the replicas of {@code range} was given up. */
    boolean isGivenUp(RegionId range) {
        return givenUp.contains(range);
    }

    /** Forgets of the changes that were given up those of ranges that change no more. */
    void forgetGivenUp(Set<RegionId> changing) {
        givenUp.removeIf(region -> !changing.contains(region) && !coolUntil.containsKey(region));
    }

    /** Returns the ranges that have an operator. */
    public Set<RegionId> busy() {
        return Set.copyOf(byRegion.keySet());
    }

    /** Returns the ranges that have an operator or were moved lately. */
    public Set<RegionId> busyOrCooling() {
        Set<RegionId> held = new HashSet<>(byRegion.keySet());
        held.addAll(coolUntil.keySet());
        return held;
    }

    /** Returns what is under way, the oldest first. */
    public Collection<Operator> running() {
        return List.copyOf(running.values());
    }

    /** Returns what has ended lately, the newest first. */
    public List<Operator> ended() {
        return List.copyOf(history);
    }

    /** Returns how many operators {@code scheduler} has under way. */
    public int running(String scheduler) {
        return (int) running.values().stream()
                .filter(operator -> operator.task().scheduler().equals(scheduler))
                .count();
    }
}
