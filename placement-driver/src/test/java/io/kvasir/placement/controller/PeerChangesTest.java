package io.kvasir.placement.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.placement.schedule.PeerChange;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.control.RegionEntry;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.BootstrapRequest;
import io.kvasir.proto.placement.RegisterRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What the placement driver decides of a range's replicas, and what it learns of them (rule K9). */
final class PeerChangesTest {

    private static final RegionId REGION = new RegionId(1);
    private static final StoreId ONE = new StoreId(1);
    private static final StoreId FOUR = new StoreId(4);

    private ClusterImage image = ClusterImage.EMPTY;
    private final Presence presence = new Presence(0);
    private final List<ReplicaId> founded;

    PeerChangesTest() {
        run(controller -> controller.bootstrap(BootstrapRequest.newBuilder()
                .setClusterId(PlacementCodec.clusterId(new UUID(1, 2)))
                .addAllFounders(List.of(1L, 2L, 3L, 4L))
                .setRanges(4)
                .build()));
        for (long store = 1; store <= 4; store++) {
            register(store, false);
        }
        founded = region().descriptor().voters();
        assertEquals(List.of(1L, 2L, 3L), stores(founded));
    }

    private void run(Function<Controller, Controller.Result> request) {
        Controller.Result result = request.apply(new Controller(image, presence, 10_000_000_000L));
        image = result.records().isEmpty() ? image : image.afterEntry(result.records());
    }

    private void register(long store, boolean empty) {
        run(controller -> controller.register(RegisterRequest.newBuilder()
                .setStore(PlacementCodec.store(
                        new StoreEntry(new StoreId(store), "s" + store, empty ? store + 100 : store, Map.of())))
                .setEmpty(empty)
                .build()));
    }

    private PlacedRegion region() {
        return Objects.requireNonNull(image.regions().get(REGION));
    }

    private static List<Long> stores(List<ReplicaId> voters) {
        return voters.stream().map(voter -> voter.store().value()).toList();
    }

    private void begin(Optional<StoreId> add, Optional<StoreId> remove, long confVersion) {
        PeerChange change = new PeerChange(REGION, 5, ONE, confVersion, add, remove, "test", "");
        run(controller -> controller.changePeers(change));
    }

    /** The range's leader tells that its log has {@code voters} since {@code confVersion}. */
    private void tell(long confVersion, List<ReplicaId> voters) {
        RegionDescriptor was = region().descriptor();
        Epoch epoch = new Epoch(confVersion, was.epoch().version());
        RegionDescriptor now = new RegionDescriptor(was.id(), was.start(), was.end(), epoch, voters);
        run(controller -> controller.learnRegions(List.of(now)));
    }

    private RegionEntry entry() {
        return new RegionEntry(region().descriptor(), region().preferredLeader(), 0, 0, region().wanted());
    }

    @Test
    void whatIsWantedBecomesSoWhenTheLogSaysSo() {
        begin(Optional.of(FOUR), Optional.of(ONE), 1);
        List<ReplicaId> wanted = region().wanted();
        assertEquals(List.of(2L, 3L, 4L), stores(wanted));
        assertEquals(founded, region().descriptor().voters(), "a decision changes no voters");
        assertTrue(entry().concerns(founded.getFirst()), "what is to go stays until the log has left it out");
        assertEquals(image, ClusterImage.of(image.toMessage(9, 1)));
        ClusterImage once = image;
        begin(Optional.of(FOUR), Optional.of(ONE), 1);
        assertEquals(once.regions(), image.regions(), "decided twice, it is decided once");
        tell(2, wanted);
        assertEquals(wanted, region().descriptor().voters());
        assertEquals(List.of(), region().wanted());
        assertEquals(new StoreId(2), region().preferredLeader());
        assertFalse(entry().concerns(founded.getFirst()));
    }

    @Test
    void k9AReplicaThatComesBackIsOfANewIncarnation() {
        begin(Optional.of(FOUR), Optional.of(ONE), 1);
        tell(2, region().wanted());
        begin(Optional.of(ONE), Optional.of(FOUR), 2);
        ReplicaId back = region().wanted().getFirst();
        assertEquals(ONE, back.store());
        assertTrue(back.incarnation() > founded.getFirst().incarnation());
    }

    @Test
    void aChangeThatIsTakenBackIsConfirmedByTheLogBeforeAnythingGoes() {
        begin(Optional.of(FOUR), Optional.of(ONE), 1);
        ReplicaId added = region().wanted().getLast();
        run(controller -> controller.takeBack(REGION, 1));
        assertEquals(founded, region().wanted());
        assertEquals(2, entry().next().epoch().confVersion());
        tell(2, founded);
        assertEquals(List.of(), region().wanted());
        assertFalse(entry().concerns(added));
    }

    @Test
    void aChangeThatCameAboutBeforeItWasTakenBackIsUndone() {
        begin(Optional.of(FOUR), Optional.of(ONE), 1);
        List<ReplicaId> done = region().wanted();
        run(controller -> controller.takeBack(REGION, 1));
        tell(2, done);
        assertEquals(done, region().descriptor().voters(), "the log decides");
        assertEquals(founded, region().wanted());
        assertTrue(entry().concerns(founded.getFirst()), "it is wanted, so it was never given up");
    }

    @Test
    void theSuccessorOfALostReplicaIsNotTakenBack() {
        begin(Optional.of(FOUR), Optional.of(ONE), 1);
        register(2, true);
        ReplicaId successor = region().wanted().getFirst();
        assertTrue(successor.incarnation() > founded.get(1).incarnation());
        run(controller -> controller.takeBack(REGION, 1));
        assertEquals(List.of(founded.get(0), successor, founded.get(2)), region().wanted());
    }

    @Test
    void whatIsDecidedOfAnEarlierConfigurationIsVoid() {
        begin(Optional.of(FOUR), Optional.of(ONE), 1);
        tell(2, region().wanted());
        begin(Optional.empty(), Optional.of(FOUR), 1);
        assertEquals(List.of(), region().wanted());
        begin(Optional.of(FOUR), Optional.empty(), 2);
        assertEquals(List.of(), region().wanted(), "it has a replica there");
        begin(Optional.of(new StoreId(9)), Optional.empty(), 2);
        assertEquals(List.of(), region().wanted(), "there is no such store");
    }
}
