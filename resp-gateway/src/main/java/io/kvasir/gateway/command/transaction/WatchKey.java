package io.kvasir.gateway.command.transaction;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.Procedure;
import io.kvasir.region.Transaction;
import java.util.List;

/** {@code WATCH key}: answers the key as it stands, for {@link WatchedKey#decode}. A read, and in the one order. */
public record WatchKey(int database, byte[] userKey) implements Invocation {

    /** Its procedure. */
    public static final Procedure PROCEDURE = new Procedure() {
        @Override
        public String name() {
            return "WATCH";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Invocation parse(Request request) {
            if (request.arguments().length != 1) {
                throw new IllegalArgumentException("WATCH takes one key");
            }
            return new WatchKey(request.database(), request.arguments()[0]);
        }
    };

    @Override
    public Reply run(Transaction transaction) {
        return new Reply.Bulk(WatchedKey.watch(transaction, database, userKey).encode());
    }

    @Override
    public boolean readOnly() {
        return true;
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of(userKey);
    }
}
