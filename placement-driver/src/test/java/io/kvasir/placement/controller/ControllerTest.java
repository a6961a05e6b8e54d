package io.kvasir.placement.controller;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.control.ViewRevision;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.placement.AllocateRequest;
import io.kvasir.proto.placement.BootstrapRequest;
import io.kvasir.proto.placement.ChangeSettingsRequest;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.IdKind;
import io.kvasir.proto.placement.LeadMessage;
import io.kvasir.proto.placement.PlacementRecord;
import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.proto.placement.RefusalCode;
import io.kvasir.proto.placement.RegisterRequest;
import io.kvasir.proto.placement.SettingChangedRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ControllerTest {

    private static final UUID CLUSTER = new UUID(1, 2);
    private static final long SECOND = 1_000_000_000;

    private ClusterImage image = ClusterImage.EMPTY;
    private Presence presence = new Presence(0);
    private long nowNanos = 10 * SECOND;

    @ParameterizedTest(name = "{0} founders, {1} ranges asked: {2} ranges of {3} replicas")
    @CsvSource({"1,0,1,1", "3,0,3,3", "2,0,3,2", "5,0,3,3", "1,7,7,1", "3,16,16,3", "3,1024,1024,3"})
    void bootstrapTilesTheKeySpace(int founders, int asked, int ranges, int replicas) {
        found(founders, asked);
        List<RegionDescriptor> regions =
                image.regions().values().stream().map(PlacedRegion::descriptor).toList();
        assertEquals(ranges, regions.size());
        assertEquals(0, regions.getFirst().start().length);
        assertEquals(0, regions.getLast().end().length);
        Set<Integer> incarnations = new HashSet<>();
        for (int i = 0; i < ranges; i++) {
            if (i > 0) {
                assertArrayEquals(regions.get(i - 1).end(), regions.get(i).start());
            }
            assertEquals(replicas, regions.get(i).voters().size());
            regions.get(i).voters().forEach(voter -> assertTrue(incarnations.add(voter.incarnation())));
        }
        assertEquals(incarnations.size() + 1, image.nextIds().incarnation());
        assertEquals(ranges + 1, image.nextIds().region());
        assertEquals(founders + 1, image.nextIds().store());
    }

    @Test
    void initialRangesAreCutEvenlyAndLedInTurn() {
        found(3, 3);
        assertArrayEquals(KeyLayout.slotStart(5462), region(1).descriptor().end());
        assertArrayEquals(KeyLayout.slotStart(10923), region(2).descriptor().end());
        assertEquals(new StoreId(1), region(1).preferredLeader());
        assertEquals(new StoreId(2), region(2).preferredLeader());
        assertEquals(new StoreId(3), region(3).preferredLeader());
    }

    @Test
    void bootstrapAgainSaysTheFirstId() {
        found(3, 0);
        ClusterImage before = image;
        PlacementReply reply = run(controller -> controller.bootstrap(bootstrap(3, 9, new UUID(8, 8))));
        assertEquals(CLUSTER, PlacementCodec.clusterId(reply.getBootstrap().getClusterId()));
        assertEquals(before, image);
    }

    @Test
    void bootstrapIsRefusedForBadFoundersIdsAndRanges() {
        assertRefused(
                RefusalCode.REFUSAL_CODE_BAD_REQUEST, controller -> controller.bootstrap(bootstrap(0, 0, CLUSTER)));
        assertRefused(
                RefusalCode.REFUSAL_CODE_BAD_REQUEST, controller -> controller.bootstrap(bootstrap(3, 1025, CLUSTER)));
        assertRefused(
                RefusalCode.REFUSAL_CODE_BAD_REQUEST,
                controller -> controller.bootstrap(
                        bootstrap(3, 0, CLUSTER).toBuilder().addFounders(1).build()));
        assertRefused(
                RefusalCode.REFUSAL_CODE_BAD_REQUEST,
                controller -> controller.bootstrap(
                        bootstrap(3, 0, CLUSTER).toBuilder().addFounders(0).build()));
        assertRefused(
                RefusalCode.REFUSAL_CODE_BAD_REQUEST,
                controller -> controller.bootstrap(bootstrap(3, 0, CLUSTER).toBuilder()
                        .setClusterId(ByteString.copyFromUtf8("short"))
                        .build()));
        found(3, 0);
        assertRefused(
                RefusalCode.REFUSAL_CODE_OTHER_FOUNDERS, controller -> controller.bootstrap(bootstrap(2, 0, CLUSTER)));
    }

    @Test
    void nothingButBootstrapBeforeTheClusterIsFounded() {
        RefusalCode notFounded = RefusalCode.REFUSAL_CODE_NOT_FOUNDED;
        assertRefused(notFounded, controller -> controller.register(registration(1, "a:1", 5)));
        assertRefused(notFounded, controller -> controller.allocate(allocation(IdKind.ID_KIND_STORE, 1)));
        assertRefused(notFounded, controller -> controller.changeSettings(change("a", "b")));
    }

    @Test
    void aSecondLiveProcessOfAStoreIsRefusedUntilTheFirstIsSilent() {
        found(1, 0);
        run(controller -> controller.register(registration(1, "a:1", 5)));
        nowNanos += 2 * SECOND;
        assertEquals(Optional.empty(), heartbeat(1, 5));
        nowNanos += 2 * SECOND;
        assertRefused(
                RefusalCode.REFUSAL_CODE_STORE_LIVE, controller -> controller.register(registration(1, "b:1", 6)));
        nowNanos += SECOND;
        assertTrue(run(controller -> controller.register(registration(1, "b:1", 6)))
                .hasRegister());
        assertEquals(Optional.of(RefusalCode.REFUSAL_CODE_STORE_REPLACED), heartbeat(1, 5));
        assertEquals(Optional.empty(), heartbeat(1, 6));
    }

    @Test
    void aNewLeaderTakesEveryStoreForAliveAtFirst() {
        found(1, 0);
        run(controller -> controller.register(registration(1, "a:1", 5)));
        presence = new Presence(nowNanos);
        nowNanos += 2 * SECOND;
        assertRefused(
                RefusalCode.REFUSAL_CODE_STORE_LIVE, controller -> controller.register(registration(1, "b:1", 6)));
        nowNanos += SECOND;
        assertTrue(run(controller -> controller.register(registration(1, "b:1", 6)))
                .hasRegister());
    }

    @Test
    void aRestartAtTheSameAddressRegistersAtOnce() {
        found(1, 0);
        run(controller -> controller.register(registration(1, "a:1", 5)));
        assertTrue(run(controller -> controller.register(registration(1, "a:1", 6)))
                .hasRegister());
        assertEquals(
                6, Objects.requireNonNull(image.stores().get(new StoreId(1))).nonce());
    }

    @Test
    void registeringAgainMakesNoRecord() {
        found(1, 0);
        run(controller -> controller.register(registration(1, "a:1", 5)));
        ClusterImage before = image;
        run(controller -> controller.register(registration(1, "a:1", 5)));
        assertEquals(before, image);
    }

    @Test
    void strangersAreNotRegistered() {
        found(1, 0);
        assertRefused(
                RefusalCode.REFUSAL_CODE_UNKNOWN_STORE, controller -> controller.register(registration(2, "b:1", 6)));
        assertRefused(
                RefusalCode.REFUSAL_CODE_BAD_REQUEST, controller -> controller.register(registration(0, "b:1", 6)));
        assertRefused(
                RefusalCode.REFUSAL_CODE_OTHER_CLUSTER,
                controller -> controller.register(registration(1, "a:1", 5).toBuilder()
                        .setClusterId(PlacementCodec.clusterId(new UUID(9, 9)))
                        .build()));
        assertRefused(
                RefusalCode.REFUSAL_CODE_BAD_REQUEST,
                controller -> controller.register(RegisterRequest.getDefaultInstance()));
        run(controller -> controller.allocate(allocation(IdKind.ID_KIND_STORE, 1)));
        assertTrue(run(controller -> controller.register(registration(2, "b:1", 6)))
                .hasRegister());
    }

    @Test
    void blocksOfNumbersNeverOverlap() {
        found(3, 0);
        assertEquals(4, allocate(IdKind.ID_KIND_REGION, 10));
        assertEquals(14, allocate(IdKind.ID_KIND_REGION, 1));
        assertEquals(NextIds.FIRST_INSTANCE, allocate(IdKind.ID_KIND_INSTANCE, 1));
        assertEquals(NextIds.FIRST_INSTANCE + 1, allocate(IdKind.ID_KIND_INSTANCE, 1));
        assertEquals(10, allocate(IdKind.ID_KIND_INCARNATION, 5));
        RefusalCode bad = RefusalCode.REFUSAL_CODE_BAD_REQUEST;
        assertRefused(bad, controller -> controller.allocate(allocation(IdKind.ID_KIND_REGION, 0)));
        assertRefused(bad, controller -> controller.allocate(allocation(IdKind.ID_KIND_REGION, -1)));
        assertRefused(
                bad, controller -> controller.allocate(allocation(IdKind.ID_KIND_REGION, Controller.ALLOCATE_MAX + 1)));
        assertRefused(bad, controller -> controller.allocate(allocation(IdKind.ID_KIND_UNSPECIFIED, 1)));
    }

    @Test
    void settingsChangeAllOrNoneAndAtTheExpectedRevision() {
        found(1, 0);
        run(controller -> controller.changeSettings(change("maxmemory", "1gb")));
        assertEquals(Map.of("maxmemory", "1gb"), image.settings());
        assertEquals(1, image.settingsRevision());
        assertRefused(
                RefusalCode.REFUSAL_CODE_REVISION,
                controller -> controller.changeSettings(change("maxmemory", "2gb").toBuilder()
                        .setExpectedRevision(0)
                        .build()));
        assertRefused(
                RefusalCode.REFUSAL_CODE_BAD_REQUEST,
                controller -> controller.changeSettings(change("a", "b").toBuilder()
                        .addChanges(SettingChangedRecord.getDefaultInstance())
                        .build()));
        assertEquals(Map.of("maxmemory", "1gb"), image.settings());
        run(controller -> controller.changeSettings(change("maxmemory", "1gb")));
        assertEquals(1, image.settingsRevision());
        run(controller -> controller.changeSettings(ChangeSettingsRequest.newBuilder()
                .addChanges(SettingChangedRecord.newBuilder().setName("maxmemory"))
                .setExpectedRevision(1)
                .build()));
        assertEquals(Map.of(), image.settings());
    }

    @Test
    void severalRequestsOfOneEntrySeeEachOther() {
        found(1, 0);
        Controller controller = new Controller(image, presence, nowNanos);
        long first = controller
                .allocate(allocation(IdKind.ID_KIND_REGION, 2))
                .reply()
                .getAllocate()
                .getFirst();
        long second = controller
                .allocate(allocation(IdKind.ID_KIND_REGION, 2))
                .reply()
                .getAllocate()
                .getFirst();
        assertEquals(first + 2, second);
    }

    @Test
    void leadersAreThoseOfTheNewestTerm() {
        found(3, 0);
        for (long store = 1; store <= 3; store++) {
            RegisterRequest request = registration(store, "s" + store + ":1", store);
            run(controller -> controller.register(request));
        }
        heartbeat(1, 1, lead(1, 4), lead(2, 7));
        assertEquals(Optional.of(new Presence.Lead(new StoreId(1), 4)), presence.leader(new RegionId(1)));
        heartbeat(2, 2, lead(1, 3), lead(99, 1));
        assertEquals(Optional.of(new Presence.Lead(new StoreId(1), 4)), presence.leader(new RegionId(1)));
        heartbeat(2, 2, lead(1, 5));
        assertEquals(Optional.of(new Presence.Lead(new StoreId(2), 5)), presence.leader(new RegionId(1)));
        heartbeat(1, 1, lead(1, 4));
        assertEquals(Optional.of(new Presence.Lead(new StoreId(2), 5)), presence.leader(new RegionId(1)));
        assertEquals(Optional.empty(), presence.leader(new RegionId(2)));
        assertEquals(Optional.empty(), presence.leader(new RegionId(99)));
        assertEquals(Optional.of(RefusalCode.REFUSAL_CODE_BAD_REQUEST), heartbeat(1, 1, lead(0, 4)));
        assertEquals(Optional.of(RefusalCode.REFUSAL_CODE_BAD_REQUEST), heartbeat(0, 1));
        assertEquals(Optional.of(RefusalCode.REFUSAL_CODE_UNKNOWN_STORE), heartbeat(7, 1));
    }

    @Test
    void theImageSurvivesItsMessage() {
        found(3, 5);
        run(controller -> controller.register(registration(2, "a:1", -5)));
        run(controller -> controller.changeSettings(change("a", "b")));
        run(controller -> new Controller.Result(controller.extendWindow(77_000), PlacementReply.getDefaultInstance()));
        assertEquals(image, ClusterImage.of(image.toMessage(9, 3)));
        assertEquals(ClusterImage.EMPTY, ClusterImage.of(ClusterImage.EMPTY.toMessage(0, 0)));
    }

    @Test
    void recordsThatCannotFollowAreNotSkipped() {
        found(1, 0);
        List<PlacementRecord> window = new Controller(image, presence, nowNanos).extendWindow(50);
        image = image.afterEntry(window);
        assertThrows(IllegalArgumentException.class, () -> image.afterEntry(window));
        assertThrows(
                IllegalArgumentException.class,
                () -> image.after(window.getFirst().toBuilder().setVersion(2).build()));
        assertThrows(
                IllegalArgumentException.class,
                () -> image.after(PlacementRecord.newBuilder().setVersion(1).build()));
        assertEquals(List.of(), new Controller(image, presence, nowNanos).extendWindow(50));
    }

    /** Runs a request as one entry, as the log would. */
    private PlacementReply run(Function<Controller, Controller.Result> request) {
        Controller controller = new Controller(image, presence, nowNanos);
        Controller.Result result = request.apply(controller);
        if (!result.records().isEmpty()) {
            ClusterImage next = image.afterEntry(result.records());
            assertEquals(next.regions(), controller.image().regions());
            assertEquals(next.nextIds(), controller.image().nextIds());
            image = next;
        }
        return result.reply();
    }

    private void assertRefused(RefusalCode code, Function<Controller, Controller.Result> request) {
        ClusterImage before = image;
        assertEquals(code, run(request).getRefusal().getCode());
        assertEquals(before, image);
    }

    private void found(int founders, int ranges) {
        run(controller -> controller.bootstrap(bootstrap(founders, ranges, CLUSTER)));
        assertTrue(image.founded());
    }

    private PlacedRegion region(long id) {
        return Objects.requireNonNull(image.regions().get(new RegionId(id)));
    }

    private long allocate(IdKind kind, int count) {
        return run(controller -> controller.allocate(allocation(kind, count)))
                .getAllocate()
                .getFirst();
    }

    private Optional<RefusalCode> heartbeat(long store, long nonce, LeadMessage... leads) {
        HeartbeatRequest request = HeartbeatRequest.newBuilder()
                .setStore(store)
                .setNonce(nonce)
                .addAllLeads(List.of(leads))
                .build();
        PlacementReply reply =
                Heartbeats.take(request, image, presence, nowNanos).reply(ViewRevision.NONE, List.of(), List.of());
        return reply.hasRefusal() ? Optional.of(reply.getRefusal().getCode()) : Optional.empty();
    }

    private static LeadMessage lead(long region, long term) {
        return LeadMessage.newBuilder()
                .setRegion(region)
                .setTerm(term)
                .setConfVersion(1)
                .setVersion(1)
                .build();
    }

    private static BootstrapRequest bootstrap(int founders, int ranges, UUID cluster) {
        return BootstrapRequest.newBuilder()
                .setClusterId(PlacementCodec.clusterId(cluster))
                .addAllFounders(LongStream.rangeClosed(1, founders).boxed().toList())
                .setRanges(ranges)
                .build();
    }

    @Test
    void k9AStoreThatIsEmptyAgainGetsReplicasOfNewIncarnations() {
        found(3, 3);
        for (int store = 1; store <= 3; store++) {
            RegisterRequest first = registration(store, "s" + store + ":1", store).toBuilder()
                    .setEmpty(true)
                    .build();
            run(controller -> controller.register(first));
        }
        assertEquals(1, region(1).descriptor().epoch().confVersion(), "at the founding all stores are empty");
        long free = image.nextIds().incarnation();
        List<ReplicaId> before = region(2).descriptor().voters();
        RegisterRequest again =
                registration(2, "s2:1", 77).toBuilder().setEmpty(true).build();
        run(controller -> controller.register(again));
        ClusterImage once = image;
        run(controller -> controller.register(again));
        assertEquals(once.regions(), image.regions(), "a request that comes twice changes nothing more");
        Set<Integer> incarnations = new HashSet<>();
        for (PlacedRegion placed : image.regions().values()) {
            assertEquals(Epoch.FIRST, placed.descriptor().epoch(), "the log has yet to follow");
            ReplicaId successor = placed.wanted().stream()
                    .filter(voter -> voter.store().equals(new StoreId(2)))
                    .findFirst()
                    .orElseThrow();
            assertTrue(successor.incarnation() >= free && incarnations.add(successor.incarnation()));
        }
        assertEquals(before.get(0), region(2).wanted().get(0));
        assertEquals(before.get(2), region(2).wanted().get(2));
        List<ReplicaId> group = image.placementGroup();
        assertEquals(3, group.size());
        assertEquals(new ReplicaId(new StoreId(1), 1), group.get(0));
        assertTrue(incarnations.add(group.get(1).incarnation()) && group.get(1).incarnation() >= free);
        assertEquals(free + 4, image.nextIds().incarnation());
        assertEquals(image, ClusterImage.of(image.toMessage(9, 1)));
        RegisterRequest restarted = registration(2, "s2:1", 78);
        run(controller -> controller.register(restarted));
        assertEquals(once.regions(), image.regions(), "it is not empty any more");
    }

    @Test
    void theOnlyReplicaOfARangeIsNotReplaced() {
        found(1, 1);
        run(controller -> controller.register(registration(1, "a:1", 5)));
        RegisterRequest again =
                registration(1, "a:1", 6).toBuilder().setEmpty(true).build();
        run(controller -> controller.register(again));
        assertEquals(1, region(1).descriptor().epoch().confVersion());
        assertEquals(List.of(new ReplicaId(new StoreId(1), 1)), image.placementGroup());
    }

    private static RegisterRequest registration(long store, String address, long nonce) {
        if (store == 0) {
            return RegisterRequest.newBuilder()
                    .setStore(registration(1, address, nonce).getStore().toBuilder()
                            .setId(0))
                    .build();
        }
        return RegisterRequest.newBuilder()
                .setStore(PlacementCodec.store(
                        new StoreEntry(new StoreId(store), address, nonce, Map.of("zone", "z" + store))))
                .build();
    }

    private static AllocateRequest allocation(IdKind kind, int count) {
        return AllocateRequest.newBuilder().setKind(kind).setCount(count).build();
    }

    private static ChangeSettingsRequest change(String name, String value) {
        return ChangeSettingsRequest.newBuilder()
                .addChanges(SettingChangedRecord.newBuilder().setName(name).setValue(value))
                .build();
    }
}
