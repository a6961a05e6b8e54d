package io.kvasir.placement.controller;

import io.kvasir.placement.schedule.PeerChange;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.RegionTiles;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.AllocateReply;
import io.kvasir.proto.placement.AllocateRequest;
import io.kvasir.proto.placement.BootstrapReply;
import io.kvasir.proto.placement.BootstrapRequest;
import io.kvasir.proto.placement.ChangeSettingsRequest;
import io.kvasir.proto.placement.ClusterFoundedRecord;
import io.kvasir.proto.placement.IdKind;
import io.kvasir.proto.placement.IdsAllocatedRecord;
import io.kvasir.proto.placement.PlacementRecord;
import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.proto.placement.RefusalCode;
import io.kvasir.proto.placement.RegisterReply;
import io.kvasir.proto.placement.RegisterRequest;
import io.kvasir.proto.placement.SettingChangedRecord;
import io.kvasir.proto.placement.SettingsReply;
import io.kvasir.proto.placement.StoreRegisteredRecord;
import io.kvasir.proto.placement.WindowExtendedRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Turns requests that change the cluster into records and replies, in the manner of Kafka's QuorumController. It works
 * on the image that its own earlier records make, so that several requests become one entry of the log; {@link #replay}
 * alone changes that image. Nothing has happened until the entry is applied; if it never is, the controller is thrown
 * away.
 *
 * <p>Any request may arrive twice: the second time it changes nothing that matters and is answered in the same sense.
 * Confined to the placement thread.
 */
public final class Controller {

    public static final int FOUNDERS_MAX = 64;

    /** Most initial ranges. */
    public static final int RANGES_MAX = 1_024;

    /** Most numbers one request may allocate. */
    public static final int ALLOCATE_MAX = 65_536;

    public static final int SETTINGS_MAX = 10_000;
    public static final int SETTING_NAME_LENGTH_MAX = 256;
    public static final int SETTING_VALUE_LENGTH_MAX = 65_536;

    /** All names and values together, in characters. */
    public static final int SETTINGS_LENGTH_MAX = 1 << 20;

    /** What a request comes to: {@code reply} may leave once {@code records}, if any, are applied. */
    public record Result(List<PlacementRecord> records, PlacementReply reply) {}

    private final Presence presence;
    private final long nowNanos;
    private ClusterImage image;

    /** Makes a controller that starts at {@code image}; all it does happens at {@code nowNanos}. */
    public Controller(ClusterImage image, Presence presence, long nowNanos) {
        this.image = image;
        this.presence = presence;
        this.nowNanos = nowNanos;
    }

    /** Returns the image after all records made so far. */
    public ClusterImage image() {
        return image;
    }

    /**
     * Founds the cluster: its initial ranges, cut evenly by slot, each with a replica on up to three founders. If it is
     * founded already by the same founders, says by which id.
     */
    public Result bootstrap(BootstrapRequest request) {
        List<StoreId> founders;
        UUID clusterId;
        try {
            founders = request.getFoundersList().stream()
                    .map(StoreId::new)
                    .sorted()
                    .toList();
            clusterId = PlacementCodec.clusterId(request.getClusterId());
        } catch (IllegalArgumentException malformed) {
            return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, String.valueOf(malformed.getMessage()));
        }
        if (founders.isEmpty()
                || founders.size() > FOUNDERS_MAX
                || Set.copyOf(founders).size() != founders.size()) {
            return refuse(
                    RefusalCode.REFUSAL_CODE_BAD_REQUEST,
                    "founders are missing, named twice or more than " + FOUNDERS_MAX);
        }
        if (clusterId.equals(PlacementCodec.NO_CLUSTER)) {
            return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, "cluster id is missing");
        }
        if (request.getRanges() < 0 || request.getRanges() > RANGES_MAX) {
            return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, "more than " + RANGES_MAX + " initial ranges");
        }
        if (image.founded() && !image.founders().equals(founders)) {
            return refuse(
                    RefusalCode.REFUSAL_CODE_OTHER_FOUNDERS, "the cluster was founded by stores " + image.founders());
        }
        List<PlacementRecord> records = image.founded() ? List.of() : founding(request, clusterId, founders);
        records.forEach(this::replay);
        return new Result(
                records,
                PlacementReply.newBuilder()
                        .setBootstrap(
                                BootstrapReply.newBuilder().setClusterId(PlacementCodec.clusterId(image.clusterId())))
                        .build());
    }

    /**
     * Registers a store's process. Refused while another process of that store may be alive (rule K38), unless it is at
     * the same address, where only one can be. If the store was registered before and is empty now, its replicas are
     * lost and get successors of new incarnations (rule K9).
     */
    public Result register(RegisterRequest request) {
        if (!image.founded()) {
            return notFounded();
        }
        StoreEntry store;
        UUID clusterId;
        try {
            store = PlacementCodec.store(request.getStore());
            clusterId = PlacementCodec.clusterId(request.getClusterId());
        } catch (IllegalArgumentException malformed) {
            return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, String.valueOf(malformed.getMessage()));
        }
        if (!clusterId.equals(PlacementCodec.NO_CLUSTER) && !clusterId.equals(image.clusterId())) {
            return refuse(
                    RefusalCode.REFUSAL_CODE_OTHER_CLUSTER,
                    "the store's data is of cluster " + clusterId + ", this is " + image.clusterId());
        }
        if (store.id().value() >= image.nextIds().store()) {
            return refuse(RefusalCode.REFUSAL_CODE_UNKNOWN_STORE, "store " + store.id() + " was never given out");
        }
        StoreEntry known = image.stores().get(store.id());
        if (known != null
                && known.nonce() != store.nonce()
                && !known.address().equals(store.address())
                && presence.mayBeAlive(store.id(), nowNanos)) {
            return refuse(
                    RefusalCode.REFUSAL_CODE_STORE_LIVE,
                    "store " + store.id() + " is registered at " + known.address() + " and may be alive");
        }
        presence.heard(store.id(), nowNanos);
        List<PlacementRecord> records = new ArrayList<>();
        if (!store.equals(known)) {
            records.add(record().setStoreRegistered(
                            StoreRegisteredRecord.newBuilder().setStore(PlacementCodec.store(store)))
                    .build());
            if (request.getEmpty() && known != null) {
                records.addAll(LostReplicas.replace(image, store.id()));
            }
        }
        records.forEach(this::replay);
        return new Result(
                records,
                PlacementReply.newBuilder()
                        .setRegister(
                                RegisterReply.newBuilder().setClusterId(PlacementCodec.clusterId(image.clusterId())))
                        .build());
    }

    /** Allocates a block of numbers. A repeated request allocates another block; the first is lost. */
    public Result allocate(AllocateRequest request) {
        if (!image.founded()) {
            return notFounded();
        }
        IdKind kind = request.getKind();
        if (kind == IdKind.ID_KIND_UNSPECIFIED || kind == IdKind.UNRECOGNIZED) {
            return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, "unknown kind of id");
        }
        if (request.getCount() < 1 || request.getCount() > ALLOCATE_MAX) {
            return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, "count is not in 1 to " + ALLOCATE_MAX);
        }
        long first = image.nextIds().next(kind);
        if (first > NextIds.max(kind) - request.getCount()) {
            return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, "ids of this kind are used up");
        }
        PlacementRecord record = allocated(kind, first + request.getCount());
        replay(record);
        return new Result(
                List.of(record),
                PlacementReply.newBuilder()
                        .setAllocate(AllocateReply.newBuilder().setFirst(first))
                        .build());
    }

    /** Changes settings, all or none. */
    public Result changeSettings(ChangeSettingsRequest request) {
        if (!image.founded()) {
            return notFounded();
        }
        if (request.hasExpectedRevision() && request.getExpectedRevision() != image.settingsRevision()) {
            return refuse(
                    RefusalCode.REFUSAL_CODE_REVISION, "the settings are at revision " + image.settingsRevision());
        }
        Map<String, String> after = new HashMap<>(image.settings());
        for (SettingChangedRecord change : request.getChangesList()) {
            if (change.getName().isEmpty()
                    || change.getName().length() > SETTING_NAME_LENGTH_MAX
                    || change.getValue().length() > SETTING_VALUE_LENGTH_MAX) {
                return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, "setting without a name, or too long");
            }
            if (change.hasValue()) {
                after.put(change.getName(), change.getValue());
            } else {
                after.remove(change.getName());
            }
        }
        if (after.size() > SETTINGS_MAX || request.getChangesCount() > SETTINGS_MAX) {
            return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, "more than " + SETTINGS_MAX + " settings");
        }
        long length = after.entrySet().stream()
                .mapToLong(entry -> entry.getKey().length() + entry.getValue().length())
                .sum();
        if (length > SETTINGS_LENGTH_MAX) {
            return refuse(
                    RefusalCode.REFUSAL_CODE_BAD_REQUEST,
                    "settings of more than " + SETTINGS_LENGTH_MAX + " characters together");
        }
        List<PlacementRecord> records = new ArrayList<>();
        for (SettingChangedRecord change : request.getChangesList()) {
            boolean same = change.hasValue()
                    ? change.getValue().equals(image.settings().get(change.getName()))
                    : !image.settings().containsKey(change.getName());
            if (!same) {
                PlacementRecord record = record().setSettingChanged(change).build();
                replay(record);
                records.add(record);
            }
        }
        return new Result(records, settings(image));
    }

    /**
     * Takes in what the logs of regions say of them: bounds, once they tile the key space, and voters. Nothing if they
     * do not, or are known.
     */
    public Result learnRegions(Collection<RegionDescriptor> told) {
        List<RegionDescriptor> known =
                image.regions().values().stream().map(PlacedRegion::descriptor).toList();
        List<PlacementRecord> records = new ArrayList<>();
        for (RegionDescriptor now : RegionTiles.newer(known, told).orElse(List.of())) {
            PlacedRegion before = image.regions().get(now.id());
            if (before == null || isNewer(now, before.descriptor())) {
                records.add(record().setRegionPlaced(ClusterImage.toRecord(placed(now, before)))
                        .build());
            }
        }
        records.forEach(this::replay);
        return new Result(records, PlacementReply.getDefaultInstance());
    }

    /** Returns whether {@code now} has newer bounds or newer voters than {@code before}. */
    static boolean isNewer(RegionDescriptor now, RegionDescriptor before) {
        return now.epoch().version() > before.epoch().version()
                || now.epoch().confVersion() > before.epoch().confVersion();
    }

    private PlacedRegion placed(RegionDescriptor now, @Nullable PlacedRegion before) {
        if (before != null) {
            return before.learning(now);
        }
        StoreId leads = presence.leader(now.id())
                .map(Presence.Lead::store)
                .filter(store -> now.replicaOn(store).isPresent())
                .orElseGet(() -> now.voters().getFirst().store());
        return new PlacedRegion(now, leads);
    }

    /** Decides what voters a region is to have next; see {@link PeerChanges#begin}. */
    public Result changePeers(PeerChange change) {
        return taken(PeerChanges.begin(image, change));
    }

    /** Has a region keep the voters it has, if it is being changed; see {@link PeerChanges#takeBack}. */
    public Result takeBack(RegionId region, long confVersion) {
        return taken(PeerChanges.takeBack(image, region, confVersion));
    }

    private Result taken(List<PlacementRecord> records) {
        records.forEach(this::replay);
        return new Result(records, PlacementReply.getDefaultInstance());
    }

    /** Extends the oracle's window to {@code endMillis}; nothing if it reaches as far already. */
    public List<PlacementRecord> extendWindow(long endMillis) {
        if (endMillis <= image.windowEndMillis()) {
            return List.of();
        }
        PlacementRecord record = record().setWindowExtended(
                        WindowExtendedRecord.newBuilder().setEndMillis(endMillis))
                .build();
        replay(record);
        return List.of(record);
    }

    /** Returns the settings in {@code image}. */
    public static PlacementReply settings(ClusterImage image) {
        return PlacementReply.newBuilder()
                .setSettings(SettingsReply.newBuilder()
                        .setRevision(image.settingsRevision())
                        .putAllSettings(image.settings()))
                .build();
    }

    /** Takes {@code record} into the image: the only method that changes it. */
    private void replay(PlacementRecord record) {
        image = image.after(record);
    }

    private List<PlacementRecord> founding(BootstrapRequest request, UUID clusterId, Collection<StoreId> founders) {
        List<PlacementRecord> records = new ArrayList<>();
        ClusterFoundedRecord.Builder founded =
                ClusterFoundedRecord.newBuilder().setClusterId(PlacementCodec.clusterId(clusterId));
        founders.forEach(founder -> founded.addFounders(founder.value()));
        records.add(record().setClusterFounded(founded).build());
        InitialRanges.Placement placement =
                InitialRanges.place(List.copyOf(founders), request.getRanges(), image.nextIds());
        for (PlacedRegion region : placement.regions()) {
            records.add(record().setRegionPlaced(ClusterImage.toRecord(region)).build());
        }
        NextIds next = placement.nextIds();
        records.add(allocated(IdKind.ID_KIND_STORE, next.store()));
        records.add(allocated(IdKind.ID_KIND_REGION, next.region()));
        records.add(allocated(IdKind.ID_KIND_INCARNATION, next.incarnation()));
        return records;
    }

    static PlacementRecord allocated(IdKind kind, long next) {
        return record().setIdsAllocated(
                        IdsAllocatedRecord.newBuilder().setKind(kind).setNext(next))
                .build();
    }

    static PlacementRecord.Builder record() {
        return PlacementRecord.newBuilder().setVersion(ClusterImage.RECORD_VERSION);
    }

    private static Result notFounded() {
        return refuse(RefusalCode.REFUSAL_CODE_NOT_FOUNDED, "the cluster is not founded yet");
    }

    private static Result refuse(RefusalCode code, String text) {
        return new Result(List.of(), Refusal.reply(code, text));
    }
}
