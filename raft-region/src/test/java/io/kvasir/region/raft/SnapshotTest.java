package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.AddressBook;
import io.kvasir.region.link.AddressBook.Address;
import io.kvasir.region.link.GrpcLink;
import io.kvasir.region.link.LinkSettings;
import io.kvasir.store.disk.RealDisk;
import io.kvasir.store.log.HardState;
import io.kvasir.store.log.LogEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Snapshots over real links, between stores with real logs and a state that a crash can leave in pieces. */
@Timeout(60)
final class SnapshotTest {

    private static final RegionId REGION = new RegionId(3);
    private static final List<ReplicaId> REPLICAS = List.of(
            new ReplicaId(new StoreId(1), 1), new ReplicaId(new StoreId(2), 1), new ReplicaId(new StoreId(3), 1));

    private final AddressBook addresses = new AddressBook();
    private final Map<StoreId, Store> stores = new TreeMap<>();
    private final Map<StoreId, FileMachine.Disk> disks = new TreeMap<>();
    private final List<Throwable> faults = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path directory;

    private final class Store {

        final ReplicaId replica;
        final FileMachine machine;
        final LogEngine logs;
        final GrpcLink link;
        final RaftHost host;
        final RaftGroup group;

        Store(ReplicaId replica) throws IOException {
            this(replica, REPLICAS);
        }

        Store(ReplicaId replica, List<ReplicaId> voters) throws IOException {
            this.replica = replica;
            machine = new FileMachine(disks.computeIfAbsent(replica.store(), unused -> new FileMachine.Disk()));
            logs = LogEngine.open(new RealDisk(), folder().resolve("log"), Await.LOG, faults::add);
            link = GrpcLink.open(
                    new LinkSettings(replica.store(), "test", "127.0.0.1", 0),
                    addresses,
                    System::nanoTime,
                    (peer, up) -> {});
            addresses.put(replica.store(), new Address("127.0.0.1", link.port()));
            host = new RaftHost(
                    link, logs, System::nanoTime, System::currentTimeMillis, LeaseSettings.PRODUCTION, faults::add);
            host.retain(new LogRetention(20, 40));
            host.exchangeSnapshots(new SnapshotSettings(folder().resolve("snapshots"), 64 << 20, () -> true));
            if (logs.find(REGION).isEmpty()) {
                logs.create(REGION, replica.incarnation(), new byte[0]);
            }
            group = host.start(REGION, replica, voters, RaftHost.Origin.PLACED, machine);
            stores.put(replica.store(), this);
        }

        Path folder() {
            return directory.resolve(replica.store().toString());
        }

        void stop() {
            stores.remove(replica.store());
            link.close();
            host.close();
            logs.close();
        }

        List<Path> snapshotFiles() {
            try (Stream<Path> files = Files.walk(folder().resolve("snapshots"))) {
                return files.filter(Files::isRegularFile).toList();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    @AfterEach
    void stopAll() {
        List.copyOf(stores.values()).forEach(Store::stop);
    }

    @Test
    void aFollowerBehindTheLogIsSentASnapshotAndGoesOn() throws IOException {
        Store leader = startAndFill();
        Store behind = new Store(REPLICAS.get(2));
        awaitEqual(leader, behind);
        assertEquals(1, behind.machine.installs());
        propose(leader, "z", 5);
        awaitEqual(leader, behind);
        assertEquals(1, behind.machine.installs());
        Await.until(
                () -> leader.snapshotFiles().isEmpty() && behind.snapshotFiles().isEmpty(), "the files are gone");
        // What it was sent outlives a restart, the voters included.
        behind.stop();
        Store again = new Store(REPLICAS.get(2));
        awaitEqual(leader, again);
        assertEquals(0, again.machine.installs());
        assertEquals(List.of(), faults);
    }

    static List<Integer> steps() {
        return Stream.iterate(0, step -> step + 1)
                .limit(FileMachine.INSTALL_STEPS)
                .toList();
    }

    /** Rule K10. Without the mark the replica goes on with one family old, or gone, and the other new. */
    @ParameterizedTest
    @MethodSource("steps")
    void k10AnInstallThatDiesAnywhereIsWipedAndDoneAgain(int step) throws IOException {
        Store leader = startAndFill();
        Store behind = new Store(REPLICAS.get(2));
        behind.machine.dieAt(step);
        Await.until(() -> !faults.isEmpty(), "the install has died");
        HardState promised = behind.logs.find(REGION).orElseThrow().hardState();
        behind.stop();
        faults.clear();
        Store again = new Store(REPLICAS.get(2));
        assertEquals(1, again.machine.wipes(), "the mark was found");
        assertTrue(again.machine.first().isEmpty());
        assertEquals(
                promised.term(),
                again.logs.find(REGION).orElseThrow().hardState().term());
        assertFalse(again.logs.find(REGION).orElseThrow().installing().isPresent());
        awaitEqual(leader, again);
        propose(leader, "z", 5);
        awaitEqual(leader, again);
        assertEquals(List.of(), faults);
    }

    /** Rule K9: what has lost its votes comes back under another name, as a voter only when it has caught up. */
    @Test
    void aStoreThatLostEverythingRejoinsUnderANewIncarnation() throws Exception {
        Store leader = startAndFill();
        StoreId third = new StoreId(3);
        disks.remove(third);
        SnapshotFolder.remove(directory.resolve(third.toString()));
        ReplicaId successor = new ReplicaId(third, 9);
        Store joining = new Store(successor, List.of());
        assertTrue(joining.group.leader().isEmpty());
        List<ReplicaId> voters = List.of(REPLICAS.get(0), REPLICAS.get(1), successor);
        Await.until(
                () -> {
                    leader.host.changeVoters(REGION, voters);
                    Membership members = ((JRaftGroup) leader.group).lease().membership();
                    return members.oldVoters().isEmpty() && members.voters().equals(Set.copyOf(voters));
                },
                "the successor votes");
        awaitEqual(leader, joining);
        assertEquals(1, joining.machine.installs());
        // Now nothing is decided without it.
        stores.get(new StoreId(2)).stop();
        propose(leader, "z", 5);
        awaitEqual(leader, joining);
        joining.stop();
        Store again = new Store(successor, List.of());
        propose(leader, "y", 5);
        awaitEqual(leader, again);
        assertEquals(List.of(), faults);
    }

    @Test
    void anEmptyFolderOfSnapshotsIsWhatAStartLeaves() throws IOException {
        Path old = Files.createDirectories(directory.resolve("s1/snapshots/out/77"));
        Files.writeString(old.resolve("1-0.sst"), "left over");
        Files.writeString(
                Files.createDirectories(directory.resolve("s1/snapshots/in/r9")).resolve("0"), "left over");
        Store store = new Store(REPLICAS.get(0));
        assertEquals(List.of(), store.snapshotFiles());
    }

    /** Two of three replicas write so much that the third, which is away, lies before the log of both. */
    private Store startAndFill() throws IOException {
        for (ReplicaId replica : REPLICAS) {
            new Store(replica);
        }
        stores.get(new StoreId(1)).host.campaign(REGION);
        Await.until(() -> stores.get(new StoreId(1)).group.leaderTerm() != 0, "there is a leader");
        Store leader = stores.get(new StoreId(1));
        propose(leader, "a", 10);
        Store third = stores.get(new StoreId(3));
        awaitEqual(leader, third);
        third.stop();
        for (int round = 0; leader.logs.find(REGION).orElseThrow().firstIndex() <= 12; round++) {
            propose(leader, "b" + round + "-", 50);
            AtomicBoolean noted = new AtomicBoolean();
            ((JRaftGroup) leader.group).truncateLog(() -> noted.set(true));
            Await.until(noted::get, "the log is truncated");
        }
        return leader;
    }

    /** Proposes, and waits until all is applied. */
    private static void propose(Store leader, String prefix, int count) {
        int before = leader.machine.first().size();
        for (int i = 0; i < count; i++) {
            String text = prefix + i;
            Await.until(() -> leader.group.propose(text.getBytes(), leader.group.leaderTerm()), "proposed " + text);
        }
        Await.until(() -> leader.machine.first().size() == before + count, "applied");
    }

    private static void awaitEqual(Store left, Store right) {
        Await.until(
                () -> left.machine.index() == right.machine.index()
                        && left.machine.first().equals(right.machine.first())
                        && left.machine.second().equals(right.machine.second()),
                "replicas are equal");
    }
}
