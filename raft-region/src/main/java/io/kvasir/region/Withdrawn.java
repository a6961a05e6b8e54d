package io.kvasir.region;

import io.kvasir.proto.reply.Reply;

/**
 * Thrown by a procedure that takes back all it has written and answers an error: a script that was ended, or passed a
 * limit. Carries no stack trace.
 */
public final class Withdrawn extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Reply.Error reply;

    public Withdrawn(Reply.Error reply) {
        super(reply.text(), null, false, false);
        this.reply = reply;
    }

    /** Returns the answer. */
    public Reply.Error reply() {
        return reply;
    }
}
