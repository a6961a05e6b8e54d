package io.kvasir.region.range;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.raft.StateMachine.Committed;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

/** A replica that applies the entries a test makes, and is asked for its past. Confined to the test's thread. */
final class HistoryReplica {

    static final RegionDescriptor REGION = new RegionDescriptor(
            new RegionId(1), new byte[0], new byte[0], Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1)));

    final MemoryEngine engine = new MemoryEngine();
    private Range range = open();
    private long index;

    private Range open() {
        Owner owner = new Owner() {
            @Override
            public void execute(Runnable task) {}

            @Override
            public boolean isCurrent() {
                return true;
            }
        };
        TimestampSource time = new TimestampSource() {
            @Override
            public void fetch(LongConsumer whenDone) {}

            @Override
            public long newestIssued() {
                return 0;
            }

            @Override
            public long bound() {
                return 0;
            }
        };
        return Range.open(
                REGION,
                new Range.Surroundings(
                        engine,
                        new RecordCache(engine, 0),
                        owner,
                        time,
                        () -> 0,
                        RandomGenerator.of("L64X128MixRandom"),
                        (read, whenDone) -> false,
                        RangeSettings.PRODUCTION,
                        7,
                        (region, at, entry) -> {},
                        new ListenerSwitch(),
                        new LargeCommandBudget(1 << 20, 2),
                        () -> false));
    }

    /** Applies {@code entries} together. */
    void apply(List<Entry> entries) {
        List<Committed> committed = new ArrayList<>();
        for (Entry entry : entries) {
            committed.add(new Committed(++index, 1, EntryCodec.encode(entry)));
        }
        range.stateMachine().apply(committed);
    }

    /** Loses what is not flushed and starts again; the log is applied again from there. */
    void crash() {
        engine.crash();
        range = open();
        index = range.appliedIndex();
    }

    long index() {
        return index;
    }

    Range range() {
        return range;
    }

    HistoryState history() {
        return range.history();
    }

    /** Returns the past as a snapshot has it that the caller closes. */
    static Past past(Engine.Snapshot snapshot) {
        return new Past(
                snapshot,
                REGION,
                InstanceState.load(snapshot, REGION.id()),
                new Examination(Long.MAX_VALUE, Long.MAX_VALUE));
    }

    /** Returns all records, in hexadecimal. */
    TreeMap<String, String> records() {
        TreeMap<String, String> records = new TreeMap<>();
        for (Family family : Family.values()) {
            try (Engine.Cursor cursor = engine.cursor(family, new byte[0], new byte[0], false, false)) {
                while (cursor.next()) {
                    records.put(
                            family + " " + HexFormat.of().formatHex(cursor.key()),
                            HexFormat.of().formatHex(cursor.value()));
                }
            }
        }
        return records;
    }

    int historyRecords() {
        return (int) records().keySet().stream()
                .filter(key -> key.startsWith("HISTORY"))
                .count();
    }

    /** Entries of one leader, each at its timestamp. */
    static final class Log {

        private long sequence;

        Entry start() {
            return Entry.start(REGION.id(), Epoch.FIRST, 1, 1, 7);
        }

        /** Makes an entry of {@code commands}, each the effects of one. */
        Entry entry(long timestamp, List<CommandEffects> commands) {
            return new Entry(REGION.id(), Epoch.FIRST, new ChainLink(1, 1, ++sequence), timestamp, 7, commands);
        }

        Entry entry(long timestamp, Effect... effects) {
            return entry(timestamp, List.of(command(0, 0, List.of(effects))));
        }

        static CommandEffects command(int ordinal, long commit, List<Effect> effects) {
            return new CommandEffects(ordinal, Optional.empty(), Optional.empty(), effects, List.of(), commit);
        }
    }
}
