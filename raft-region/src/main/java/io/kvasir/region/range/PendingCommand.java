package io.kvasir.region.range;

import io.kvasir.proto.key.KeyHash;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A command from its arrival at a range to its outcome. Confined to the owner thread but for {@link #finish}. */
final class PendingCommand {

    /** Added to the argument bytes for admission: what a command costs in memory beside them, about. */
    private static final int OVERHEAD_BYTES = 512;

    final Request request;
    final Invocation invocation;
    final int[] hashes;
    final StreamPlace place;
    final long bytes;

    private final Consumer<Outcome> whenDone;

    /** Run after {@link #finish}, by the same thread. Set by the owner before the command is handed to another. */
    private @Nullable Runnable whenOver;

    /** Set while it is evaluated away from the owner, or what came of that is on its way. */
    @Nullable
    SnapshotRun run;

    /** Stems of the user keys that {@link KeyHolds} may keep for it. */
    List<byte[]> held = List.of();

    /** For whom the range gave itself this command; null if it was sent by a gateway. */
    @Nullable
    PendingCommand onBehalfOf;

    /** Set if it waits for data should there be none. */
    @Nullable
    Wait wait;

    /** Whether whoever sent it does not want it to wait any longer. Set by any thread. */
    volatile boolean withdrawn;

    /** Its place among those that wait since the same timestamp; 0 before it has waited. */
    long arrival;

    /** When it came into the line; 0 once its turn has come. */
    long queuedNanos;

    /** Version of the range's epoch at which it was admitted; it runs at no other. */
    long epochVersion;

    /** How often it began anew after it was evaluated away from the owner. */
    int restarts;

    /** How often it was parked because a record was not in memory. */
    int coldRuns;

    /** How far the fetching is of what it reads, begun while it was held back. */
    Fetch fetch = Fetch.NONE;

    /** The fetching of what a command reads before its turn comes. */
    enum Fetch {
        NONE,
        BEGUN,
        /** Its turn came before the end, for which it is parked. */
        AWAITED,
        DONE
    }

    PendingCommand(
            Request request, Invocation invocation, int[] hashes, StreamPlace place, Consumer<Outcome> whenDone) {
        this.request = request;
        this.invocation = invocation;
        this.hashes = hashes;
        this.place = place;
        this.bytes = request.argumentBytes() + OVERHEAD_BYTES;
        this.whenDone = whenDone;
    }

    /** Has {@code over} run when this is finished; the first one given counts. */
    void whenOver(Runnable over) {
        if (whenOver == null) {
            whenOver = over;
        }
    }

    boolean writes() {
        return !invocation.readOnly();
    }

    /** Gives the outcome to whoever asked; called exactly once, by whichever thread knows it. */
    void finish(Outcome outcome) {
        whenDone.accept(outcome);
        Runnable over = whenOver;
        if (over != null) {
            over.run();
        }
    }

    static int[] hashesOf(Invocation invocation) {
        List<byte[]> keys = invocation.userKeys();
        int[] hashes = new int[keys.size()];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = KeyHash.of(keys.get(i));
        }
        return hashes;
    }
}
