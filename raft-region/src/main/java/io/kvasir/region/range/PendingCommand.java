package io.kvasir.region.range;

import io.kvasir.proto.key.KeyHash;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import java.util.List;
import java.util.function.Consumer;

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

    /** How often it was parked because a record was not in memory. */
    int coldRuns;

    PendingCommand(
            Request request, Invocation invocation, int[] hashes, StreamPlace place, Consumer<Outcome> whenDone) {
        this.request = request;
        this.invocation = invocation;
        this.hashes = hashes;
        this.place = place;
        this.bytes = request.argumentBytes() + OVERHEAD_BYTES;
        this.whenDone = whenDone;
    }

    boolean writes() {
        return !invocation.readOnly();
    }

    /** Gives the outcome to whoever asked; called exactly once, by whichever thread knows it. */
    void finish(Outcome outcome) {
        whenDone.accept(outcome);
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
