package io.kvasir.store.log;

import io.kvasir.proto.id.RegionId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Lets the records of a log take effect again, in order, as they did when they were written. A record that does not fit
 * what came before is an {@link IllegalArgumentException} or {@link IllegalStateException}. Confined to the thread that
 * opens the engine.
 */
final class Replay {

    private final LogEngine engine;
    private final Catalog catalog;
    private final Segments segments;
    private final RecentEntries cache;
    /** Regions whose replica or tombstone the checkpoint being compared has not named yet. */
    private final Set<RegionId> replicasLeft = new HashSet<>();

    private final Set<RegionId> tombstonesLeft = new HashSet<>();

    Replay(LogEngine engine, Catalog catalog, Segments segments, RecentEntries cache) {
        this.engine = engine;
        this.catalog = catalog;
        this.segments = segments;
        this.cache = cache;
    }

    /** Takes a record of the checkpoint from which replay begins. */
    void checkpoint(FrameReader.Found record) {
        RegionId region = new RegionId(record.region());
        switch (record.kind()) {
            case Format.REPLICA -> catalog.add(Body.replica(engine, region, record.incarnation(), record.body()));
            case Format.TOMBSTONE -> catalog.bury(tombstone(region, record), segments, cache);
            default -> throw new IllegalArgumentException("record of kind " + record.kind() + " in a checkpoint");
        }
    }

    /** Begins to compare a later checkpoint with the state at which replay has arrived. */
    void beginComparison() {
        catalog.live().forEach(group -> replicasLeft.add(group.region()));
        catalog.tombstones().forEach(tombstone -> tombstonesLeft.add(tombstone.region()));
    }

    void compare(FrameReader.Found record) {
        RegionId region = new RegionId(record.region());
        boolean equal =
                switch (record.kind()) {
                    case Format.REPLICA -> {
                        GroupLog group = catalog.find(region);
                        byte[] body = new byte[record.body().remaining()];
                        record.body().get(body);
                        yield group != null
                                && group.incarnation() == record.incarnation()
                                && Arrays.equals(group.checkpoint(), body)
                                && replicasLeft.remove(region);
                    }
                    case Format.TOMBSTONE ->
                        tombstone(region, record).equals(catalog.tombstone(region)) && tombstonesLeft.remove(region);
                    default -> false;
                };
        if (!equal) {
            throw new IllegalArgumentException("checkpoint differs at " + region);
        }
    }

    void endComparison() {
        if (!replicasLeft.isEmpty() || !tombstonesLeft.isEmpty()) {
            throw new IllegalArgumentException(
                    "checkpoint lacks " + replicasLeft + " and tombstones " + tombstonesLeft);
        }
    }

    /** Takes a record of an ordinary frame, found in {@code segment}. */
    void change(Segment segment, FrameReader.Found record) {
        RegionId region = new RegionId(record.region());
        switch (record.kind()) {
            case Format.CREATED -> create(Body.created(region, record.incarnation(), record.body()));
            case Format.TOMBSTONE -> catalog.bury(tombstone(region, record), segments, cache);
            default -> change(segment, record, require(region, record.incarnation()));
        }
    }

    private void change(Segment segment, FrameReader.Found record, GroupLog group) {
        switch (record.kind()) {
            case Format.ENTRY -> {
                long index = record.body().getLong();
                if (index != group.lastIndex() + 1) {
                    throw new IllegalArgumentException(
                            group + ": entry " + index + " follows entry " + group.lastIndex());
                }
                long term = record.body().getLong();
                group.replayEntry(segment, record.offset(), record.length(), term, record.type());
            }
            case Format.MOVED -> {
                long index = record.body().getLong();
                if (group.termAt(index) != record.body().getLong() || group.typeAt(index) != record.type()) {
                    throw new IllegalArgumentException(group + ": moved entry " + index + " is another one");
                }
                group.applyMove(index, segment, record.offset(), record.length(), segments);
            }
            case Format.HARD_STATE -> group.applyHardState(Body.hardState(record.body()));
            case Format.PREFIX ->
                group.applyPrefix(record.body().getLong(), Body.restMemory(record.body()), segments, cache);
            case Format.SUFFIX -> group.applySuffix(record.body().getLong(), segments, cache);
            case Format.RESET -> group.applyReset(record.body().getLong(), segments, cache);
            case Format.INSTALLING -> group.applyMark(Body.mark(record.body()));
            case Format.INSTALLED ->
                group.applyInstalled(Body.mark(record.body()), Body.restMemory(record.body()), segments, cache);
            default -> throw new IllegalArgumentException("record of unknown kind " + record.kind());
        }
    }

    private void create(Change.Create create) {
        Tombstone tombstone = catalog.tombstone(create.region());
        if (catalog.find(create.region()) != null
                || tombstone != null && tombstone.incarnation() >= create.incarnation()) {
            throw new IllegalArgumentException("replica created twice or after its tombstone: " + create.region());
        }
        catalog.add(GroupLog.created(engine, create));
    }

    private GroupLog require(RegionId region, int incarnation) {
        GroupLog group = catalog.find(region);
        if (group == null || group.incarnation() != incarnation) {
            throw new IllegalArgumentException("record of a replica that is not live: " + region + ":" + incarnation);
        }
        return group;
    }

    private static Tombstone tombstone(RegionId region, FrameReader.Found record) {
        return new Tombstone(region, record.incarnation(), Body.epoch(record.body()));
    }
}
