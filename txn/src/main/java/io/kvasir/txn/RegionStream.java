package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.region.range.StreamPlace;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one gateway for one region, in order (rule K28).
 *
 * <p>Commands are sent as they come while the stream is open. When one is refused the stream closes: later ones wait;
 * once all that is outstanding has been answered, what was refused is sent again in its first order under a new
 * generation, to whoever leads by then, and what waited follows. The leader refuses every command of a generation after
 * the first that it refused, so nothing overtakes. An unknown outcome is the client's to hear and is never sent again,
 * unless the client gave the command an id (rule K21).
 *
 * <p>A stream is of one version of its region. When its region is split it ends ({@link #supersede}): once all that is
 * outstanding has been answered, what was refused and what waits goes to the streams that take its place, which hold
 * back until then what came to them later.
 *
 * <p>Mutable state is guarded by this. Commands are handed over under the lock, so that their numbers within a
 * generation go out in order: the receiver takes a gap for a refusal, because something sent before was lost with a
 * broken link.
 */
final class RegionStream {

    /** Commands in one stream, answered or not; beyond it they are answered at once that they had no effect. */
    static final int COMMANDS_MAX = 262_144;

    private static final int BACK_OFF_MILLIS_MAX = 100;

    /**
     * A stream that is refused asks again after this part of the time since the first refusal: it is late by no more.
     */
    private static final int BACK_OFF_PART = 4;

    static final String UNDETERMINED_TEXT = "UNDETERMINED the write may or may not have taken effect";
    static final Reply UNDETERMINED = Reply.error(UNDETERMINED_TEXT);
    static final Reply NO_LEADER = Reply.error("TRYAGAIN the range has no leader now, the command had no effect");
    static final Reply ANSWER_LOST = Reply.error("TRYAGAIN the answer was lost on the way, the command had no effect");
    static final Reply OVERLOADED =
            Reply.error("TRYAGAIN too many commands wait for the range, this one had no effect");
    static final Reply CHANGED = Reply.error("TRYAGAIN the range has changed, the command had no effect");
    static final Reply CROSS_RANGE =
            Reply.error("CROSSRANGE a key of the request is not in the range it was sent to, it had no effect");

    /** What takes the place of streams that end. Two implementations: the router, and that of a test. */
    interface Successors {

        /** Takes in what a range says of itself and of what it was split into. */
        void learn(List<RegionDescriptor> current);

        /** Takes over {@code commands} of {@code stream}, in order. */
        void passOn(RegionStream stream, List<RoutedCommand> commands);
    }

    /** Hands a command to a store, and its outcome back. Safe for any thread; never waits. */
    interface Transport {

        /**
         * Sends {@code command}, the one numbered {@code number} from 0 in its generation; {@code back} gets its
         * outcome exactly once, perhaps before this returns.
         */
        void send(
                StoreId to,
                RegionDescriptor region,
                StreamPlace place,
                long number,
                RoutedCommand command,
                Consumer<Outcome> back);

        /** Returns the store that should be asked next, given the last hint and how often asking failed in a row. */
        StoreId target(RegionDescriptor region, Optional<StoreId> hint, int failures);
    }

    private final long gateway;
    private final Transport transport;
    private final Ticker ticker;
    private final Timer timer;

    private final LongSupplier generations;
    private final Successors successors;
    private volatile RegionDescriptor region;
    private boolean open = true;
    private boolean restarting;

    /** Streams whose place this one takes and that have not ended yet. */
    private int predecessors;

    /** From those, in order; sent before what {@link #waiting} holds. */
    private final List<RoutedCommand> inherited = new ArrayList<>();

    private boolean superseded;
    private boolean ended;
    private long generation;
    private long numberInGeneration;
    private long nextSequence;
    private int outstanding;
    private int failures;
    private long failingSince;
    private @Nullable StoreId hint;
    private volatile StoreId target;
    private final List<RoutedCommand> refused = new ArrayList<>();
    private final ArrayDeque<RoutedCommand> waiting = new ArrayDeque<>();

    /**
     * Makes a stream.
     *
     * @param generations gives numbers that grow, so that none is used twice at one region
     * @param hint who may lead
     * @param predecessors streams that end before this one begins: each calls {@link #inherit}
     */
    RegionStream(
            RegionDescriptor region,
            long gateway,
            Transport transport,
            Ticker ticker,
            Timer timer,
            LongSupplier generations,
            Successors successors,
            Optional<StoreId> hint,
            int predecessors) {
        this.region = region;
        this.gateway = gateway;
        this.transport = transport;
        this.ticker = ticker;
        this.timer = timer;
        this.generations = generations;
        this.successors = successors;
        this.generation = generations.getAsLong();
        this.predecessors = predecessors;
        this.hint = hint.orElse(null);
        this.target = hint.orElseGet(() -> region.voters().getFirst().store());
    }

    RegionDescriptor region() {
        return region;
    }

    /** Takes other voters of the same version of the region. */
    void refresh(RegionDescriptor newer) {
        region = newer;
    }

    StoreId target() {
        return target;
    }

    /**
     * Sends {@code command} after all given before; returns false, and does nothing, if other streams have taken the
     * place of this one.
     */
    boolean send(RoutedCommand command) {
        synchronized (this) {
            if (superseded) {
                return false;
            }
            if (outstanding + waiting.size() + refused.size() < COMMANDS_MAX) {
                if (nextSequence == 0) {
                    target = transport.target(region, Optional.ofNullable(hint), 0);
                }
                command.sequence = nextSequence++;
                if (open && (predecessors == 0 || command.isPinned())) {
                    handOver(command);
                } else {
                    waiting.add(command);
                }
                return true;
            }
        }
        command.finish(OVERLOADED);
        return true;
    }

    /** Other streams take the place of this one, which passes on what is not answered. */
    void supersede() {
        boolean over;
        synchronized (this) {
            superseded = true;
            open = false;
            over = isOver();
        }
        if (over) {
            end();
        }
    }

    /** Returns, once, whether this has ended: all that went out is answered, and nobody hands anything over to it. */
    private boolean isOver() {
        boolean over = superseded && outstanding == 0 && predecessors == 0 && !ended;
        ended |= over;
        return over;
    }

    private void end() {
        List<RoutedCommand> inOrder;
        synchronized (this) {
            inOrder = takeAll();
        }
        successors.passOn(this, inOrder);
    }

    /** Takes out what is to be sent, in order. */
    private List<RoutedCommand> takeAll() {
        List<RoutedCommand> inOrder = new ArrayList<>(refused);
        inOrder.sort(Comparator.comparingLong(command -> command.sequence));
        inOrder.addAll(0, inherited);
        inOrder.addAll(waiting);
        inherited.clear();
        refused.clear();
        waiting.clear();
        return inOrder;
    }

    /** Takes out what waits of {@code session}, in order, if this waits for predecessors. */
    synchronized List<RoutedCommand> takeWaiting(SessionOrder session) {
        List<RoutedCommand> taken = new ArrayList<>();
        if (predecessors > 0) {
            waiting.removeIf(command -> command.isOf(session) && taken.add(command));
        }
        return taken;
    }

    /** Takes {@code commands} over from a predecessor, which has ended. */
    void inherit(List<RoutedCommand> commands) {
        boolean over;
        synchronized (this) {
            inherited.addAll(commands);
            predecessors--;
            over = isOver();
            if (!over && predecessors == 0 && open) {
                if (nextSequence == 0) {
                    target = transport.target(region, Optional.ofNullable(hint), 0);
                }
                for (RoutedCommand command : takeAll()) {
                    command.sequence = nextSequence++;
                    if (open) {
                        handOver(command);
                    } else {
                        waiting.add(command);
                    }
                }
            }
        }
        if (over) {
            end();
        }
    }

    /** Hands over under the lock, so that the numbers of a generation go out in order. */
    private void handOver(RoutedCommand command) {
        assert Thread.holdsLock(this);
        outstanding++;
        StreamPlace place = new StreamPlace(gateway, generation);
        transport.send(target, region, place, numberInGeneration++, command, outcome -> answered(command, outcome));
    }

    private void answered(RoutedCommand command, Outcome outcome) {
        Optional<Reply> reply = command.isPinned() && outcome instanceof Outcome.EpochMismatch
                ? Optional.of(CHANGED)
                : replyOf(command, outcome);
        if (outcome instanceof Outcome.OutOfRange && command.mayLeaveRange()) {
            command.leaveRange();
        } else {
            reply.ifPresent(command::finish);
        }
        if (outcome instanceof Outcome.EpochMismatch(List<RegionDescriptor> current) && !current.isEmpty()) {
            if (Thread.holdsLock(this)) {
                timer.after(0, () -> successors.learn(current)); // which takes locks of other streams
            } else {
                successors.learn(current);
            }
        }
        boolean drained;
        boolean over;
        synchronized (this) {
            outstanding--;
            if (reply.isEmpty()) {
                open = false;
                command.unanswered |= outcome instanceof Outcome.Undetermined;
                refused.add(command);
                learn(outcome);
            } else if (outcome instanceof Outcome.Done) {
                failures = 0;
            }
            over = isOver();
            drained = !superseded && !open && outstanding == 0 && !restarting;
            restarting |= drained;
        }
        if (over) {
            end();
        } else if (drained) {
            backOff();
        }
    }

    /** Returns what to tell the client; empty if the command surely had no effect and is to be sent again. */
    private static Optional<Reply> replyOf(RoutedCommand command, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done(Reply reply) -> Optional.of(reply);
            case Outcome.OutOfRange() -> Optional.of(CROSS_RANGE);
            case Outcome.Undetermined() when command.mayRepeatUnanswered() -> Optional.empty();
            case Outcome.Undetermined() -> Optional.of(command.invocation.readOnly() ? ANSWER_LOST : UNDETERMINED);
            case Outcome.NotLeader ignored -> Optional.empty();
            case Outcome.EpochMismatch ignored -> Optional.empty();
            case Outcome.Refused ignored -> Optional.empty();
        };
    }

    private void learn(Outcome outcome) {
        assert Thread.holdsLock(this);
        if (outcome instanceof Outcome.NotLeader(Optional<StoreId> leader) && leader.isPresent()) {
            hint = leader.get();
        }
    }

    private void backOff() {
        int millis;
        synchronized (this) {
            long now = ticker.nanoTime();
            failingSince = failures == 0 ? now : failingSince;
            millis = Math.clamp((now - failingSince) / BACK_OFF_PART / 1_000_000, 1, BACK_OFF_MILLIS_MAX);
        }
        timer.after(millis, this::restart);
    }

    /** All is answered: sends again what was refused, then what waited, then opens. */
    private void restart() {
        List<RoutedCommand> late = new ArrayList<>();
        boolean again;
        synchronized (this) {
            if (superseded) {
                return; // what there was has been passed on
            }
            generation = generations.getAsLong();
            numberInGeneration = 0;
            target = transport.target(region, Optional.ofNullable(hint), failures);
            failures++;
            hint = null;
            long now = ticker.nanoTime();
            boolean held = predecessors > 0;
            List<RoutedCommand> kept = List.copyOf(inherited);
            inherited.clear();
            List<RoutedCommand> inOrder = takeAll();
            if (held) {
                inherited.addAll(kept);
            } else {
                inOrder.addAll(0, kept);
            }
            for (RoutedCommand command : inOrder) {
                if (command.giveUpNanos - now < 0) {
                    late.add(command);
                } else if (held && !command.isPinned()) {
                    waiting.add(command);
                } else if (refused.isEmpty()) {
                    handOver(command);
                } else {
                    waiting.add(command);
                }
            }
            open = refused.isEmpty();
            again = !open && outstanding == 0;
            restarting = again;
        }
        for (RoutedCommand command : late) {
            command.finish(NO_LEADER);
        }
        if (again) {
            backOff();
        }
    }
}
