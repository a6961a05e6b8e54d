package io.kvasir.region.placement;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.control.ViewRevision;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.SplitPoint;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.AdminRequest;
import io.kvasir.proto.placement.AllocateRequest;
import io.kvasir.proto.placement.BootstrapRequest;
import io.kvasir.proto.placement.ChangeSettingsRequest;
import io.kvasir.proto.placement.HeartbeatReply;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.HeatMessage;
import io.kvasir.proto.placement.IdKind;
import io.kvasir.proto.placement.LagMessage;
import io.kvasir.proto.placement.LeadMessage;
import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.proto.placement.PlacementRequest;
import io.kvasir.proto.placement.RefusalCode;
import io.kvasir.proto.placement.RegisterRequest;
import io.kvasir.proto.placement.SettingChangedRecord;
import io.kvasir.proto.placement.SettingsReply;
import io.kvasir.proto.placement.SettingsRequest;
import io.kvasir.proto.placement.SplitMessage;
import io.kvasir.proto.placement.ViewRequest;
import io.kvasir.region.heat.SegmentHeat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What stores and gateways ask of the placement driver. Each method returns at once; its consumer is called exactly
 * once, on any thread, perhaps before the method returns, within {@link #TOTAL_MILLIS} + {@link #ATTEMPT_MILLIS} (and
 * the wait asked for in {@link #view}). Stateless but for the leader remembered; safe for any thread.
 */
public final class PlacementClient {

    /** A store that has not answered for so long is given up, in ms. */
    public static final int ATTEMPT_MILLIS = 2_000;

    /** No further attempt begins after so long, in ms. */
    public static final int TOTAL_MILLIS = 10_000;

    /**
     * A region that the caller leads.
     *
     * @param lags entries that voters lack, {@link Long#MAX_VALUE} if nothing is known; those not named lack none
     * @param reads answered since the process started; {@code writes} too
     * @param bytes of its newest records, about; 0 if that is not known yet
     * @param now its bounds and voters, if they are others than in the newest view
     */
    public record Lead(
            RegionId region,
            long term,
            Epoch epoch,
            Map<StoreId, Long> lags,
            long keys,
            long reads,
            long writes,
            long bytes,
            Optional<RegionDescriptor> now) {

        public Lead(
                RegionId region, long term, Epoch epoch, Map<StoreId, Long> lags, long keys, long reads, long writes) {
            this(region, term, epoch, lags, keys, reads, writes, 0, Optional.empty());
        }
    }

    /**
     * What a store says of itself: it is alive and leads exactly {@code leads}.
     *
     * @param leaving whether its process is about to end
     * @param slow whether a disk of it stalls
     * @param failedOperators what the caller was told to do and did not come about, with the reason, empty if unknown
     * @param usedBytes of table files
     * @param freeBytes of the fullest disk
     * @param heat where what it leads was read and written since the heartbeat before
     */
    public record Heartbeat(
            StoreId store,
            long nonce,
            List<Lead> leads,
            boolean leaving,
            boolean slow,
            Map<Long, String> failedOperators,
            long usedBytes,
            long freeBytes,
            List<SegmentHeat> heat) {

        /** Returns what a store says that is well. */
        public static Heartbeat well(StoreId store, long nonce, List<Lead> leads) {
            return new Heartbeat(store, nonce, leads, false, false, Map.of(), 0, 0, List.of());
        }
    }

    /** Leadership of a region in one term that the caller should give to another store. */
    public record Transfer(long operator, RegionId region, long term, StoreId to) {}

    /**
     * A region led in one term that the caller should split {@code at}.
     *
     * @param version of its epoch as it is to be split; in a later one it has been
     */
    public record Split(long operator, RegionId region, long term, long version, SplitPoint at) {}

    /** What a store hears upon a heartbeat. */
    public record Orders(ViewRevision revision, List<Transfer> transfers, List<Split> splits) {}

    /** What the admin API answers: a status of HTTP and JSON. */
    public record AdminAnswer(int status, String body) {}

    /** The replicated settings at one revision. */
    public record Settings(long revision, SortedMap<String, String> values) {}

    private final LeaderRoute route;

    /** Makes a client that asks over {@code route}, which must be of channel PLACEMENT. */
    public PlacementClient(LeaderRoute route) {
        this.route = route;
    }

    /**
     * Founds the cluster with {@code clusterId} unless it is founded; granted: the id it has.
     *
     * @param founders the same at every founder
     * @param ranges number of initial ranges, 0 for the default
     */
    public void bootstrap(UUID clusterId, List<StoreId> founders, int ranges, Consumer<Answer<UUID>> whenDone) {
        BootstrapRequest request = BootstrapRequest.newBuilder()
                .setClusterId(PlacementCodec.clusterId(clusterId))
                .addAllFounders(founders.stream().map(StoreId::value).toList())
                .setRanges(ranges)
                .build();
        ask(
                PlacementRequest.newBuilder().setBootstrap(request),
                whenDone,
                reply -> reply.hasBootstrap()
                        ? Optional.of(
                                PlacementCodec.clusterId(reply.getBootstrap().getClusterId()))
                        : Optional.empty());
    }

    /**
     * Registers this process as {@code store} (rule K38); granted: the cluster's id. Refused with STORE_LIVE, another
     * process may still run as that store: it is to be asked again for some seconds.
     *
     * @param clusterId the cluster its data belongs to, {@link PlacementCodec#NO_CLUSTER} if it has none
     * @param empty whether the store holds no replica: those it held before, if any, are replaced then
     */
    public void register(StoreEntry store, UUID clusterId, boolean empty, Consumer<Answer<UUID>> whenDone) {
        RegisterRequest.Builder request = RegisterRequest.newBuilder()
                .setStore(PlacementCodec.store(store))
                .setEmpty(empty);
        if (!clusterId.equals(PlacementCodec.NO_CLUSTER)) {
            request.setClusterId(PlacementCodec.clusterId(clusterId));
        }
        ask(
                PlacementRequest.newBuilder().setRegister(request),
                whenDone,
                reply -> reply.hasRegister()
                        ? Optional.of(
                                PlacementCodec.clusterId(reply.getRegister().getClusterId()))
                        : Optional.empty());
    }

    /**
     * Sends a heartbeat; granted: the revision of the cluster view, and what the store should do. Refused with
     * STORE_REPLACED, the process must halt.
     */
    public void heartbeat(Heartbeat heartbeat, Consumer<Answer<Orders>> whenDone) {
        HeartbeatRequest.Builder request = HeartbeatRequest.newBuilder()
                .setStore(heartbeat.store().value())
                .setNonce(heartbeat.nonce())
                .setLeaving(heartbeat.leaving())
                .setSlow(heartbeat.slow())
                .addAllFailedOperators(heartbeat.failedOperators().keySet())
                .putAllFailures(heartbeat.failedOperators())
                .setUsedBytes(heartbeat.usedBytes())
                .setFreeBytes(heartbeat.freeBytes());
        heartbeat.leads().forEach(lead -> request.addLeads(message(lead)));
        heartbeat.heat().forEach(segment -> request.addHeat(message(segment)));
        ask(
                PlacementRequest.newBuilder().setHeartbeat(request),
                whenDone,
                reply -> reply.hasHeartbeat() ? Optional.of(orders(reply.getHeartbeat())) : Optional.empty());
    }

    private static HeatMessage message(SegmentHeat segment) {
        return HeatMessage.newBuilder()
                .setFirstSlot(segment.firstSlot())
                .setEndSlot(segment.endSlot())
                .setReads(segment.reads())
                .setWrites(segment.writes())
                .setReadBytes(segment.readBytes())
                .setWrittenBytes(segment.writtenBytes())
                .setSample(ByteString.copyFrom(segment.sample()))
                .build();
    }

    private static SplitPoint point(SplitMessage split) {
        return switch (split.getPointCase()) {
            case AT -> new SplitPoint.Bound(split.getAt().toByteArray());
            case KEY ->
                new SplitPoint.UserKey(
                        split.getKey().getDatabase(),
                        split.getKey().getUserKey().toByteArray());
            case POINT_NOT_SET -> new SplitPoint.Middle();
        };
    }

    private static LeadMessage message(Lead lead) {
        LeadMessage.Builder message = LeadMessage.newBuilder()
                .setRegion(lead.region().value())
                .setTerm(lead.term())
                .setConfVersion(lead.epoch().confVersion())
                .setVersion(lead.epoch().version())
                .setKeys(lead.keys())
                .setReads(lead.reads())
                .setWrites(lead.writes())
                .setBytes(lead.bytes());
        lead.now().ifPresent(now -> message.setRegionNow(PlacementCodec.region(now)));
        lead.lags().forEach((store, entries) -> {
            LagMessage.Builder lag = LagMessage.newBuilder().setStore(store.value());
            if (entries != Long.MAX_VALUE) {
                lag.setEntries(entries);
            }
            message.addLags(lag);
        });
        return message.build();
    }

    private static Orders orders(HeartbeatReply reply) {
        return new Orders(
                new ViewRevision(reply.getViewTerm(), reply.getViewNumber()),
                reply.getTransfersList().stream()
                        .map(transfer -> new Transfer(
                                transfer.getOperator(),
                                new RegionId(transfer.getRegion()),
                                transfer.getTerm(),
                                new StoreId(transfer.getToStore())))
                        .toList(),
                reply.getSplitsList().stream()
                        .map(split -> new Split(
                                split.getOperator(),
                                new RegionId(split.getRegion()),
                                split.getTerm(),
                                split.getVersion(),
                                point(split)))
                        .toList());
    }

    /**
     * Asks in the words of the admin API.
     *
     * @param change whether the asker may change anything; a change whose answer is lost may have been made, and made
     *     again it is refused or changes nothing
     * @param who for the log
     */
    public void admin(
            String path,
            Map<String, String> arguments,
            boolean change,
            String who,
            Consumer<Answer<AdminAnswer>> whenDone) {
        AdminRequest request = AdminRequest.newBuilder()
                .setPath(path)
                .putAllArguments(arguments)
                .setChange(change)
                .setWho(who)
                .build();
        ask(
                PlacementRequest.newBuilder().setAdmin(request),
                whenDone,
                reply -> reply.hasAdmin()
                        ? Optional.of(new AdminAnswer(
                                reply.getAdmin().getStatus(), reply.getAdmin().getBody()))
                        : Optional.empty());
    }

    /**
     * Gets the cluster view as soon as its revision is not {@code known}, or after {@code waitMillis} (at most a
     * minute) in any case.
     */
    public void view(ViewRevision known, int waitMillis, Consumer<Answer<ClusterView>> whenDone) {
        ViewRequest request = ViewRequest.newBuilder()
                .setKnownTerm(known.term())
                .setKnownNumber(known.number())
                .setWaitMillis(waitMillis)
                .build();
        ask(
                PlacementRequest.newBuilder().setView(request),
                waitMillis,
                whenDone,
                reply -> reply.hasView() ? Optional.of(PlacementCodec.view(reply.getView())) : Optional.empty());
    }

    /** Allocates {@code count} consecutive numbers of {@code kind}; granted: the first. */
    public void allocate(IdKind kind, int count, Consumer<Answer<Long>> whenDone) {
        AllocateRequest request =
                AllocateRequest.newBuilder().setKind(kind).setCount(count).build();
        ask(
                PlacementRequest.newBuilder().setAllocate(request),
                whenDone,
                reply -> reply.hasAllocate() ? Optional.of(reply.getAllocate().getFirst()) : Optional.empty());
    }

    /** Allocates a database instance that no database has mapped to before (rule K19). */
    public void allocateInstance(Consumer<Answer<Integer>> whenDone) {
        AllocateRequest request = AllocateRequest.newBuilder()
                .setKind(IdKind.ID_KIND_INSTANCE)
                .setCount(1)
                .build();
        ask(
                PlacementRequest.newBuilder().setAllocate(request),
                whenDone,
                reply -> reply.hasAllocate()
                        ? Optional.of(Math.toIntExact(reply.getAllocate().getFirst()))
                        : Optional.empty());
    }

    /** Gets the replicated settings. */
    public void settings(Consumer<Answer<Settings>> whenDone) {
        ask(
                PlacementRequest.newBuilder().setSettings(SettingsRequest.getDefaultInstance()),
                whenDone,
                PlacementClient::settings);
    }

    /**
     * Changes settings, all or none; granted: the settings after it.
     *
     * @param changes new value by name; empty removes the setting
     * @param expectedRevision if present, refused with REVISION unless the settings are at this revision. A change that
     *     is sent again after a lost answer may be refused although it was made: compare the values
     */
    public void changeSettings(
            Map<String, Optional<String>> changes, OptionalLong expectedRevision, Consumer<Answer<Settings>> whenDone) {
        ChangeSettingsRequest.Builder request = ChangeSettingsRequest.newBuilder();
        expectedRevision.ifPresent(request::setExpectedRevision);
        new TreeMap<>(changes).forEach((name, value) -> {
            SettingChangedRecord.Builder change =
                    SettingChangedRecord.newBuilder().setName(name);
            value.ifPresent(change::setValue);
            request.addChanges(change);
        });
        ask(PlacementRequest.newBuilder().setChangeSettings(request), whenDone, PlacementClient::settings);
    }

    private static Optional<Settings> settings(PlacementReply reply) {
        if (!reply.hasSettings()) {
            return Optional.empty();
        }
        SettingsReply settings = reply.getSettings();
        return Optional.of(new Settings(settings.getRevision(), new TreeMap<>(settings.getSettingsMap())));
    }

    private <T> void ask(
            PlacementRequest.Builder request,
            Consumer<Answer<T>> whenDone,
            Function<PlacementReply, Optional<T>> read) {
        ask(request, 0, whenDone, read);
    }

    private <T> void ask(
            PlacementRequest.Builder request,
            int waitMillis,
            Consumer<Answer<T>> whenDone,
            Function<PlacementReply, Optional<T>> read) {
        byte[] bytes = request.build().toByteArray();
        route.ask(bytes, ATTEMPT_MILLIS + waitMillis, TOTAL_MILLIS + waitMillis, (body, sentNanos) -> {
            if (body == null) {
                whenDone.accept(new Answer.Unavailable<>());
                return;
            }
            whenDone.accept(read(body, read));
        });
    }

    private static <T> Answer<T> read(byte[] body, Function<PlacementReply, Optional<T>> read) {
        PlacementReply reply;
        try {
            reply = PlacementReply.parseFrom(body);
        } catch (InvalidProtocolBufferException malformed) {
            throw new IllegalStateException("malformed reply of the placement driver", malformed);
        }
        if (reply.hasRefusal()) {
            return new Answer.Refused<>(
                    reply.getRefusal().getCode(), reply.getRefusal().getText());
        }
        Optional<T> value = read.apply(reply);
        return value.<Answer<T>>map(Answer.Granted::new)
                .orElseGet(() -> new Answer.Refused<>(
                        RefusalCode.REFUSAL_CODE_UNSPECIFIED, "reply of another kind: " + reply.getKindCase()));
    }
}
