package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.OwnedKey;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.KeySpan;
import io.kvasir.region.Withdrawn;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.txn.percolator.Decide;
import io.kvasir.txn.percolator.Prewrite;
import io.kvasir.txn.percolator.Resolve;
import io.kvasir.txn.percolator.WriteSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

/**
 * Runs procedures whose keys lie in several ranges, as transactions over them (Percolator §2.2).
 *
 * <p><b>Order.</b> An attempt reads at its start timestamp S. Then all keys it read or wrote are locked, in all ranges
 * at once; each range answers the timestamp of the batch that locked, and refuses if anything there is newer than S.
 * The largest of these timestamps is the commit timestamp c. From S to c nothing of what was read has changed, because
 * the locks stand until the fate is decided; from c on everybody meets either a lock, and waits, or what was written.
 * So all of it happened at c. A procedure that writes nothing happened at S.
 *
 * <p><b>Fate.</b> It is made at the primary, by one entry, before any other lock goes (rule K5); the client hears of a
 * commit once that is applied. Until then a coordinator may die at any point: whoever meets a lock, and finds the
 * primary's time up, rolls back. An attempt that fails is rolled back at the primary first and only then run again,
 * with a new S and the age of the first (rules K7, K18). Only if nobody answers which way it went does the client hear
 * <code>UNDETERMINED</code>.
 *
 * <p>Safe for any thread; each transaction runs on a strand of its own.
 */
final class Coordinator {

    /** How long a transaction is run again and again before its client hears that it had no effect. */
    static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How often the fate is asked for before the client hears that it is unknown. */
    private static final int QUESTIONS_MAX = 5;

    private static final int BACK_OFF_MILLIS_MAX = 64;

    private static final Reply CONTENDED =
            Reply.error("TRYAGAIN the command's keys are changed by others again and again, it had no effect");

    private static final Reply NO_TIME =
            Reply.error("TRYAGAIN the placement driver gives no timestamps now, the command had no effect");

    private static final Reply FUTURE = Reply.error("ERR the time to read at lies in the future");

    private static final Reply BELOW_HORIZON = Reply.error(
            "ERR the time to read at lies below the history horizon of a range: what stood then is not known"
                    + " any more");

    private static final Reply BROKEN = Reply.error("ERR internal error, see the log of this node");

    private final Participants participants;
    private final Strands strands;
    private final TimestampSource time;
    private final Ticker ticker;
    private final Timer timer;
    private final LongSupplier seeds;
    private final InstanceGuesses guesses = new InstanceGuesses();

    Coordinator(
            Participants participants,
            Strands strands,
            TimestampSource time,
            Ticker ticker,
            Timer timer,
            LongSupplier seeds) {
        this.participants = participants;
        this.strands = strands;
        this.time = time;
        this.ticker = ticker;
        this.timer = timer;
        this.seeds = seeds;
    }

    /** Returns the instance that {@code database} was when a transaction last learned of it. */
    int instanceLearned(int database) {
        return guesses.of(database);
    }

    /** Returns whether {@code error} says that a range refused and may accept later, or that its answer was lost. */
    static boolean mayPass(String error) {
        return error.startsWith("TRYAGAIN")
                || error.startsWith("UNDETERMINED")
                || error.startsWith("CROSSRANGE")
                || error.startsWith("TOOOLD")
                || error.equals(Prewrite.CONFLICT.text())
                || error.equals(Prewrite.GIVE_WAY.text())
                || error.equals(Prewrite.ROLLED_BACK.text());
    }

    /** Runs {@code invocation}; {@code whenDone} gets its reply exactly once, on any thread. */
    void run(Invocation invocation, Consumer<Reply> whenDone) {
        strands.start(() -> {
            Reply reply = BROKEN;
            try {
                reply = new Run(invocation).run();
            } finally {
                whenDone.accept(reply);
            }
        });
    }

    /** See {@link CommandExecutor#readAt}. */
    void readAt(LongUnaryOperator timestamp, Invocation invocation, Consumer<Reply> whenDone) {
        strands.start(() -> {
            Reply reply = BROKEN;
            try {
                reply = new Run(invocation).readAt(timestamp);
            } finally {
                whenDone.accept(reply);
            }
        });
    }

    /** One transaction, over all its attempts. Confined to its strand. */
    private final class Run {

        private final Invocation invocation;
        private final SplittableRandom random = new SplittableRandom(seeds.getAsLong());
        private final long giveUpNanos = ticker.nanoTime() + GIVE_UP_NANOS;
        private long age;
        private int failures;

        /**
         * Whether nobody told what became of an attempt; then only its request id keeps a next one from a second
         * effect.
         */
        private boolean unknown;

        Run(Invocation invocation) {
            this.invocation = invocation;
        }

        private long fetch() {
            CompletableFuture<Long> issued = new CompletableFuture<>();
            time.fetch(issued::complete);
            return strands.await(issued);
        }

        /**
         * Reads at a timestamp that is not above one that was issued, so that every range can be closed at it: of what
         * leaders remember, and if one does not remember enough, of what ranges keep on disk.
         */
        Reply readAt(LongUnaryOperator timestamp) {
            long newest = fetch();
            if (newest == TimestampSource.UNAVAILABLE) {
                return NO_TIME;
            }
            long at = timestamp.applyAsLong(newest);
            if (at > newest) {
                return FUTURE;
            }
            boolean fromPast = false;
            InstanceGuesses then = new InstanceGuesses(); // databases may have been others at the time
            while (true) {
                try {
                    return new Attempt(this, at, then, fromPast).read();
                } catch (Restart again) {
                    if (again.isTooOld() && fromPast) {
                        return BELOW_HORIZON;
                    }
                    if (again.isTooOld()) {
                        fromPast = true;
                        continue;
                    }
                    if (ticker.nanoTime() - giveUpNanos > 0) {
                        return CONTENDED;
                    }
                    backOff();
                } catch (Withdrawn withdrawn) {
                    return withdrawn.reply();
                } catch (TransactionRefused refused) {
                    return refused.reply();
                }
            }
        }

        /** Runs attempts to an end; after an unknown one "had no effect" would say too much. */
        Reply run() {
            Reply reply = attempts();
            boolean misleads = unknown && reply instanceof Reply.Error(String text) && text.startsWith("TRYAGAIN");
            return misleads ? RegionStream.UNDETERMINED : reply;
        }

        private Reply attempts() {
            while (true) {
                long start = fetch();
                if (start == TimestampSource.UNAVAILABLE) {
                    return NO_TIME;
                }
                age = age == 0 ? start : age;
                try {
                    return new Attempt(this, start, guesses, false).run();
                } catch (Restart again) {
                    if (ticker.nanoTime() - giveUpNanos > 0) {
                        return CONTENDED;
                    }
                    backOff();
                } catch (Withdrawn withdrawn) {
                    return withdrawn.reply();
                } catch (TransactionRefused refused) {
                    return refused.reply();
                }
            }
        }

        private void backOff() {
            int most = Math.min(BACK_OFF_MILLIS_MAX, 1 << Math.min(failures++, 10));
            CompletableFuture<Boolean> over = new CompletableFuture<>();
            timer.after(random.nextInt(most + 1), () -> over.complete(true));
            boolean unused = strands.await(over);
        }
    }

    /** What an attempt asks of one range. */
    private record Share(RegionDescriptor region, List<Prewrite.Wanted> locks, List<KeySpan> spans) {}

    /** One attempt. Confined to its strand. */
    private final class Attempt {

        private final Run run;
        private final long start;
        private final RouteTable routes = participants.routes();
        private final GatewayTransaction transaction;
        private List<Share> shares = List.of();
        private byte[] primary = new byte[0];

        Attempt(Run run, long start, InstanceGuesses guesses, boolean fromPast) {
            this.run = run;
            this.start = start;
            transaction = new GatewayTransaction(
                    start,
                    routes,
                    participants,
                    strands,
                    guesses,
                    new SplittableRandom(run.random.nextLong()),
                    fromPast);
        }

        /** @throws Restart if it may be run again, or what stood at its timestamp is not known any more */
        Reply read() {
            transaction.readAhead(run.invocation.database(), run.invocation.userKeys());
            Reply reply = run.invocation.run(transaction);
            transaction.checkDatabases();
            return reply;
        }

        /** @throws Restart if it had surely no effect and may be run again */
        Reply run() {
            transaction.readAhead(run.invocation.database(), run.invocation.userKeys());
            Reply reply = run.invocation.run(transaction);
            transaction.checkDatabases();
            if (transaction.isReadOnly()) {
                return reply;
            }
            share();
            boolean alone = shares.size() == 1;
            long commit = prewrite(alone);
            if (alone) {
                clean(commit, false);
                transaction.learnRemapped();
                return reply;
            }
            long decided = decide(Decide.Kind.COMMIT, commit);
            if (decided == UNKNOWN) {
                run.unknown = true;
                if (run.invocation.mayRepeat()) {
                    throw new Restart("nobody answers what became of it");
                }
                return RegionStream.UNDETERMINED;
            }
            if (decided == NOT_HEARD) {
                throw new TransactionRefused("TRYAGAIN a range does not answer, the command had no effect");
            }
            clean(decided == Decide.GONE ? 0 : decided, false);
            if (decided == Decide.GONE) {
                throw new Restart("rolled back by another");
            }
            transaction.learnRemapped();
            return reply;
        }

        private void share() {
            NavigableMap<byte[], WriteSet> writes = transaction.writes();
            primary = writes.firstKey();
            Set<byte[]> stems = new TreeSet<>(Arrays::compareUnsigned);
            stems.addAll(writes.keySet());
            GuardSpans spans = transaction.spans();
            if (transaction.guards().size() <= GatewayTransaction.GUARDS_MAX) {
                stems.addAll(transaction.guards());
            } else {
                addHulls(transaction.guards(), spans);
            }
            Map<RegionDescriptor, Share> byRegion = new LinkedHashMap<>();
            Map<RegionDescriptor, Long> bytes = new LinkedHashMap<>();
            for (byte[] stem : stems) {
                RegionDescriptor region = routes.find(stem);
                WriteSet own = writes.getOrDefault(stem, new WriteSet());
                byRegion.computeIfAbsent(region, of -> new Share(of, new ArrayList<>(), spans.within(of)))
                        .locks
                        .add(new Prewrite.Wanted(stem, own));
                if (bytes.merge(region, own.bytes(), Long::sum) > GatewayTransaction.RANGE_BYTES_MAX) {
                    throw new TransactionRefused("ERR value too large: a transaction over several ranges may write at"
                            + " most " + GatewayTransaction.RANGE_BYTES_MAX + " bytes in one of them");
                }
            }
            for (RegionDescriptor region : spans.isEmpty() ? List.<RegionDescriptor>of() : routes.regions()) {
                List<KeySpan> within = spans.within(region);
                if (!within.isEmpty()) {
                    byRegion.putIfAbsent(region, new Share(region, List.of(), within));
                }
            }
            shares = List.copyOf(byRegion.values());
        }

        /** Adds to {@code spans}, for each range, what lies between the first and the last of {@code guards} there. */
        private void addHulls(NavigableSet<byte[]> guards, GuardSpans spans) {
            for (RegionDescriptor region : routes.regions()) {
                NavigableSet<byte[]> within = region.end().length == 0
                        ? guards.tailSet(region.start(), true)
                        : guards.subSet(region.start(), true, region.end(), false);
                if (!within.isEmpty()) {
                    spans.add(within.getFirst(), KeyLayout.stemEnd(within.getLast()));
                }
            }
        }

        /**
         * Locks everything, or commits it if it is in one range, and returns the commit timestamp.
         *
         * @throws Restart if that failed, and the attempt is rolled back
         */
        private long prewrite(boolean alone) {
            List<byte[]> all = new ArrayList<>();
            for (Share share : shares) {
                share.locks.forEach(wanted -> all.add(wanted.stem()));
                if (!share.spans.isEmpty()) {
                    all.add(OwnedKey.spanStem(share.region.start(), 0));
                }
            }
            RegionDescriptor home = routes.find(primary);
            List<CompletableFuture<Reply>> answers = new ArrayList<>();
            for (Share share : shares) {
                answers.add(participants.call(
                        share.region,
                        new Prewrite(
                                start,
                                run.age,
                                transaction.deadlineMillis(),
                                primary,
                                share.region == home ? all : List.of(),
                                transaction.mappings(),
                                share.locks,
                                share.spans,
                                alone)));
            }
            long commit = 0;
            String failure = "";
            for (CompletableFuture<Reply> answer : answers) {
                switch (strands.await(answer)) {
                    case Reply.Int(long prewritten) -> commit = Math.max(commit, prewritten);
                    case Reply.Error(String text) -> failure = failure.isEmpty() || mayPass(failure) ? text : failure;
                    case Reply other -> throw new IllegalStateException("a range answers " + other);
                }
            }
            return failure.isEmpty() ? commit : fail(failure, alone);
        }

        /**
         * Rolls the attempt back, which may have committed only if it was alone in its range, and ends it.
         *
         * @return the commit timestamp if it has committed
         */
        private long fail(String failure, boolean alone) {
            long decided = decide(Decide.Kind.ROLL_BACK, 0);
            if (decided == UNKNOWN || decided == NOT_HEARD) {
                if (alone && failure.startsWith("UNDETERMINED")) {
                    run.unknown = true;
                    if (run.invocation.mayRepeat()) {
                        throw new Restart("nobody answers what became of it");
                    }
                    throw new TransactionRefused(RegionStream.UNDETERMINED_TEXT);
                }
                throw new TransactionRefused("TRYAGAIN a range does not answer, the command had no effect: " + failure);
            }
            if (decided != Decide.GONE) {
                return decided;
            }
            if (!alone) {
                clean(0, true); // else nothing is locked, and the record stands against a prewrite that comes late
            }
            if (mayPass(failure)) {
                throw new Restart(failure);
            }
            throw new TransactionRefused(failure);
        }

        /**
         * Returns the fate: the commit timestamp, {@link Decide#GONE}, {@link #UNKNOWN}, or {@link #NOT_HEARD}. Once
         * nobody knows whether a commit took place, its rollback is asked for, which tells.
         */
        private long decide(Decide.Kind kind, long commit) {
            Decide.Kind now = kind;
            boolean heard = false;
            for (int asked = 0; asked < QUESTIONS_MAX; asked++) {
                RegionDescriptor home = participants.routes().find(primary);
                Decide step = new Decide(now, start, primary, now == Decide.Kind.COMMIT ? commit : 0);
                switch (strands.await(participants.call(home, step))) {
                    case Reply.Int(long fate) -> {
                        return fate;
                    }
                    case Reply.Error(String text) -> {
                        if (!text.startsWith("TRYAGAIN")) {
                            now = Decide.Kind.ROLL_BACK;
                            heard = true;
                        }
                    }
                    case Reply other -> throw new IllegalStateException("a range answers " + other);
                }
                run.backOff();
            }
            return heard ? UNKNOWN : NOT_HEARD;
        }

        /**
         * Lets the locks in the other ranges go, now that the fate is recorded. Nobody waits for it, but one who will
         * run again and would meet them.
         *
         * @param await whether to wait until they are gone
         */
        private void clean(long commit, boolean await) {
            RegionDescriptor home = routes.find(primary);
            List<CompletableFuture<Reply>> answers = new ArrayList<>();
            for (Share share : shares) {
                if (share.region != home) {
                    answers.add(participants.call(share.region, new Resolve(start, commit)));
                }
            }
            CompletableFuture<Boolean> cleaned = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .thenApply(all -> answers.stream().allMatch(answer -> answer.join() instanceof Reply.Int));
            boolean mayForget = commit != 0 || await;
            CompletableFuture<Boolean> done = cleaned.thenApply(clean -> {
                if (clean && mayForget) {
                    Decide forget = new Decide(Decide.Kind.FORGET, start, primary, 0);
                    CompletableFuture<Reply> unused = participants.call(home, forget);
                }
                return clean;
            });
            if (await) {
                boolean unused = strands.await(done);
            }
        }
    }

    /** Nobody answered what became of a transaction. */
    private static final long UNKNOWN = Long.MIN_VALUE;

    /** The primary surely never heard of the question: nothing was committed, and nothing will be. */
    private static final long NOT_HEARD = Long.MIN_VALUE + 1;
}
