package io.kvasir.placement.sim;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.raft.StateMachine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One raft group as its users may see it, without its messages: one log, terms, a lease that surely ends before another
 * replica leads, leaders that do not know that they are not, entries that are lost or committed by the next leader.
 */
final class Consensus {

    /** What is broken on purpose, to see that the checks notice. */
    enum Fault {
        NONE,
        /** A leader believes in its lease as long as it believes that it leads. */
        LEASE_UNCHECKED,
        /** What a leader applies does not reach the others. */
        LOG_NOT_REPLICATED
    }

    static final long LEASE_MILLIS = 1_500;
    static final long GUARD_MILLIS = 2_000;

    private record Proposal(Replica by, long term, byte[] data) {}

    private final World world;
    private final Network network;
    private final Fault fault;
    private final Map<StoreId, Replica> replicas = new HashMap<>();
    private final List<StateMachine.Committed> log = new ArrayList<>();
    private final List<Proposal> pending = new ArrayList<>();
    private final int size;
    private long term;
    private @Nullable Replica leader;
    private long leaseEndNanos;
    private long guardEndNanos;

    Consensus(World world, Network network, int size, Fault fault) {
        this.world = world;
        this.network = network;
        this.size = size;
        this.fault = fault;
        world.after(0, this::beat);
    }

    /** Opens the replica of {@code process} in its present life. */
    RaftGroup open(Process process, StateMachine machine) {
        Replica replica = new Replica(process, machine);
        replicas.put(process.store(), replica);
        return replica;
    }

    /** The process of {@code store} is dead. */
    void crashed(StoreId store) {
        replicas.remove(store);
        if (leader != null && leader.process.store().equals(store)) {
            leader = null;
        }
    }

    /** Makes another replica lead at once, if one can. */
    void transfer() {
        Replica from = leader;
        if (from == null || !hasMajority(from)) {
            return;
        }
        pick(from).ifPresent(to -> {
            leaseEndNanos = world.nowNanos();
            elect(to);
        });
    }

    Optional<StoreId> leaderStore() {
        return Optional.ofNullable(leader).map(replica -> replica.process.store());
    }

    private void beat() {
        Replica current = leader;
        if (current != null && hasMajority(current) && current.process.runs()) {
            leaseEndNanos = world.nowNanos() + LEASE_MILLIS * World.MILLI;
            guardEndNanos = world.nowNanos() + GUARD_MILLIS * World.MILLI;
        } else if (world.nowNanos() >= guardEndNanos) {
            pick(current).ifPresent(this::elect);
        }
        replicas.values().forEach(replica -> {
            if (replica.term > 0 && replica.term < term && hasMajority(replica)) {
                replica.stepDown();
            }
        });
        world.after(world.millisBetween(50, 400), this::beat);
    }

    private Optional<Replica> pick(@Nullable Replica not) {
        List<Replica> able = replicas.values().stream()
                .filter(replica -> replica != not && replica.process.runs() && hasMajority(replica))
                .sorted((a, b) -> a.process.store().compareTo(b.process.store()))
                .toList();
        return able.isEmpty() ? Optional.empty() : Optional.of(able.get(world.random.nextInt(able.size())));
    }

    private void elect(Replica next) {
        for (Proposal proposal : pending) {
            if (world.oneIn(2)) {
                break;
            }
            append(proposal);
        }
        pending.clear();
        long newTerm = ++term;
        leader = next;
        guardEndNanos = world.nowNanos() + GUARD_MILLIS * World.MILLI;
        leaseEndNanos = world.nowNanos() + LEASE_MILLIS * World.MILLI;
        world.at(next.process, world.nowNanos() + world.millisBetween(1, 20), () -> next.start(newTerm));
    }

    private boolean hasMajority(Replica replica) {
        long reached = replicas.values().stream()
                .filter(other -> network.connected(replica.process.store(), other.process.store()))
                .count();
        return reached > size / 2;
    }

    private void commit(Proposal proposal) {
        if (!pending.contains(proposal)) {
            return;
        }
        if (leader == proposal.by() && hasMajority(proposal.by())) {
            pending.remove(proposal);
            append(proposal);
        } else {
            world.after(world.millisBetween(50, 200), () -> commit(proposal));
        }
    }

    private void append(Proposal proposal) {
        log.add(new StateMachine.Committed(log.size() + 1, proposal.term(), proposal.data()));
        if (fault == Fault.LOG_NOT_REPLICATED) {
            StateMachine.Committed entry = log.removeLast();
            world.at(proposal.by().process, 0, () -> proposal.by().machine.apply(List.of(entry)));
            return;
        }
        for (Replica replica : replicas.values()) {
            world.at(replica.process, world.nowNanos() + world.millisBetween(0.1, 5), replica::catchUp);
        }
    }

    private final class Replica implements RaftGroup {
        private final Process process;
        private final StateMachine machine;
        private int applied;
        private long term;

        Replica(Process process, StateMachine machine) {
            this.process = process;
            this.machine = machine;
            this.applied = (int) machine.appliedAtStart().index();
            world.at(process, 0, this::catchUp);
        }

        private void catchUp() {
            if (applied < log.size()) {
                List<StateMachine.Committed> entries = List.copyOf(log.subList(applied, log.size()));
                applied = log.size();
                machine.apply(entries);
            }
        }

        private void start(long newTerm) {
            catchUp();
            term = newTerm;
            machine.leaderStarted(newTerm);
            if (world.oneIn(4)) {
                machine.leaderStarted(newTerm);
            }
        }

        private void stepDown() {
            term = 0;
            world.at(process, 0, () -> {
                if (term == 0) {
                    machine.leaderStopped();
                }
            });
        }

        @Override
        public RegionId id() {
            return RegionId.PLACEMENT;
        }

        @Override
        public boolean propose(byte[] entry, long expectedTerm) {
            if (term != expectedTerm || world.oneIn(50)) {
                return false;
            }
            Proposal proposal = new Proposal(this, expectedTerm, entry);
            if (expectedTerm == Consensus.this.term) {
                pending.add(proposal);
                world.after(world.millisBetween(0.5, 10), () -> commit(proposal));
            }
            return true;
        }

        @Override
        public long leaderTerm() {
            return term;
        }

        @Override
        public boolean isElected() {
            return leaderTerm() != 0;
        }

        @Override
        public Optional<StoreId> leader() {
            return leaderStore();
        }

        @Override
        public boolean holdsLease(long asked) {
            process.mayPause();
            return term == asked
                    && (fault == Fault.LEASE_UNCHECKED
                            || (leader == this && Consensus.this.term == asked && world.nowNanos() < leaseEndNanos));
        }

        @Override
        public void confirmLeadership(long asked, Consumer<Boolean> whenDone) {
            world.at(process, world.nowNanos() + world.millisBetween(1, 10), () -> {
                boolean confirmed = Consensus.this.term == asked && hasMajority(this);
                world.at(process, world.nowNanos() + world.millisBetween(1, 10), () -> whenDone.accept(confirmed));
            });
        }

        @Override
        public void transferLeadership(StoreId store, Consumer<Boolean> whenDone) {
            whenDone.accept(false);
        }

        @Override
        public long lag(StoreId store) {
            return Long.MAX_VALUE;
        }

        @Override
        public void holdLeaseRenewal(boolean held) {}

        @Override
        public void close() {}
    }
}
