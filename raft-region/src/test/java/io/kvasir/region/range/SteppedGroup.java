package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.raft.StateMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A raft group of one replica that commits and applies what and when the test says. Confined to the test's thread. */
final class SteppedGroup implements RaftGroup {

    private final StateMachine machine;
    private final Deque<byte[]> proposed = new ArrayDeque<>();
    private long term;
    private long index;
    boolean lease = true;

    /** Whether it has won an election and not begun to lead. */
    boolean elected;

    long lag;

    /** Whether the lease must not be renewed. */
    boolean renewalHeld;

    /** What hears of the end of a transfer that was asked for. */
    @Nullable
    Consumer<Boolean> transfer;

    SteppedGroup(StateMachine machine) {
        this.machine = machine;
    }

    void lead(long newTerm) {
        term = newTerm;
        machine.leaderStarted(newTerm);
    }

    void stepDown() {
        term = 0;
        machine.leaderStopped();
    }

    int waiting() {
        return proposed.size();
    }

    /** Returns the bytes of the newest proposal. */
    int newestBytes() {
        return proposed.getLast().length;
    }

    /** Returns the newest proposal. */
    byte[] newest() {
        return proposed.getLast();
    }

    /** Applies the oldest {@code count} proposals as entries of {@code entryTerm}. */
    void apply(int count, long entryTerm) {
        List<StateMachine.Committed> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(new StateMachine.Committed(++index, entryTerm, proposed.removeFirst()));
        }
        machine.apply(entries);
    }

    /** Applies an entry that another leader proposed. */
    void applyForeign(byte[] entry, long entryTerm) {
        machine.apply(List.of(new StateMachine.Committed(++index, entryTerm, entry)));
    }

    /** Loses the oldest proposal, as a full ring does. */
    void lose() {
        proposed.removeFirst();
    }

    @Override
    public RegionId id() {
        return new RegionId(1);
    }

    @Override
    public boolean propose(byte[] entry, long expectedTerm) {
        if (term != expectedTerm) {
            return false;
        }
        proposed.addLast(entry);
        return true;
    }

    @Override
    public long leaderTerm() {
        return term;
    }

    @Override
    public boolean isElected() {
        return elected || leaderTerm() != 0;
    }

    @Override
    public Optional<StoreId> leader() {
        return term == 0 ? Optional.empty() : Optional.of(new StoreId(1));
    }

    @Override
    public boolean holdsLease(long asked) {
        return lease && asked == term && term != 0;
    }

    @Override
    public void confirmLeadership(long asked, Consumer<Boolean> whenDone) {
        whenDone.accept(asked == term);
    }

    @Override
    public void transferLeadership(StoreId store, Consumer<Boolean> whenDone) {
        transfer = whenDone;
    }

    @Override
    public long lag(StoreId store) {
        return lag;
    }

    @Override
    public void holdLeaseRenewal(boolean held) {
        renewalHeld = held;
    }

    @Override
    public void close() {}
}
