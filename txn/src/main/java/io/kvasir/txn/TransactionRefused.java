package io.kvasir.txn;

import io.kvasir.proto.reply.Reply;

/** Thrown where a transaction cannot be run at all, with what its client is to hear. It carries no stack trace. */
final class TransactionRefused extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Reply.Error reply;

    TransactionRefused(String text) {
        super(text, null, false, false);
        reply = new Reply.Error(text);
    }

    Reply.Error reply() {
        return reply;
    }
}
