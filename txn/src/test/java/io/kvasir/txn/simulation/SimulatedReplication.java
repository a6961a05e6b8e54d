package io.kvasir.txn.simulation;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.raft.StateMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Raft as its users may see it: one committed log, leaders by rising term, a deposed leader that learns of it late,
 * entries that are lost or survive a change of leader, and replicas that apply when they get to it.
 */
final class SimulatedReplication {

    private record Slot(long term, byte[] data) {}

    private final Simulation simulation;
    private final RegionId region;
    private final List<Slot> committed = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private long term;
    private Optional<Replica> leader = Optional.empty();

    /** Set by a test that breaks the lease on purpose. */
    boolean leaseNeverEnds;

    /** Transfers that brought a new term. */
    int transfers;

    /** Set once no proposal is to be refused or lost any more. */
    boolean calm;

    /** Index of the last entry before the log's first: it goes on after the state that a split has made. */
    private final long base;

    SimulatedReplication(Simulation simulation, RegionId region) {
        this(simulation, region, 0);
    }

    SimulatedReplication(Simulation simulation, RegionId region, long base) {
        this.simulation = simulation;
        this.region = region;
        this.base = base;
    }

    /** Returns whether nobody has led yet. */
    boolean isNew() {
        return term == 0;
    }

    Replica add(StoreId store, StateMachine machine) {
        Replica replica = new Replica(store, machine);
        replicas.add(replica);
        if (!committed.isEmpty()) {
            replica.applySoon();
        }
        return replica;
    }

    /** Elects {@code next}, not before the old leader's lease has ended; what the old one had under way may survive. */
    void elect(Replica next) {
        leader.ifPresent(Replica::depose);
        term++;
        leader = Optional.of(next);
        long newTerm = term;
        simulation.at(simulation.delay(), () -> next.lead(newTerm));
    }

    RegionId region() {
        return region;
    }

    Optional<StoreId> leaderStore() {
        return leader.map(replica -> replica.store);
    }

    private Optional<Replica> on(StoreId store) {
        return replicas.stream().filter(replica -> replica.store.equals(store)).findFirst();
    }

    List<Replica> replicas() {
        return replicas;
    }

    long committedCount() {
        return committed.size();
    }

    private void commit(Slot slot) {
        committed.add(slot);
        for (Replica replica : replicas) {
            replica.applySoon();
        }
    }

    /** One replica. */
    final class Replica implements RaftGroup {

        final StoreId store;
        private final StateMachine machine;
        private final List<Slot> appended = new ArrayList<>();
        private long leaderTerm;
        private long lostAt;
        private int applied;
        private boolean applyQueued;
        private boolean committing;

        private Replica(StoreId store, StateMachine machine) {
            this.store = store;
            this.machine = machine;
        }

        private void depose() {
            int survive = appended.isEmpty() ? 0 : simulation.random.nextInt(appended.size() + 1);
            for (Slot slot : List.copyOf(appended.subList(0, survive))) {
                commit(slot);
            }
            appended.clear();
            lostAt = leaderTerm;
            long oldTerm = leaderTerm;
            simulation.at(simulation.delay() * 5, () -> {
                if (leaderTerm == oldTerm) {
                    leaderTerm = 0;
                    machine.leaderStopped();
                }
            });
        }

        /** Leads once all that is committed is applied here. */
        private void lead(long newTerm) {
            if (term != newTerm) {
                return;
            }
            if (applied < committed.size()) {
                applySoon();
                simulation.at(simulation.delay(), () -> lead(newTerm));
                return;
            }
            if (leaderTerm != 0) {
                leaderTerm = 0;
                machine.leaderStopped();
            }
            leaderTerm = newTerm;
            machine.leaderStarted(newTerm);
        }

        void applySoon() {
            if (!applyQueued) {
                applyQueued = true;
                simulation.at(simulation.delay(), this::apply);
            }
        }

        private void apply() {
            applyQueued = false;
            int upTo = Math.min(committed.size(), applied + 1 + simulation.random.nextInt(5));
            List<StateMachine.Committed> entries = new ArrayList<>();
            for (int i = applied; i < upTo; i++) {
                entries.add(new StateMachine.Committed(base + i + 1, committed.get(i).term, committed.get(i).data));
            }
            if (!entries.isEmpty()) {
                applied = upTo;
                machine.apply(entries);
            }
            if (applied < committed.size()) {
                applySoon();
            }
        }

        boolean isCaughtUp() {
            return applied == committed.size();
        }

        private void commitSoon() {
            if (committing) {
                return;
            }
            committing = true;
            simulation.at(simulation.delay(), () -> {
                committing = false;
                if (leaderTerm == term && leader.orElseThrow() == this) {
                    int some = appended.isEmpty() ? 0 : 1 + simulation.random.nextInt(appended.size());
                    List<Slot> now = List.copyOf(appended.subList(0, some));
                    appended.subList(0, some).clear();
                    now.forEach(SimulatedReplication.this::commit);
                    if (!appended.isEmpty()) {
                        commitSoon();
                    }
                }
            });
        }

        @Override
        public RegionId id() {
            return region;
        }

        @Override
        public boolean propose(byte[] entry, long expectedTerm) {
            if (expectedTerm != leaderTerm || !calm && simulation.chance(300)) {
                return false;
            }
            if (!calm && simulation.chance(300)) {
                return true; // accepted and lost, as when the ring behind the queue refuses it
            }
            if (leaderTerm == term && leader.orElseThrow() == this) {
                appended.add(new Slot(expectedTerm, entry));
                commitSoon();
            }
            return true;
        }

        @Override
        public long leaderTerm() {
            return leaderTerm;
        }

        @Override
        public boolean isElected() {
            return leaderTerm() != 0;
        }

        @Override
        public Optional<StoreId> leader() {
            return leaderTerm != 0 ? Optional.of(store) : leaderStore();
        }

        @Override
        public boolean holdsLease(long asked) {
            return leaderTerm == asked && asked != 0 && (leaseNeverEnds || term == asked && lostAt != asked);
        }

        @Override
        public void confirmLeadership(long asked, Consumer<Boolean> whenDone) {
            simulation.at(simulation.delay(), () -> {
                boolean confirmed = term == asked && leaderTerm == asked;
                simulation.at(simulation.delay(), () -> whenDone.accept(confirmed));
            });
        }

        /** The other one is asked in vain, or leads; this one has no lease either way (rule K15). */
        @Override
        public void transferLeadership(StoreId to, Consumer<Boolean> whenDone) {
            boolean leads = leaderTerm == term && leader.orElseThrow() == this;
            if (!leads || simulation.chance(4)) {
                simulation.at(simulation.delay(), () -> whenDone.accept(false));
                return;
            }
            long from = term;
            lostAt = from;
            simulation.at(simulation.delay(), () -> {
                if (term == from) {
                    elect(simulation.chance(4) ? this : on(to).orElse(this));
                    transfers++;
                }
                simulation.at(simulation.delay() * 3, () -> whenDone.accept(leaderTerm == 0));
            });
        }

        @Override
        public long lag(StoreId to) {
            return leaderTerm == 0 ? Long.MAX_VALUE : 0;
        }

        @Override
        public void holdLeaseRenewal(boolean held) {}

        @Override
        public void close() {}
    }
}
