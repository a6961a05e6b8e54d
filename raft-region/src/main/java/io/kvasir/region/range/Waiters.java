package io.kvasir.region.range;

import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.region.Awaiting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The commands that wait for data at a range's leader, by the keys they wait for (rule K31).
 *
 * <p><b>Order.</b> Those that wait for the same at a key stand in one line, in the order in which their clients began
 * to wait: the timestamp of that comes with each, so that the order is the same at the next leader. Those that wait for
 * unlike things never take anything from each other.
 *
 * <p><b>A new leader</b> does not know who waited at the last one. For a grace time it takes waiters in and serves
 * none; then all that have come are run in order. So who waits longest is served first although others found the leader
 * sooner.
 *
 * <p>A waiter costs a map entry or two for each key, and nothing while nobody writes its keys. It holds no place in the
 * range's queue. Confined to the range's owner thread, but for what says otherwise.
 */
final class Waiters {

    /** Commands that may wait at one range; beyond it they are answered at once that they had no effect. */
    static final int WAITERS_MAX = 65_536;

    /**
     * How long a new leader serves nobody who waits: twice what a gateway may let pass before it asks again who leads.
     */
    static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Reply TOO_MANY = Reply.error(
            "TRYAGAIN " + WAITERS_MAX + " clients wait for data in the range already, the command had no effect");

    private static final Reply NOTHING = Reply.NULL;

    /** Runs a command that waits over what was written to {@code userKey}. */
    @FunctionalInterface
    interface Server {

        /** Returns whether it waits no longer here; if it does, it has been parked again. */
        boolean serve(PendingCommand command, Wait wait, byte[] userKey);
    }

    private record Waiter(PendingCommand command, Wait terms, long arrival, List<byte[]> stems) {}

    private static final Comparator<Waiter> FIRST_COME =
            Comparator.<Waiter>comparingLong(waiter -> waiter.terms.since()).thenComparingLong(Waiter::arrival);

    private final ReplicaState state;
    private final CommandEnds ends;

    /** By stem and by what is waited for. */
    private final Map<byte[], Map<String, TreeSet<Waiter>>> lines = new TreeMap<>(Arrays::compareUnsigned);

    private final Map<Wait.Id, Waiter> parked = new HashMap<>();

    /** All that have been admitted and not answered, parked or not. Safe for any thread. */
    private final Map<Wait.Id, PendingCommand> known = new ConcurrentHashMap<>();

    private long arrivals;

    /** Whether nobody is served yet, and until when. */
    private volatile boolean holding;

    private long holdingUntilNanos;

    Waiters(ReplicaState state, CommandEnds ends) {
        this.state = state;
        this.ends = ends;
    }

    boolean isEmpty() {
        return parked.isEmpty();
    }

    /** Leadership begins, at {@code now}: for the grace time whoever comes is parked and nobody served. */
    void hold(long now) {
        holding = true;
        holdingUntilNanos = now + GRACE_NANOS;
    }

    /** Returns whether whoever comes to wait is parked before it is run, and nobody is served. Any thread. */
    boolean isHolding() {
        return holding;
    }

    /**
     * Returns those that are to be run at {@code now}, when the grace time has passed, in order; they wait no longer.
     */
    List<PendingCommand> takeHeld(long now) {
        if (!holding || now - holdingUntilNanos < 0) {
            return List.of();
        }
        holding = false;
        List<PendingCommand> held = new ArrayList<>();
        for (Waiter waiter : parked.values().stream().sorted(FIRST_COME).toList()) {
            remove(waiter);
            ends.resume(waiter.command);
            held.add(waiter.command);
        }
        return held;
    }

    /** Notes a command that has been admitted, so that {@link #withdraw} finds it. Any thread. */
    void expect(Wait.Id id, PendingCommand command) {
        known.put(id, command);
    }

    /** The command of {@code id} is answered. Any thread. */
    void answered(Wait.Id id) {
        known.remove(id);
    }

    /** Returns the command of {@code id} if it is not answered yet. Any thread. */
    @Nullable
    PendingCommand find(Wait.Id id) {
        return known.get(id);
    }

    /** Returns the waits that came from {@code store} and are not answered yet. Any thread. */
    List<Wait.Id> cameFrom(StoreId store) {
        List<Wait.Id> found = new ArrayList<>();
        known.forEach((id, command) -> {
            Wait wait = command.wait;
            if (wait != null && wait.from().equals(store)) {
                found.add(id);
            }
        });
        return found;
    }

    /** Has {@code command}, which found nothing and left nothing, wait for its keys. */
    void park(PendingCommand command, Wait wait) {
        if (command.withdrawn) {
            ends.finish(command, new Outcome.Done(NOTHING));
            return;
        }
        if (parked.size() >= WAITERS_MAX) {
            ends.finish(command, new Outcome.Done(TOO_MANY));
            return;
        }
        if (command.arrival == 0) {
            command.arrival = ++arrivals;
        }
        Waiter waiter = new Waiter(command, wait, command.arrival, stemsHere(wait.awaiting()));
        parked.put(wait.id(), waiter);
        for (byte[] stem : waiter.stems) {
            lines.computeIfAbsent(stem, none -> new HashMap<>())
                    .computeIfAbsent(wait.awaiting().awaited(), none -> new TreeSet<>(FIRST_COME))
                    .add(waiter);
        }
        ends.park(command);
    }

    private List<byte[]> stemsHere(Awaiting awaiting) {
        int instance = state.instance(awaiting.database());
        byte[] start = state.descriptor().start();
        byte[] end = state.descriptor().end();
        List<byte[]> stems = new ArrayList<>();
        for (byte[] key : awaiting.awaitedKeys()) {
            byte[] stem = KeyLayout.stem(instance, key);
            if (Arrays.compareUnsigned(stem, start) >= 0
                    && (end.length == 0 || Arrays.compareUnsigned(stem, end) < 0)) {
                stems.add(stem);
            }
        }
        return stems;
    }

    /** Returns whether the wait of {@code id} is parked. */
    boolean isParked(Wait.Id id) {
        return parked.containsKey(id);
    }

    /** Returns whether anything waits for the user key of {@code stem}. */
    boolean waitsFor(byte[] stem) {
        return lines.containsKey(stem);
    }

    /** Has {@code server} run those that wait for the user key of {@code stem}, in order, as long as it goes on. */
    void serve(byte[] stem, Server server) {
        Map<String, TreeSet<Waiter>> ofKey = lines.get(stem);
        if (ofKey == null) {
            return;
        }
        byte[] userKey = KeyLayout.userKeyOf(stem);
        for (String awaited : List.copyOf(ofKey.keySet())) {
            Waiter waiter = nextOf(stem, awaited, null);
            while (waiter != null) {
                remove(waiter);
                ends.resume(waiter.command);
                boolean through = server.serve(waiter.command, waiter.terms, userKey);
                if (!through && !awaited.isEmpty()) {
                    break; // nor would those behind it find anything
                }
                waiter = nextOf(stem, awaited, waiter);
            }
        }
    }

    private @Nullable Waiter nextOf(byte[] stem, String awaited, @Nullable Waiter after) {
        Map<String, TreeSet<Waiter>> ofKey = lines.get(stem);
        TreeSet<Waiter> line = ofKey == null ? null : ofKey.get(awaited);
        if (line == null) {
            return null;
        }
        return after == null ? line.first() : line.higher(after);
    }

    private void remove(Waiter waiter) {
        parked.remove(waiter.terms.id());
        String awaited = waiter.terms.awaiting().awaited();
        for (byte[] stem : waiter.stems) {
            Map<String, TreeSet<Waiter>> ofKey = lines.get(stem);
            TreeSet<Waiter> line = ofKey == null ? null : ofKey.get(awaited);
            if (ofKey != null && line != null) {
                line.remove(waiter);
                if (line.isEmpty()) {
                    ofKey.remove(awaited);
                }
                if (ofKey.isEmpty()) {
                    lines.remove(stem);
                }
            }
        }
    }

    /** Ends the wait of {@code id}, if it is parked: there is nothing. */
    void withdraw(Wait.Id id) {
        Waiter waiter = parked.get(id);
        if (waiter != null) {
            remove(waiter);
            ends.finishParked(waiter.command, new Outcome.Done(NOTHING));
        }
    }

    /** Gives all back to their gateways, without effect. */
    void giveBack(Outcome outcome) {
        for (Waiter waiter : List.copyOf(parked.values())) {
            remove(waiter);
            ends.finishParked(waiter.command, outcome);
        }
    }
}
