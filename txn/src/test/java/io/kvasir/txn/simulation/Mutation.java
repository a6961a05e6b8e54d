package io.kvasir.txn.simulation;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeySpan;
import io.kvasir.region.Procedure;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.SnapshotTooOld;
import io.kvasir.region.Transaction;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.txn.percolator.Decide;
import io.kvasir.txn.percolator.Percolator;
import io.kvasir.txn.percolator.Prewrite;
import io.kvasir.txn.percolator.Resolve;
import io.kvasir.txn.percolator.SnapshotRead;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Rules of transactions taken out, one at a time, by code between the ranges and the procedures they run, or between
 * the ranges and time: what the simulation must find. Each names a seed that finds it.
 *
 * <p>This file is long because each rule stands beside the code that takes it out.
 */
enum Mutation {
    // Prewrite
    A_NEWER_VERSION_IS_NO_CONFLICT(of(Prewrite.class), range -> new ForwardingTransaction(range) {
        @Override
        public Version version(byte[] key) {
            return Version.NONE;
        }
    }),
    A_REMOVAL_IS_NO_CONFLICT(of(Prewrite.class), range -> new ForwardingTransaction(range) {
        @Override
        public long removedAt(byte[] rootKey) {
            return 0;
        }
    }),
    GUARDS_ARE_CHECKED_AND_NOT_LOCKED(of(Prewrite.class), range -> new ForwardingTransaction(range) {
        @Override
        public void lock(KeyLock lock) {
            if (!lock.shared()) {
                range.lock(lock);
            }
        }
    }),
    GUARDS_ARE_LEFT_OUT(Mutation::withoutGuards),
    A_WRITER_LOCKS_SHARED(of(Prewrite.class), range -> new ForwardingTransaction(range) {
        @Override
        public void lock(KeyLock lock) {
            range.lock(new KeyLock(lock.stem(), lock.owner(), true, lock.span(), lock.payload()));
        }
    }),
    LOCKS_OF_OTHERS_DO_NOT_COUNT(of(Prewrite.class), Mutation::blindToLocks),
    SHARED_LOCKS_OF_OTHERS_DO_NOT_COUNT(of(Prewrite.class), range -> new ForwardingTransaction(range) {
        @Override
        public List<KeyLock> locks(byte[] stem) {
            return range.locks(stem).stream().filter(lock -> !lock.shared()).toList();
        }
    }),
    ONLY_ONE_KEY_OF_A_RANGE_IS_LOCKED(of(Prewrite.class), range -> new ForwardingTransaction(range) {
        private boolean locked;

        @Override
        public void lock(KeyLock lock) {
            if (!locked) {
                range.lock(lock);
            }
            locked = true;
        }
    }),
    A_CONFLICT_IS_ANSWERED_AS_LOCKED((invocation, range) -> {
        Reply reply = invocation.run(range);
        return reply == Prewrite.CONFLICT ? new Reply.Int(range.timestamp()) : reply;
    }),
    A_PREWRITE_ANSWERS_LESS_THAN_ITS_TIME((invocation, range) -> {
        Reply reply = invocation.run(range);
        return invocation instanceof Prewrite prewrite && reply instanceof Reply.Int
                ? new Reply.Int(prewrite.start() + 1)
                : reply;
    }),
    THE_PRIMARY_IS_LOCKED_AFTER_A_ROLLBACK(
            Workload.LATE_STEPS, of(Prewrite.class), range -> new ForwardingTransaction(range) {
                @Override
                public byte @Nullable [] fate(byte[] stem, long owner) {
                    return null;
                }
            }),
    DATABASES_ARE_NOT_CHECKED(Workload.LATE_STEPS, (invocation, range) -> {
        Invocation altered = invocation instanceof Prewrite prewrite
                ? new Prewrite(
                        prewrite.start(),
                        prewrite.age(),
                        prewrite.deadlineMillis(),
                        prewrite.primary(),
                        prewrite.keys(),
                        List.of(),
                        prewrite.locks(),
                        prewrite.spans(),
                        prewrite.alone())
                : invocation;
        return altered.run(range);
    }),
    A_LOCKED_MAP_IS_PASSED_BY_WRITERS(Workload.LATE_STEPS, of(Prewrite.class), Mutation::blindToTheMap),
    A_FLUSH_PASSES_LOCKS(Workload.LATE_STEPS, of(Prewrite.class), range -> new ForwardingTransaction(range) {
        @Override
        public @Nullable KeyLock anyLockBut(long owner) {
            return null;
        }
    }),
    SPANS_ARE_LEFT_OUT(Mutation::withoutSpans),
    SPANS_ARE_CHECKED_AND_NOT_LOCKED(
            Workload.LATE_STEPS, of(Prewrite.class), range -> new ForwardingTransaction(range) {
                @Override
                public void lock(KeyLock lock) {
                    if (lock.span() == null) {
                        range.lock(lock);
                    }
                }
            }),
    SPANS_ARE_LOCKED_AND_NOT_CHECKED(of(Prewrite.class), range -> new ForwardingTransaction(range) {
        @Override
        public boolean hasChangedSince(long timestamp, KeySpan span) {
            return false;
        }
    }),
    A_SPAN_IS_LOCKED_OVER_WRITERS(Workload.LATE_STEPS, of(Prewrite.class), range -> new ForwardingTransaction(range) {
        @Override
        public List<KeyLock> locksWithin(byte[] from, byte[] to) {
            return List.of();
        }
    }),
    A_WRITER_IS_LOCKED_WITHIN_A_SPAN(
            Workload.LATE_STEPS, of(Prewrite.class), range -> new ForwardingTransaction(range) {
                @Override
                public List<KeyLock> spansOver(byte[] stem) {
                    return List.of();
                }
            }),
    // Snapshot reads
    A_SNAPSHOT_PASSES_ALL_LOCKS(of(SnapshotRead.class), Mutation::blindToLocks),
    A_SNAPSHOT_IS_OF_NOW(of(SnapshotRead.class), range -> new ForwardingTransaction(range) {
        @Override
        public SnapshotRecord recordAt(long timestamp, byte[] key) {
            return new SnapshotRecord(range.version(key), range.get(key));
        }
    }),
    A_SNAPSHOT_BELOW_THE_HORIZON_IS_OF_NOW(of(SnapshotRead.class), range -> new ForwardingTransaction(range) {
        @Override
        public SnapshotRecord recordAt(long timestamp, byte[] key) {
            try {
                return range.recordAt(timestamp, key);
            } catch (SnapshotTooOld tooOld) {
                return new SnapshotRecord(range.version(key), range.get(key));
            }
        }
    }),
    A_SNAPSHOT_TAKES_DATABASES_FOR_WHAT_THEY_WERE(Workload.FLUSHES, (invocation, range) -> {
        Invocation altered = invocation instanceof SnapshotRead read
                ? new SnapshotRead(read.timestamp(), List.of(), read.wants())
                : invocation;
        return altered.run(range);
    }),
    A_LOCKED_MAP_IS_PASSED_BY_SNAPSHOTS(Workload.LATE_STEPS, of(SnapshotRead.class), Mutation::blindToTheMap),
    // Fates
    A_COMMIT_LEAVES_NO_RECORD(decides(Decide.Kind.COMMIT), Mutation::withoutRecord),
    A_ROLLBACK_LEAVES_NO_RECORD(
            Workload.LATE_STEPS,
            decides(Decide.Kind.ROLL_BACK).or(decides(Decide.Kind.CHECK)),
            Mutation::withoutRecord),
    A_ROLLBACK_IS_ANSWERED_AS_COMMIT(Workload.LATE_STEPS, (invocation, range) -> {
        Reply reply = invocation.run(range);
        return invocation instanceof Decide decide
                        && decide.kind() == Decide.Kind.COMMIT
                        && reply.equals(new Reply.Int(Decide.GONE))
                ? new Reply.Int(decide.commit())
                : reply;
    }),
    A_COMMIT_IS_ROLLED_BACK(
            decides(Decide.Kind.ROLL_BACK).or(decides(Decide.Kind.CHECK)), range -> new ForwardingTransaction(range) {
                @Override
                public byte @Nullable [] fate(byte[] stem, long owner) {
                    return null;
                }
            }),
    A_COMMIT_IS_FORGOTTEN_AT_ONCE((invocation, range) -> {
        Reply reply = invocation.run(range);
        if (invocation instanceof Decide decide && decide.kind() == Decide.Kind.COMMIT) {
            range.deleteFate(decide.primary(), decide.start());
        }
        return reply;
    }),
    A_COMMIT_IS_ANSWERED_AND_NOT_MADE(
            (invocation, range) -> invocation instanceof Decide decide && decide.kind() == Decide.Kind.COMMIT
                    ? new Reply.Int(decide.commit())
                    : invocation.run(range)),
    A_RESOLVER_ROLLS_BACK_WITHOUT_THE_PRIMARY(
            (invocation, range) -> invocation instanceof Decide decide && decide.kind() == Decide.Kind.CHECK
                    ? new Reply.Int(Decide.GONE)
                    : invocation.run(range)),
    A_ROLLBACK_BEFORE_A_RETRY_IS_NOT_MADE(
            (invocation, range) -> invocation instanceof Decide decide && decide.kind() == Decide.Kind.ROLL_BACK
                    ? new Reply.Int(Decide.GONE)
                    : invocation.run(range)),
    THE_PRIMARY_COMMITS_AT_ITS_OWN_TIME(of(Decide.class), Mutation::atItsOwnTime),
    OTHERS_COMMIT_AT_THEIR_OWN_TIME(of(Resolve.class), Mutation::atItsOwnTime),
    OTHERS_ARE_UNLOCKED_AND_NOT_WRITTEN((invocation, range) -> {
        Invocation altered = invocation instanceof Resolve resolve ? new Resolve(resolve.start(), 0) : invocation;
        return altered.run(range);
    }),
    // Commands of one range
    READS_PASS_LOCKS(Workload.LATE_STEPS, invocation -> isOwn(invocation) && invocation.readOnly(), Mutation::passing),
    WRITES_PASS_LOCKS(invocation -> isOwn(invocation) && !invocation.readOnly(), Mutation::passing),
    WRITES_PASS_SHARED_LOCKS(
            Workload.LATE_STEPS,
            invocation -> isOwn(invocation) && !invocation.readOnly(),
            range -> new ForwardingTransaction(range) {
                @Override
                public void put(byte[] key, byte[] payload) {
                    List<KeyLock> locks = range.locks(Arrays.copyOf(key, KeyLayout.stemLength(key)));
                    if (!locks.isEmpty() && locks.getFirst().shared()) {
                        range.passLocks();
                    }
                    range.put(key, payload);
                }
            }),
    WRITES_PASS_SPANS(
            Workload.LATE_STEPS,
            invocation -> isOwn(invocation) && !invocation.readOnly(),
            range -> new ForwardingTransaction(range) {
                @Override
                public void put(byte[] key, byte[] payload) {
                    if (!range.spansOver(Arrays.copyOf(key, KeyLayout.stemLength(key)))
                            .isEmpty()) {
                        range.passLocks();
                    }
                    range.put(key, payload);
                }
            }),
    // Time, leases and clients
    RANGES_FETCH_TIMESTAMPS_AHEAD,
    TRANSACTIONS_START_AT_TIMESTAMPS_FETCHED_AHEAD,
    TRANSACTIONS_START_AT_TIMESTAMPS_NOBODY_ISSUED,
    THE_ORACLE_GOES_BACK,
    LEASES_NEVER_END,
    CLIENTS_TRY_UNDETERMINED_AGAIN;

    /** What the simulated cluster is put to. */
    enum Workload {
        HISTORIES,
        FLUSHES,
        LATE_STEPS
    }

    /** Does what a range should do with an invocation, but for one thing. */
    @FunctionalInterface
    interface Alteration {

        Reply run(Invocation invocation, RangeTransaction range);
    }

    /** Seeds that find them. */
    private static final Map<Mutation, Long> SEEDS = Map.ofEntries(
            Map.entry(A_NEWER_VERSION_IS_NO_CONFLICT, 1L),
            Map.entry(A_REMOVAL_IS_NO_CONFLICT, 1L),
            Map.entry(GUARDS_ARE_CHECKED_AND_NOT_LOCKED, 1L),
            Map.entry(GUARDS_ARE_LEFT_OUT, 1L),
            Map.entry(A_WRITER_LOCKS_SHARED, 1L),
            Map.entry(LOCKS_OF_OTHERS_DO_NOT_COUNT, 1L),
            Map.entry(SHARED_LOCKS_OF_OTHERS_DO_NOT_COUNT, 1L),
            Map.entry(ONLY_ONE_KEY_OF_A_RANGE_IS_LOCKED, 1L),
            Map.entry(A_CONFLICT_IS_ANSWERED_AS_LOCKED, 1L),
            Map.entry(A_PREWRITE_ANSWERS_LESS_THAN_ITS_TIME, 1L),
            Map.entry(THE_PRIMARY_IS_LOCKED_AFTER_A_ROLLBACK, 1L),
            Map.entry(A_ROLLBACK_LEAVES_NO_RECORD, 1L),
            Map.entry(DATABASES_ARE_NOT_CHECKED, 1L),
            Map.entry(A_LOCKED_MAP_IS_PASSED_BY_WRITERS, 1L),
            Map.entry(A_FLUSH_PASSES_LOCKS, 1L),
            Map.entry(A_LOCKED_MAP_IS_PASSED_BY_SNAPSHOTS, 1L),
            Map.entry(WRITES_PASS_SHARED_LOCKS, 1L),
            Map.entry(WRITES_PASS_SPANS, 1L),
            Map.entry(SPANS_ARE_LEFT_OUT, 1L),
            Map.entry(SPANS_ARE_CHECKED_AND_NOT_LOCKED, 1L),
            Map.entry(A_SPAN_IS_LOCKED_OVER_WRITERS, 1L),
            Map.entry(A_WRITER_IS_LOCKED_WITHIN_A_SPAN, 1L),
            Map.entry(SPANS_ARE_LOCKED_AND_NOT_CHECKED, 1L),
            Map.entry(A_SNAPSHOT_PASSES_ALL_LOCKS, 1L),
            Map.entry(A_SNAPSHOT_IS_OF_NOW, 1L),
            Map.entry(A_SNAPSHOT_BELOW_THE_HORIZON_IS_OF_NOW, 1L),
            Map.entry(A_SNAPSHOT_TAKES_DATABASES_FOR_WHAT_THEY_WERE, 1L),
            Map.entry(A_COMMIT_LEAVES_NO_RECORD, 1L),
            Map.entry(A_ROLLBACK_IS_ANSWERED_AS_COMMIT, 1L),
            Map.entry(A_COMMIT_IS_ROLLED_BACK, 1L),
            Map.entry(A_COMMIT_IS_FORGOTTEN_AT_ONCE, 1L),
            Map.entry(A_COMMIT_IS_ANSWERED_AND_NOT_MADE, 1L),
            Map.entry(A_RESOLVER_ROLLS_BACK_WITHOUT_THE_PRIMARY, 1L),
            Map.entry(A_ROLLBACK_BEFORE_A_RETRY_IS_NOT_MADE, 1L),
            Map.entry(THE_PRIMARY_COMMITS_AT_ITS_OWN_TIME, 1L),
            Map.entry(OTHERS_COMMIT_AT_THEIR_OWN_TIME, 1L),
            Map.entry(OTHERS_ARE_UNLOCKED_AND_NOT_WRITTEN, 1L),
            Map.entry(READS_PASS_LOCKS, 1L),
            Map.entry(WRITES_PASS_LOCKS, 1L),
            Map.entry(RANGES_FETCH_TIMESTAMPS_AHEAD, 1L),
            Map.entry(TRANSACTIONS_START_AT_TIMESTAMPS_FETCHED_AHEAD, 1L),
            Map.entry(TRANSACTIONS_START_AT_TIMESTAMPS_NOBODY_ISSUED, 1L),
            Map.entry(THE_ORACLE_GOES_BACK, 1L),
            Map.entry(LEASES_NEVER_END, 81L),
            Map.entry(CLIENTS_TRY_UNDETERMINED_AGAIN, 1L));

    private final Workload workload;
    private final Alteration alteration;

    Mutation() {
        this(Workload.HISTORIES, (invocation, range) -> invocation.run(range));
    }

    Mutation(Alteration alteration) {
        this(Workload.HISTORIES, alteration);
    }

    Mutation(Predicate<Invocation> which, UnaryOperator<RangeTransaction> altered) {
        this(Workload.HISTORIES, which, altered);
    }

    Mutation(Workload workload, Predicate<Invocation> which, UnaryOperator<RangeTransaction> altered) {
        this(workload, (invocation, range) -> invocation.run(which.test(invocation) ? altered.apply(range) : range));
    }

    Mutation(Workload workload, Alteration alteration) {
        this.workload = workload;
        this.alteration = alteration;
    }

    /** Returns a seed that finds it, 0 if none is known. */
    long seed() {
        return SEEDS.getOrDefault(this, 0L);
    }

    /** Returns what finds it. */
    Workload workload() {
        return workload;
    }

    /** Returns {@code procedure} as the ranges know it. */
    Procedure alter(Procedure procedure) {
        return new Procedure() {
            @Override
            public String name() {
                return procedure.name();
            }

            @Override
            public int version() {
                return procedure.version();
            }

            @Override
            public Invocation parse(Request request) {
                return new Altered(procedure.parse(request), alteration);
            }
        };
    }

    /** Returns what gives the batches of one range their timestamps. */
    TimestampSource ofRange(TimestampSource oracle, Simulation simulation) {
        return switch (this) {
            case RANGES_FETCH_TIMESTAMPS_AHEAD -> new Ahead(oracle);
            case THE_ORACLE_GOES_BACK -> new Back(oracle, simulation);
            default -> oracle;
        };
    }

    /** Returns what gives transactions their start timestamps. */
    TimestampSource ofGateway(TimestampSource oracle, Simulation simulation) {
        return switch (this) {
            case TRANSACTIONS_START_AT_TIMESTAMPS_FETCHED_AHEAD -> new Ahead(oracle);
            case TRANSACTIONS_START_AT_TIMESTAMPS_NOBODY_ISSUED -> new Invented(oracle);
            case THE_ORACLE_GOES_BACK -> new Back(oracle, simulation);
            default -> oracle;
        };
    }

    private static boolean isOwn(Invocation invocation) {
        return !(invocation instanceof Percolator.Step);
    }

    private static Predicate<Invocation> of(Class<? extends Invocation> kind) {
        return kind::isInstance;
    }

    private static Predicate<Invocation> decides(Decide.Kind kind) {
        return invocation -> invocation instanceof Decide decide && decide.kind() == kind;
    }

    private static Reply withoutGuards(Invocation invocation, RangeTransaction range) {
        if (!(invocation instanceof Prewrite prewrite)) {
            return invocation.run(range);
        }
        List<Prewrite.Wanted> written = prewrite.locks().stream()
                .filter(wanted -> !wanted.writes().isEmpty())
                .toList();
        return new Prewrite(
                        prewrite.start(),
                        prewrite.age(),
                        prewrite.deadlineMillis(),
                        prewrite.primary(),
                        prewrite.keys(),
                        prewrite.mappings(),
                        written,
                        prewrite.spans(),
                        prewrite.alone())
                .run(range);
    }

    private static Reply withoutSpans(Invocation invocation, RangeTransaction range) {
        Invocation altered = invocation instanceof Prewrite prewrite
                ? new Prewrite(
                        prewrite.start(),
                        prewrite.age(),
                        prewrite.deadlineMillis(),
                        prewrite.primary(),
                        prewrite.keys(),
                        prewrite.mappings(),
                        prewrite.locks(),
                        List.of(),
                        prewrite.alone())
                : invocation;
        return altered.run(range);
    }

    private static RangeTransaction passing(RangeTransaction range) {
        range.passLocks();
        return range;
    }

    private static RangeTransaction blindToLocks(RangeTransaction range) {
        return new ForwardingTransaction(range) {
            @Override
            public List<KeyLock> locks(byte[] stem) {
                return List.of();
            }

            @Override
            public List<KeyLock> locksWithin(byte[] from, byte[] to) {
                return List.of();
            }
        };
    }

    private static RangeTransaction blindToTheMap(RangeTransaction range) {
        return new ForwardingTransaction(range) {
            @Override
            public List<KeyLock> locks(byte[] stem) {
                return Arrays.equals(stem, range.mapStem()) ? List.of() : range.locks(stem);
            }
        };
    }

    private static RangeTransaction withoutRecord(RangeTransaction range) {
        return new ForwardingTransaction(range) {
            @Override
            public void putFate(byte[] stem, long owner, byte[] fate) {}
        };
    }

    private static RangeTransaction atItsOwnTime(RangeTransaction range) {
        return new ForwardingTransaction(range) {
            @Override
            public void commitAt(long commit) {}
        };
    }

    /** An invocation at a range, run as the mutation has it. */
    private record Altered(Invocation invocation, Alteration alteration) implements Invocation {

        @Override
        public Reply run(Transaction transaction) {
            return transaction instanceof RangeTransaction range
                    ? alteration.run(invocation, range)
                    : invocation.run(transaction);
        }

        @Override
        public boolean readOnly() {
            return invocation.readOnly();
        }

        @Override
        public boolean mayGrow() {
            return invocation.mayGrow();
        }

        @Override
        public boolean boundsItself() {
            return invocation.boundsItself();
        }

        @Override
        public boolean mayRepeat() {
            return invocation.mayRepeat();
        }

        @Override
        public boolean mayReachOthers() {
            return invocation.mayReachOthers();
        }

        @Override
        public int database() {
            return invocation.database();
        }

        @Override
        public List<byte[]> userKeys() {
            return invocation.userKeys();
        }
    }

    /** Hands out the timestamp that it fetched when it was asked before (against rule K13). */
    private static final class Ahead implements TimestampSource {

        private final TimestampSource oracle;
        private long kept;

        Ahead(TimestampSource oracle) {
            this.oracle = oracle;
        }

        @Override
        public void fetch(LongConsumer whenDone) {
            oracle.fetch(timestamp -> {
                long before = kept;
                kept = timestamp;
                whenDone.accept(before <= 0 ? timestamp : before);
            });
        }

        @Override
        public long newestIssued() {
            return oracle.newestIssued();
        }

        @Override
        public long bound() {
            return oracle.bound();
        }
    }

    /** Makes up timestamps that the oracle has not issued yet. */
    private record Invented(TimestampSource oracle) implements TimestampSource {

        @Override
        public void fetch(LongConsumer whenDone) {
            oracle.fetch(timestamp -> whenDone.accept(timestamp <= 0 ? timestamp : timestamp + (3L << 18)));
        }

        @Override
        public long newestIssued() {
            return oracle.newestIssued();
        }

        @Override
        public long bound() {
            return oracle.bound();
        }
    }

    /** At times answers what was issued long before (against rule K14). */
    private record Back(TimestampSource oracle, Simulation simulation) implements TimestampSource {

        @Override
        public void fetch(LongConsumer whenDone) {
            oracle.fetch(timestamp ->
                    whenDone.accept(timestamp > 0 && simulation.chance(50) ? timestamp - (50L << 18) : timestamp));
        }

        @Override
        public long newestIssued() {
            return oracle.newestIssued();
        }

        @Override
        public long bound() {
            return oracle.bound();
        }
    }
}
