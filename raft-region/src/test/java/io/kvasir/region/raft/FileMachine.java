package io.kvasir.region.raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A state machine whose state are two families of lines and a place in the log, as on a disk without a log of its own:
 * what was flushed outlives a crash. An install changes one family after the other, durably, and may be made to die at
 * any of its steps.
 */
final class FileMachine implements StateMachine {

    /** Steps of {@link #install}. */
    static final int INSTALL_STEPS = 5;

    /** What a disk holds. */
    static final class Disk {

        private List<String> first = new ArrayList<>();
        private List<String> second = new ArrayList<>();
        private AppliedState at = AppliedState.NONE;

        private Disk copy() {
            Disk copy = new Disk();
            copy.first.addAll(first);
            copy.second.addAll(second);
            copy.at = at;
            return copy;
        }
    }

    private final Disk flushed;
    private Disk state;
    private int dieAtStep = -1;
    private int installs;
    private int wipes;

    FileMachine(Disk flushed) {
        this.flushed = flushed;
        this.state = flushed.copy();
    }

    /** The next install dies at {@code step}. */
    synchronized void dieAt(int step) {
        dieAtStep = step;
    }

    synchronized int installs() {
        return installs;
    }

    synchronized int wipes() {
        return wipes;
    }

    synchronized List<String> first() {
        return List.copyOf(state.first);
    }

    synchronized List<String> second() {
        return List.copyOf(state.second);
    }

    synchronized long index() {
        return state.at.index();
    }

    @Override
    public synchronized AppliedState appliedAtStart() {
        return state.at;
    }

    @Override
    public synchronized long flushedIndex() {
        flush();
        return flushed.at.index();
    }

    private void flush() {
        Disk copy = state.copy();
        flushed.first = copy.first;
        flushed.second = copy.second;
        flushed.at = copy.at;
    }

    @Override
    public synchronized void apply(List<Committed> entries) {
        for (Committed entry : entries) {
            String text = new String(entry.data());
            state.first.add(text);
            state.second.add(text);
            state.at = new AppliedState(entry.index(), entry.term());
        }
    }

    @Override
    public void leaderStarted(long term) {
        // Nothing depends on it.
    }

    @Override
    public void leaderStopped() {
        // Nothing depends on it.
    }

    @Override
    public synchronized StateSnapshot snapshot() {
        Disk held = state.copy();
        return new StateSnapshot() {
            @Override
            public AppliedState applied() {
                return held.at;
            }

            @Override
            public byte[] summary() {
                return new byte[] {7};
            }

            @Override
            public List<Part> write(Path directory, BooleanSupplier wanted) throws IOException {
                Path one = Files.write(directory.resolve("one"), held.first);
                Path two = Files.write(directory.resolve("two"), held.second);
                return List.of(new Part(1, one), new Part(2, two));
            }

            @Override
            public void close() {
                // It is a copy.
            }
        };
    }

    @Override
    public Optional<String> objection(byte[] summary) {
        return Optional.empty();
    }

    @Override
    public synchronized void install(AppliedState at, byte[] summary, List<StateSnapshot.Part> parts) {
        installs++;
        try {
            step(0);
            state = new Disk();
            flush();
            step(1);
            state.first = new ArrayList<>(Files.readAllLines(parts.get(0).path()));
            flush();
            step(2);
            state.second = new ArrayList<>(Files.readAllLines(parts.get(1).path()));
            flush();
            step(3);
            state.at = at;
            flush();
            step(4);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void step(int step) {
        if (step == dieAtStep) {
            throw new IllegalStateException("dies at step " + step);
        }
    }

    @Override
    public synchronized void wipe() {
        wipes++;
        state = new Disk();
        flush();
    }
}
