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
 * <p>Mutable state is guarded by this. Commands are handed over under the lock, so that their numbers within a
 * generation go out in order: the receiver takes a gap for a refusal, because something sent before was lost with a
 * broken link.
 */
final class RegionStream {

    /** Commands in one stream, answered or not; beyond it they are answered at once that they had no effect. */
    static final int COMMANDS_MAX = 262_144;

    private static final int BACK_OFF_MILLIS_MAX = 100;

    static final String UNDETERMINED_TEXT = "UNDETERMINED the write may or may not have taken effect";
    static final Reply UNDETERMINED = Reply.error(UNDETERMINED_TEXT);
    static final Reply NO_LEADER = Reply.error("TRYAGAIN the range has no leader now, the command had no effect");
    static final Reply ANSWER_LOST = Reply.error("TRYAGAIN the answer was lost on the way, the command had no effect");
    static final Reply OVERLOADED =
            Reply.error("TRYAGAIN too many commands wait for the range, this one had no effect");
    static final Reply CROSS_RANGE =
            Reply.error("CROSSRANGE a key of the request is not in the range it was sent to, it had no effect");

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

    private RegionDescriptor region;
    private boolean open = true;
    private boolean restarting;
    private long generation = 1;
    private long numberInGeneration;
    private long nextSequence;
    private int outstanding;
    private int failures;
    private @Nullable StoreId hint;
    private StoreId target;
    private final List<RoutedCommand> refused = new ArrayList<>();
    private final ArrayDeque<RoutedCommand> waiting = new ArrayDeque<>();

    RegionStream(RegionDescriptor region, long gateway, Transport transport, Ticker ticker, Timer timer) {
        this.region = region;
        this.gateway = gateway;
        this.transport = transport;
        this.ticker = ticker;
        this.timer = timer;
        this.target = transport.target(region, Optional.empty(), 0);
    }

    synchronized RegionDescriptor region() {
        return region;
    }

    /** Sends {@code command} after all given before. */
    void send(RoutedCommand command) {
        synchronized (this) {
            if (outstanding + waiting.size() + refused.size() < COMMANDS_MAX) {
                command.sequence = nextSequence++;
                if (open) {
                    handOver(command);
                } else {
                    waiting.add(command);
                }
                return;
            }
        }
        command.finish(OVERLOADED);
    }

    /** Hands over under the lock, so that the numbers of a generation go out in order. */
    private void handOver(RoutedCommand command) {
        assert Thread.holdsLock(this);
        outstanding++;
        StreamPlace place = new StreamPlace(gateway, generation);
        transport.send(target, region, place, numberInGeneration++, command, outcome -> answered(command, outcome));
    }

    private void answered(RoutedCommand command, Outcome outcome) {
        Optional<Reply> reply = replyOf(command, outcome);
        if (outcome instanceof Outcome.OutOfRange && command.mayLeaveRange()) {
            command.leaveRange();
        } else {
            reply.ifPresent(command::finish);
        }
        boolean drained;
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
            drained = !open && outstanding == 0 && !restarting;
            restarting |= drained;
        }
        if (drained) {
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
        } else if (outcome instanceof Outcome.EpochMismatch(List<RegionDescriptor> current)) {
            for (RegionDescriptor descriptor : current) {
                if (descriptor.id().equals(region.id())
                        && descriptor.epoch().version() >= region.epoch().version()) {
                    region = descriptor;
                }
            }
        }
    }

    private void backOff() {
        int millis;
        synchronized (this) {
            millis = failures == 0 ? 1 : Math.min(BACK_OFF_MILLIS_MAX, 5 << Math.min(failures, 8));
        }
        timer.after(millis, this::restart);
    }

    /** All is answered: sends again what was refused, then what waited, then opens. */
    private void restart() {
        List<RoutedCommand> late = new ArrayList<>();
        boolean again;
        synchronized (this) {
            generation++;
            numberInGeneration = 0;
            target = transport.target(region, Optional.ofNullable(hint), failures);
            failures++;
            hint = null;
            List<RoutedCommand> inOrder = new ArrayList<>(refused);
            inOrder.sort(Comparator.comparingLong(command -> command.sequence));
            inOrder.addAll(waiting);
            refused.clear();
            waiting.clear();
            long now = ticker.nanoTime();
            for (RoutedCommand command : inOrder) {
                if (command.giveUpNanos - now < 0) {
                    late.add(command);
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
