package io.kvasir.gateway.server;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.transaction.MultiQueue.Queued;
import io.kvasir.gateway.command.transaction.MultiQueue.Taken;
import io.kvasir.gateway.script.RunAs;
import io.kvasir.gateway.session.Session;
import io.kvasir.gateway.tracking.TrackedRead;
import io.kvasir.gateway.tracking.Tracking;
import io.kvasir.proto.request.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Enters what clients with CLIENT TRACKING read, before it is read. Of a script those keys count that it declares,
 * whatever it does with them. Immutable; called by the event loops.
 */
final class ReadFollower {

    /** Where the keys of a script or function stand. */
    private static final KeySpec DECLARED = new KeySpec.Counted(2, 3, KeySpec.Access.READ);

    private final Tracking tracking;

    ReadFollower(Tracking tracking) {
        this.tracking = tracking;
    }

    /** Returns the flags of what a client of {@code session} writes. */
    static int flags(Session session) {
        return session.tracker().mode() == null ? 0 : Request.FLAG_AUTHOR;
    }

    /** A command is about to run, whose reply goes to {@code pending}. */
    void follow(Session session, Command.Data row, byte[][] words, PendingReply pending) {
        if (session.tracker().remembers()) {
            List<byte[]> keys = new ArrayList<>();
            collect(row.spec(), words, keys);
            follow(session, keys, pending);
        }
    }

    /** A transaction is about to run, whose reply goes to {@code pending}. */
    void follow(Session session, Taken taken, PendingReply pending) {
        if (!session.tracker().remembers()) {
            return;
        }
        List<byte[]> keys = new ArrayList<>();
        for (Queued queued : taken.commands()) {
            byte[][] words = queued.words();
            if (queued.command().spec() == RunAs.SPEC) {
                // All that it runs are scripts, whose declared keys stand in one place.
                DECLARED.collect(RunAs.called(words, RunAs.SPEC), keys);
            } else {
                collect(queued.command().spec(), words, keys);
            }
        }
        follow(session, keys, pending);
    }

    /** The reply to what {@code read} read, if anything, is written. */
    void answered(@Nullable TrackedRead read) {
        if (read != null) {
            tracking.answered(read);
        }
    }

    /** A client is gone. */
    void ended(Session session) {
        tracking.off(session.tracker());
    }

    private void follow(Session session, List<byte[]> keys, PendingReply pending) {
        if (!keys.isEmpty()) {
            pending.reads(tracking.reading(session.tracker(), keys));
        }
    }

    private static void collect(CommandSpec spec, byte[][] words, List<byte[]> keys) {
        boolean reads = spec.is(CommandFlag.READONLY) || spec.categories().contains(AclCategory.SCRIPTING);
        if (reads && !spec.is(CommandFlag.PUBSUB)) {
            keys.addAll(spec.keysIn(words));
        }
    }
}
