package io.kvasir.region.raft;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.AddressBook;
import io.kvasir.region.link.AddressBook.Address;
import io.kvasir.region.link.GrpcLink;
import io.kvasir.region.link.LinkSettings;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.region.raft.StateMachine.Committed;
import io.kvasir.store.log.LogEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Stores with real directories and real links on this machine, each with one replica of one group. */
final class Cluster implements AutoCloseable {

    static final RegionId REGION = new RegionId(3);

    private final Path directory;
    private final AddressBook addresses = new AddressBook();
    private final Map<StoreId, Store> stores = new TreeMap<>();
    private final List<ReplicaId> replicas = new ArrayList<>();
    private final List<Throwable> faults = Collections.synchronizedList(new ArrayList<>());

    Cluster(Path directory, int count) throws IOException {
        this.directory = directory;
        for (int i = 1; i <= count; i++) {
            replicas.add(new ReplicaId(new StoreId(i), 1));
        }
        for (ReplicaId replica : replicas) {
            start(replica, new Ledger());
        }
    }

    /** Starts a store whose state machine stands where {@code ledger} says. */
    Store start(ReplicaId replica, Ledger ledger) throws IOException {
        Store store = new Store(replica, ledger);
        stores.put(replica.store(), store);
        return store;
    }

    List<Store> stores() {
        return List.copyOf(stores.values());
    }

    List<Throwable> faults() {
        return List.copyOf(faults);
    }

    /** Waits until one replica leads in the newest term that any of them knows, and returns its store. */
    Store awaitLeader() {
        Await.until(() -> leaderNow() != null, "there is a leader");
        return leaderNow();
    }

    private Store leaderNow() {
        return stores.values().stream()
                .filter(store -> store.group.leaderTerm() != 0)
                .max((left, right) -> Long.compare(left.group.leaderTerm(), right.group.leaderTerm()))
                .orElse(null);
    }

    @Override
    public void close() {
        stores().forEach(Store::close);
    }

    final class Store implements AutoCloseable {

        final ReplicaId replica;
        final Ledger ledger;
        final StallingDisk disk = new StallingDisk();
        final LogEngine logs;
        final GrpcLink link;
        final RaftHost host;
        final RaftGroup group;

        private Store(ReplicaId replica, Ledger ledger) throws IOException {
            this.replica = replica;
            this.ledger = ledger;
            this.logs = LogEngine.open(disk, directory.resolve(replica.store().toString()), Await.LOG, faults::add);
            this.link = GrpcLink.open(
                    new LinkSettings(replica.store(), "test", "127.0.0.1", 0),
                    addresses,
                    System::nanoTime,
                    (peer, up) -> {});
            addresses.put(replica.store(), new Address("127.0.0.1", link.port()));
            this.host = new RaftHost(
                    link, logs, System::nanoTime, System::currentTimeMillis, LeaseSettings.PRODUCTION, faults::add);
            if (logs.find(REGION).isEmpty()) {
                logs.create(REGION, replica.incarnation(), new byte[0]);
            }
            this.group = host.start(REGION, replica, replicas, RaftHost.Origin.PLACED, ledger);
        }

        /** Stops the store and forgets it; returns where its state stood. */
        AppliedState kill() {
            // Silenced first, or it would hand its leadership over.
            link.close();
            close();
            stores.remove(replica.store());
            List<Committed> applied = ledger.applied();
            if (applied.isEmpty()) {
                return ledger.appliedAtStart();
            }
            return new AppliedState(applied.getLast().index(), applied.getLast().term());
        }

        @Override
        public void close() {
            disk.goOn();
            host.close();
            link.close();
            logs.close();
        }
    }
}
