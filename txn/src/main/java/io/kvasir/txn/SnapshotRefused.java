package io.kvasir.txn;

import io.kvasir.proto.reply.Reply;

/** Thrown where no snapshot can be had, with what the client is to hear. */
public final class SnapshotRefused extends Exception {

    private static final long serialVersionUID = 1;

    private final transient Reply.Error reply;

    public SnapshotRefused(String text) {
        super(text);
        reply = new Reply.Error(text);
    }

    public Reply.Error reply() {
        return reply;
    }
}
