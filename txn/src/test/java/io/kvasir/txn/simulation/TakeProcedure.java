package io.kvasir.txn.simulation;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Awaiting;
import io.kvasir.region.Invocation;
import io.kvasir.region.Procedure;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** TAKE key...: takes the first number from the first of the lists of {@link TestProcedure#APPEND} that has one. */
final class TakeProcedure implements Procedure {

    static final String NAME = "TAKE";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public Invocation parse(Request request) {
        return new Take(request.database(), List.of(request.arguments()));
    }

    static Request request(long session, List<String> keys) {
        byte[][] arguments = keys.stream()
                .map(key -> key.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
        return new Request(NAME, 1, 0, session, 0, Optional.empty(), 0, arguments);
    }

    /** One TAKE. */
    record Take(int database, List<byte[]> userKeys) implements Awaiting {

        @Override
        public Reply run(Transaction transaction) {
            int instance = transaction.instance(database);
            for (byte[] key : userKeys) {
                byte[] root = KeyLayout.root(instance, key);
                byte @Nullable [] stored = transaction.get(root);
                if (stored != null) {
                    String list = new String(stored, StandardCharsets.US_ASCII);
                    int comma = list.indexOf(',');
                    String first = comma < 0 ? list : list.substring(0, comma);
                    if (comma < 0) {
                        transaction.delete(root);
                        transaction.addKeys(root, instance, -1);
                    } else {
                        transaction.put(root, list.substring(comma + 1).getBytes(StandardCharsets.US_ASCII));
                    }
                    return new Reply.Int(Long.parseLong(first));
                }
            }
            return Reply.NULL;
        }

        @Override
        public List<byte[]> awaitedKeys() {
            return userKeys;
        }

        @Override
        public Invocation servedBy(byte[] userKey) {
            return new Take(database, List.of(userKey));
        }

        @Override
        public String awaited() {
            return "list";
        }

        @Override
        public boolean readOnly() {
            return false;
        }
    }
}
