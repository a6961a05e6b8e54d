package io.kvasir.region.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A state machine that keeps what it applied, and loses it all at a restart unless told otherwise. */
class Ledger implements StateMachine {

    private final AppliedState start;
    private final List<Committed> applied = new ArrayList<>();
    private int leaderships;
    private volatile long flushed;

    Ledger() {
        this(AppliedState.NONE);
    }

    Ledger(AppliedState start) {
        this.start = start;
        this.flushed = start.index();
    }

    @Override
    public AppliedState appliedAtStart() {
        return start;
    }

    @Override
    public long flushedIndex() {
        return flushed;
    }

    void flushed(long index) {
        flushed = index;
    }

    @Override
    public synchronized void apply(List<Committed> entries) {
        applied.addAll(entries);
        notifyAll();
    }

    @Override
    public synchronized void leaderStarted(long term) {
        leaderships++;
        notifyAll();
    }

    @Override
    public synchronized void leaderStopped() {
        notifyAll();
    }

    @Override
    public StateSnapshot snapshot() {
        throw new UnsupportedOperationException("a ledger has no snapshots");
    }

    @Override
    public Optional<String> objection(byte[] summary) {
        return Optional.of("a ledger has no snapshots");
    }

    @Override
    public void install(AppliedState at, byte[] summary, List<StateSnapshot.Part> parts) {
        throw new UnsupportedOperationException("a ledger has no snapshots");
    }

    @Override
    public void wipe() {
        throw new UnsupportedOperationException("a ledger has no snapshots");
    }

    synchronized int leaderships() {
        return leaderships;
    }

    synchronized List<Committed> applied() {
        return List.copyOf(applied);
    }

    synchronized List<String> texts() {
        return applied.stream().map(entry -> new String(entry.data())).toList();
    }

    synchronized int size() {
        return applied.size();
    }

    /** Waits until {@code count} entries are applied. */
    synchronized void await(int count, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        while (applied.size() < count) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("applied " + applied.size() + " of " + count);
            }
            wait(left);
        }
    }
}
