package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.OutcomeCodec;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import io.kvasir.region.Awaiting;
import io.kvasir.region.Resumed;
import io.kvasir.region.link.Link;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.range.WaitRequest;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import io.kvasir.region.time.TimestampSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The commands of this gateway that wait for data (rule K31).
 *
 * <p><b>Life of a wait.</b> The command is run like any other. If it finds nothing it fetches a timestamp, its place
 * among all that wait, and goes to the leader of its keys to wait there; who writes one of them serves it in the same
 * entry. If its keys lie in several ranges it waits in each only to hear when there is something to take, and is then
 * run again, as a transaction over them; should another have been faster, it waits again from its old place.
 *
 * <p><b>Once.</b> What waits has a request id, the client's or one of its own, so that whoever serves it leaves a
 * record (rule K21). When an answer is lost, or the leader, the command is run again by that id before it waits again:
 * it finds the record, or there was no effect.
 *
 * <p>A wait costs nothing until something happens: its leader answers once, and the gateway has one timer for all
 * time-outs. Safe for any thread.
 *
 * <p>This file is long because a wait, its places and its deadline end one another under one lock.
 */
final class Waits {

    /** Commands that may wait at one gateway; beyond it they are answered that they had no effect. */
    static final int WAITS_MAX = 65_536;

    /** How long an answer over the link may take before the gateway asks again. */
    private static final int LINK_MILLIS_MAX = 3_600_000;

    /** How long word that a wait is over may be under way. */
    private static final int WITHDRAWAL_MILLIS_MAX = 10_000;

    /** A new leader serves nobody for twice as long, so that those who wait longest have come. */
    private static final int BACK_OFF_MILLIS_MAX = 250;

    /** After so many places that do not lead the command is run again, which finds out what ranges there are. */
    private static final int PLACES_TRIED_MAX = 8;

    private static final Reply TOO_MANY =
            Reply.error("TRYAGAIN " + WAITS_MAX + " clients of this node wait for data, the command had no effect");

    private final Router router;
    private final long gateway;
    private final RangeTable local;
    private final Link link;
    private final Ticker ticker;
    private final Timer timer;
    private final TimestampSource time;
    private final RegionStream.Transport transport;
    private final AtomicLong lastNumber = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();

    /** When a wait ends; two may end at once. */
    private record Deadline(long nanos, long number) {}

    private final ConcurrentSkipListMap<Deadline, One> deadlines = new ConcurrentSkipListMap<>(
            Comparator.<Deadline>comparingLong(Deadline::nanos).thenComparingLong(Deadline::number));

    private final Object arming = new Object();

    /** The deadline that the timer was set to last, null if it has come. Guarded by {@link #arming}. */
    private @Nullable Deadline armed;

    Waits(
            Router router,
            long gateway,
            RangeTable local,
            Link link,
            Ticker ticker,
            Timer timer,
            TimestampSource time,
            RegionStream.Transport transport) {
        this.router = router;
        this.gateway = gateway;
        this.local = local;
        this.link = link;
        this.ticker = ticker;
        this.timer = timer;
        this.time = time;
        this.transport = transport;
    }

    /** See {@link CommandExecutor#await}. */
    CommandExecutor.Waiting await(
            Request request, Awaiting awaiting, long timeoutNanos, Reply timedOut, Consumer<Reply> whenDone) {
        One one = new One(request, awaiting, timedOut, whenDone);
        if (timeoutNanos > 0) {
            one.deadline = new Deadline(ticker.nanoTime() + timeoutNanos, one.number);
        }
        one.attempt();
        return one;
    }

    private void watch(One one, Deadline deadline) {
        deadlines.put(deadline, one);
        arm();
    }

    /** Sets the timer to the next deadline, unless it comes before that anyway. */
    private void arm() {
        Deadline next;
        synchronized (arming) {
            if (deadlines.isEmpty()) {
                return;
            }
            next = deadlines.firstKey();
            if (armed != null && armed.nanos - next.nanos <= 0) {
                return;
            }
            armed = next;
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(0, next.nanos - ticker.nanoTime()) + 999_999);
        timer.after(millis, () -> expire(next));
    }

    private void expire(Deadline due) {
        synchronized (arming) {
            if (due != armed) {
                return; // the timer was set to an earlier one since
            }
            armed = null;
        }
        long now = ticker.nanoTime();
        for (Deadline first = firstDeadline(); first != null && first.nanos - now <= 0; first = firstDeadline()) {
            One one = deadlines.remove(first);
            if (one != null) {
                one.timeOut();
            }
        }
        arm();
    }

    private @Nullable Deadline firstDeadline() {
        var first = deadlines.firstEntry();
        return first == null ? null : first.getKey();
    }

    /** A wait in one range. */
    private record Place(RegionDescriptor region, StoreId target, WaitRequest asked) {}

    /** One command. Its mutable part is guarded by this; nothing is called under that lock. */
    private final class One implements CommandExecutor.Waiting {

        private final long number = lastNumber.incrementAndGet();
        private final Reply timedOut;
        private final Consumer<Reply> whenDone;

        private @Nullable Deadline deadline;
        private Request request;
        private Awaiting awaiting;
        private long since;

        /** Whether it counts as one that waits. */
        private boolean counted;

        /** Whether it has waited, or tried to. */
        private boolean waited;

        /** Whether it may have been served without our knowing. */
        private boolean unknown;

        /** Whether all that is wrong is that it has not found who leads, now. */
        private boolean astray;

        private boolean over;
        private @Nullable Reply ending;
        private List<Place> places = List.of();
        private Optional<StoreId> hint = Optional.empty();
        private int failures;

        One(Request request, Awaiting awaiting, Reply timedOut, Consumer<Reply> whenDone) {
            this.request = request;
            this.awaiting = awaiting;
            this.timedOut = timedOut;
            this.whenDone = whenDone;
        }

        /** Runs the command as one that does not wait. */
        private void attempt() {
            Request asked;
            Awaiting run;
            synchronized (this) {
                if (over) {
                    return;
                }
                asked = waited ? named() : request;
                run = waited ? new Resumed(awaiting) : awaiting;
            }
            router.execute(asked, run, this::attempted);
        }

        private Request named() {
            return request.id().isPresent() ? request : request.with(new RequestId(gateway, number, 0));
        }

        private void attempted(Reply reply) {
            boolean nothing = reply instanceof Reply.Null || reply instanceof Reply.Push;
            Reply end;
            synchronized (this) {
                if (reply instanceof Reply.Push(List<Reply> settled)) {
                    settle(settled);
                }
                boolean passes = waited && mayPass(reply);
                if (nothing) {
                    unknown = false;
                    end = ending;
                } else if (passes && ending != null) {
                    end = unknown ? RegionStream.UNDETERMINED : ending;
                } else {
                    end = passes ? null : reply;
                }
            }
            if (end != null) {
                finish(end);
            } else if (nothing) {
                date();
            } else {
                retryLater();
            }
        }

        /** What the command says about the moment at which it was first run is from now on what it found then. */
        private void settle(List<Reply> arguments) {
            byte[][] words =
                    arguments.stream().map(word -> ((Reply.Bulk) word).bytes()).toArray(byte[][]::new);
            awaiting = awaiting.settled(words);
            request = request.with(words);
        }

        /** Takes its place among all that wait, when it first does. */
        private void date() {
            boolean dated;
            synchronized (this) {
                if (over) {
                    return;
                }
                dated = since != 0;
                counted = true;
            }
            if (dated) {
                place();
                return;
            }
            if (open.incrementAndGet() > WAITS_MAX) {
                finish(TOO_MANY);
                return;
            }
            time.fetch(timestamp -> {
                Deadline ends;
                synchronized (this) {
                    since = timestamp == TimestampSource.UNAVAILABLE ? Math.max(1, time.newestIssued()) : timestamp;
                    waited = true;
                    ends = over ? null : deadline;
                }
                if (ends != null) {
                    watch(this, ends);
                }
                place();
            });
        }

        /** Goes to wait where its keys are. */
        private void place() {
            List<Place> fresh = new ArrayList<>();
            Reply end;
            Awaiting waiting;
            synchronized (this) {
                waiting = awaiting;
                end = ending;
                if (end == null && !over) {
                    RegionDescriptor all = router.regionOfAll(waiting);
                    Set<RegionDescriptor> regions = new LinkedHashSet<>();
                    if (all == null) {
                        waiting.awaitedKeys().forEach(key -> regions.add(router.regionOf(waiting, key)));
                    } else {
                        regions.add(all);
                    }
                    for (RegionDescriptor region : regions) {
                        WaitRequest asked = new WaitRequest(
                                region.id(),
                                region.epoch().version(),
                                gateway,
                                lastNumber.incrementAndGet(),
                                since,
                                all == null,
                                Optional.of(named()));
                        fresh.add(new Place(region, transport.target(region, hint, failures), asked));
                    }
                    places = List.copyOf(fresh);
                }
            }
            if (end != null) {
                finish(end);
            }
            fresh.forEach(place -> send(place, waiting));
            boolean late;
            synchronized (this) {
                late = over || ending != null;
            }
            if (late) {
                withdraw(fresh); // word of it may have gone out before they did
            }
        }

        private void send(Place place, Awaiting waiting) {
            if (place.target.equals(link.self())) {
                Optional<Range> range = local.find(place.region.id());
                if (range.isEmpty()) {
                    answered(place, new Outcome.NotLeader(Optional.empty()));
                } else {
                    range.get().await(place.asked, waiting, link.self(), outcome -> answered(place, outcome));
                }
                return;
            }
            link.send(place.target, Link.Channel.WAIT, place.asked.encode(), LINK_MILLIS_MAX, (response, failure) -> {
                if (response != null) {
                    answered(place, OutcomeCodec.decode(response));
                } else if (failure != null && !failure.sent()) {
                    answered(place, new Outcome.Refused(failure.reason()));
                } else {
                    withdraw(List.of(place));
                    answered(place, new Outcome.Undetermined());
                }
            });
        }

        private void answered(Place place, Outcome outcome) {
            List<Place> others;
            Reply end = null;
            boolean woken = false;
            if (outcome instanceof Outcome.EpochMismatch(List<RegionDescriptor> current) && !current.isEmpty()) {
                router.learn(current);
            }
            synchronized (this) {
                if (over || !places.contains(place)) {
                    return;
                }
                others = places.stream().filter(other -> other != place).toList();
                places = List.of();
                hint = Optional.empty();
                astray = false;
                switch (outcome) {
                    case Outcome.Done(Reply reply) when place.asked.peeks() -> woken = true;
                    case Outcome.Done(Reply.Null _) -> end = ending;
                    case Outcome.Done(Reply reply) -> end = mayPass(reply) ? ending : reply;
                    case Outcome.NotLeader(Optional<StoreId> leader) -> {
                        hint = leader;
                        astray = !unknown && failures < PLACES_TRIED_MAX;
                    }
                    case Outcome.Undetermined() -> unknown |= !place.asked.peeks() && !awaiting.readOnly();
                    case Outcome.EpochMismatch _, Outcome.OutOfRange _, Outcome.Refused _ -> {}
                }
                end = end == null && !unknown ? ending : end;
                failures = woken ? 0 : failures + 1;
            }
            withdraw(others);
            if (end != null) {
                finish(end);
            } else if (woken) {
                attempt();
            } else {
                retryLater();
            }
        }

        private void retryLater() {
            int millis;
            synchronized (this) {
                millis = Math.min(BACK_OFF_MILLIS_MAX, 1 << Math.min(failures++, 10));
            }
            timer.after(millis, this::again);
        }

        /**
         * Waits at the next place if it was not served at the last one. There its age counts, whereas a command that is
         * run anew takes what is there before those that wait longer have come (rule K31).
         */
        private void again() {
            boolean goesOn;
            synchronized (this) {
                goesOn = astray && ending == null && !over;
                astray = false;
            }
            if (goesOn) {
                place();
            } else {
                attempt();
            }
        }

        private void withdraw(List<Place> left) {
            for (Place place : left) {
                WaitRequest word = place.asked.withdrawal();
                if (place.target.equals(link.self())) {
                    local.find(place.region.id()).ifPresent(range -> range.withdraw(gateway, word.number()));
                } else {
                    link.send(place.target, Link.Channel.WAIT, word.encode(), WITHDRAWAL_MILLIS_MAX, (_, _) -> {});
                }
            }
        }

        @Override
        public boolean isBlocked() {
            synchronized (this) {
                return !over && waited && ending == null;
            }
        }

        @Override
        public boolean end(Reply reply) {
            return isBlocked() && endBy(reply);
        }

        private void timeOut() {
            boolean unused = endBy(timedOut);
        }

        private boolean endBy(Reply reply) {
            List<Place> left;
            boolean takesNothing;
            synchronized (this) {
                if (over || ending != null) {
                    return false;
                }
                ending = reply;
                left = places;
                takesNothing = !left.isEmpty() && left.getFirst().asked.peeks();
                if (takesNothing) {
                    places = List.of();
                }
            }
            withdraw(left);
            if (takesNothing) {
                finish(reply);
            }
            return true;
        }

        @Override
        public void abandon() {
            List<Place> left;
            synchronized (this) {
                left = places;
            }
            finish(timedOut);
            withdraw(left);
        }

        private void finish(Reply reply) {
            Deadline ends;
            boolean leaves;
            synchronized (this) {
                if (over) {
                    return;
                }
                over = true;
                places = List.of();
                ends = deadline;
                leaves = counted;
            }
            if (ends != null) {
                deadlines.remove(ends);
            }
            if (leaves) {
                open.decrementAndGet();
            }
            whenDone.accept(reply);
        }
    }

    /** Returns whether {@code reply} says no more than that a try of a command that waits had no effect. */
    private static boolean mayPass(Reply reply) {
        return reply instanceof Reply.Error(String text)
                && (text.startsWith("TRYAGAIN") || text.startsWith("UNDETERMINED"));
    }
}
