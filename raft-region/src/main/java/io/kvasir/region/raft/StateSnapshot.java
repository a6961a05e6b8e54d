package io.kvasir.region.raft;

import io.kvasir.region.raft.StateMachine.AppliedState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The state of a {@link StateMachine} at one place of its log, held until it is closed. Two implementations: a range
 * and the placement driver. Used by one thread at a time.
 */
public interface StateSnapshot extends AutoCloseable {

    /** Longest {@link #summary}, in bytes. */
    int SUMMARY_BYTES_MAX = 64 << 10;

    /** Most parts. */
    int PARTS_MAX = 65_536;

    /**
     * A file of a snapshot.
     *
     * @param kind what the state machine tells its files apart by, at least 0
     */
    record Part(int kind, Path path) {}

    /** Returns the place of the state in the log. */
    AppliedState applied();

    /**
     * Returns what {@link StateMachine#objection} is to judge by before anything is copied; opaque to everybody else.
     */
    byte[] summary();

    /**
     * Writes the state into new files of {@code directory}, an empty one; waits for the disk. Called once.
     *
     * @param wanted asked again and again; once it is false the work is given up by a {@link GivenUp}
     * @return the files, synced, in the order in which they are to be installed
     */
    List<Part> write(Path directory, BooleanSupplier wanted) throws IOException, GivenUp;

    @Override
    void close();

    /** The snapshot is wanted no longer, or there is no room for it. */
    final class GivenUp extends RuntimeException {

        private static final long serialVersionUID = 1;

        public GivenUp() {
            super("the snapshot is wanted no longer", null, false, false);
        }
    }
}
