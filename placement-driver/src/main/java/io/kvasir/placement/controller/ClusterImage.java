package io.kvasir.placement.controller;

import com.google.protobuf.ByteString;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.ImageMessage;
import io.kvasir.proto.placement.PlacementRecord;
import io.kvasir.proto.placement.RegionPlacedRecord;
import io.kvasir.proto.placement.SettingChangedRecord;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The replicated state of the placement driver after some records. Immutable, and a function of the records alone: each
 * replica makes the same. Maps are shared between images and never changed.
 *
 * @param revision number of entries applied
 * @param clusterId {@link PlacementCodec#NO_CLUSTER} until the cluster is founded
 * @param placementVoters who is to vote in the placement group; empty: those the cluster was founded with
 * @param windowEndMillis end of the oracle's window, in ms since the Unix epoch; 0 if there never was one
 */
public record ClusterImage(
        long revision,
        UUID clusterId,
        List<StoreId> founders,
        SortedMap<StoreId, StoreEntry> stores,
        SortedMap<RegionId, PlacedRegion> regions,
        NextIds nextIds,
        long windowEndMillis,
        long settingsRevision,
        SortedMap<String, String> settings,
        List<ReplicaId> placementVoters) {

    /** Layout version of {@link ImageMessage}. */
    public static final int FORMAT = 1;

    /** Replicas of the placement group, if there are as many founders; else there is one. */
    public static final int PLACEMENT_REPLICAS = 3;

    /** Layout version of records. */
    public static final int RECORD_VERSION = 1;

    /** Before the first record. */
    public static final ClusterImage EMPTY = new ClusterImage(
            0,
            PlacementCodec.NO_CLUSTER,
            List.of(),
            Collections.emptySortedMap(),
            Collections.emptySortedMap(),
            NextIds.FIRST,
            0,
            0,
            Collections.emptySortedMap(),
            List.of());

    /** Returns whether the cluster is founded. */
    public boolean founded() {
        return !clusterId.equals(PlacementCodec.NO_CLUSTER);
    }

    /** Returns the replicas that are to vote in the placement group. */
    public List<ReplicaId> placementGroup() {
        return placementVoters.isEmpty()
                ? placementStores(founders).stream()
                        .map(store -> new ReplicaId(store, 1))
                        .toList()
                : placementVoters;
    }

    /** Returns which of the stores that a cluster is founded with, ordered, hold the placement group. */
    public static List<StoreId> placementStores(List<StoreId> founders) {
        return founders.subList(
                0, founders.size() < PLACEMENT_REPLICAS ? Math.min(1, founders.size()) : PLACEMENT_REPLICAS);
    }

    /** Returns whether everything that the cluster view shows is the same in {@code other}. */
    public boolean looksLike(ClusterImage other) {
        return clusterId.equals(other.clusterId)
                && stores.equals(other.stores)
                && regions.equals(other.regions)
                && settingsRevision == other.settingsRevision
                && placementVoters.equals(other.placementVoters);
    }

    /** Returns the image after {@code records}, which are one entry of the log. */
    public ClusterImage afterEntry(List<PlacementRecord> records) {
        ClusterImage image = this;
        for (PlacementRecord record : records) {
            image = image.after(record);
        }
        return new ClusterImage(
                revision + 1,
                image.clusterId,
                image.founders,
                image.stores,
                image.regions,
                image.nextIds,
                image.windowEndMillis,
                image.settingsRevision,
                image.settings,
                image.placementVoters);
    }

    /**
     * Returns the image after {@code record}.
     *
     * @throws IllegalArgumentException if this replica does not know such records, or the record cannot follow this
     *     image: the log is damaged or of a later version, and skipping the record would make replicas differ
     */
    ClusterImage after(PlacementRecord record) {
        if (record.getVersion() != RECORD_VERSION) {
            throw new IllegalArgumentException("placement record of version " + record.getVersion());
        }
        return switch (record.getKindCase()) {
            case CLUSTER_FOUNDED ->
                withFounding(
                        PlacementCodec.clusterId(record.getClusterFounded().getClusterId()),
                        record.getClusterFounded().getFoundersList().stream()
                                .map(StoreId::new)
                                .toList());
            case STORE_REGISTERED ->
                withStore(PlacementCodec.store(record.getStoreRegistered().getStore()));
            case REGION_PLACED -> withRegion(placed(record.getRegionPlaced()));
            case IDS_ALLOCATED ->
                withNextIds(nextIds.with(
                        record.getIdsAllocated().getKind(),
                        record.getIdsAllocated().getNext()));
            case WINDOW_EXTENDED -> withWindow(record.getWindowExtended().getEndMillis());
            case SETTING_CHANGED -> withSetting(record.getSettingChanged());
            case PLACEMENT_VOTERS ->
                withPlacementVoters(
                        PlacementCodec.replicas(record.getPlacementVoters().getVotersList()));
            case KIND_NOT_SET -> throw new IllegalArgumentException("placement record of unknown kind");
        };
    }

    /** Returns this as a message, to be read back by {@link #of}. */
    public ImageMessage toMessage(long appliedIndex, long appliedTerm) {
        ImageMessage.Builder message = ImageMessage.newBuilder()
                .setFormat(FORMAT)
                .setAppliedIndex(appliedIndex)
                .setAppliedTerm(appliedTerm)
                .setRevision(revision)
                .setClusterId(founded() ? PlacementCodec.clusterId(clusterId) : ByteString.EMPTY)
                .setNextStore(nextIds.store())
                .setNextRegion(nextIds.region())
                .setNextIncarnation(nextIds.incarnation())
                .setNextInstance(nextIds.instance())
                .setWindowEndMillis(windowEndMillis)
                .setSettingsRevision(settingsRevision)
                .putAllSettings(settings);
        founders.forEach(founder -> message.addFounders(founder.value()));
        stores.values().forEach(store -> message.addStores(PlacementCodec.store(store)));
        regions.values().forEach(region -> message.addRegions(toRecord(region)));
        placementVoters.forEach(voter -> message.addPlacementVoters(PlacementCodec.replica(voter)));
        return message.build();
    }

    /**
     * Returns the image in {@code message}.
     *
     * @throws IllegalArgumentException if it is of another format or breaks an invariant
     */
    public static ClusterImage of(ImageMessage message) {
        if (message.getFormat() != FORMAT) {
            throw new IllegalArgumentException("placement image of format " + message.getFormat());
        }
        SortedMap<StoreId, StoreEntry> stores = new TreeMap<>();
        message.getStoresList().stream().map(PlacementCodec::store).forEach(store -> stores.put(store.id(), store));
        SortedMap<RegionId, PlacedRegion> regions = new TreeMap<>();
        message.getRegionsList().stream()
                .map(ClusterImage::placed)
                .forEach(region -> regions.put(region.descriptor().id(), region));
        return new ClusterImage(
                message.getRevision(),
                PlacementCodec.clusterId(message.getClusterId()),
                message.getFoundersList().stream().map(StoreId::new).toList(),
                Collections.unmodifiableSortedMap(stores),
                Collections.unmodifiableSortedMap(regions),
                new NextIds(
                        message.getNextStore(),
                        message.getNextRegion(),
                        message.getNextIncarnation(),
                        message.getNextInstance()),
                message.getWindowEndMillis(),
                message.getSettingsRevision(),
                Collections.unmodifiableSortedMap(new TreeMap<>(message.getSettingsMap())),
                PlacementCodec.replicas(message.getPlacementVotersList()));
    }

    static RegionPlacedRecord toRecord(PlacedRegion region) {
        return RegionPlacedRecord.newBuilder()
                .setRegion(PlacementCodec.region(region.descriptor()))
                .setPreferredLeader(region.preferredLeader().value())
                .addAllWanted(PlacementCodec.messages(region.wanted()))
                .build();
    }

    private static PlacedRegion placed(RegionPlacedRecord record) {
        return new PlacedRegion(
                PlacementCodec.region(record.getRegion()),
                new StoreId(record.getPreferredLeader()),
                PlacementCodec.replicas(record.getWantedList()));
    }

    private ClusterImage withFounding(UUID id, List<StoreId> founders) {
        if (founded()) {
            throw new IllegalArgumentException("the cluster is founded twice");
        }
        return new ClusterImage(
                revision,
                id,
                founders,
                stores,
                regions,
                nextIds,
                windowEndMillis,
                settingsRevision,
                settings,
                placementVoters);
    }

    private ClusterImage withStore(StoreEntry store) {
        return new ClusterImage(
                revision,
                clusterId,
                founders,
                changed(stores, map -> map.put(store.id(), store)),
                regions,
                nextIds,
                windowEndMillis,
                settingsRevision,
                settings,
                placementVoters);
    }

    private ClusterImage withRegion(PlacedRegion region) {
        return new ClusterImage(
                revision,
                clusterId,
                founders,
                stores,
                changed(regions, map -> map.put(region.descriptor().id(), region)),
                nextIds,
                windowEndMillis,
                settingsRevision,
                settings,
                placementVoters);
    }

    private ClusterImage withNextIds(NextIds ids) {
        return new ClusterImage(
                revision,
                clusterId,
                founders,
                stores,
                regions,
                ids,
                windowEndMillis,
                settingsRevision,
                settings,
                placementVoters);
    }

    private ClusterImage withWindow(long endMillis) {
        if (endMillis <= windowEndMillis) {
            throw new IllegalArgumentException(
                    "the timestamp window would go back from " + windowEndMillis + " to " + endMillis);
        }
        return new ClusterImage(
                revision,
                clusterId,
                founders,
                stores,
                regions,
                nextIds,
                endMillis,
                settingsRevision,
                settings,
                placementVoters);
    }

    private ClusterImage withSetting(SettingChangedRecord change) {
        SortedMap<String, String> next = changed(settings, map -> {
            if (change.hasValue()) {
                map.put(change.getName(), change.getValue());
            } else {
                map.remove(change.getName());
            }
        });
        return new ClusterImage(
                revision,
                clusterId,
                founders,
                stores,
                regions,
                nextIds,
                windowEndMillis,
                settingsRevision + 1,
                next,
                placementVoters);
    }

    private ClusterImage withPlacementVoters(List<ReplicaId> voters) {
        return new ClusterImage(
                revision,
                clusterId,
                founders,
                stores,
                regions,
                nextIds,
                windowEndMillis,
                settingsRevision,
                settings,
                voters);
    }

    private static <K, V> SortedMap<K, V> changed(SortedMap<K, V> map, Consumer<SortedMap<K, V>> change) {
        SortedMap<K, V> copy = new TreeMap<>(map);
        change.accept(copy);
        return Collections.unmodifiableSortedMap(copy);
    }
}
