package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/** A server under comparison: one connection to it. Confined to one thread. */
public interface Target extends AutoCloseable {

    /** A command had an outcome from which nothing can be concluded: the script that holds it proves nothing. */
    class Inconclusive extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public Inconclusive(String message) {
            super(message);
        }
    }

    /** One side's EXEC found its watched keys changed and the other's did not, which chance may do. */
    final class WatchFailed extends Inconclusive {

        private static final long serialVersionUID = 1L;

        public WatchFailed(String message) {
            super(message);
        }
    }

    /** Returns the name that messages call it by. */
    String name();

    /** Runs {@code words} and returns the reply, in the shapes of the protocol version last set. */
    Reply send(Words words);

    /** Runs {@code all} and returns their replies in order; over a network they are sent in one piece. */
    default List<Reply> sendAll(List<Words> all) {
        List<Reply> replies = new ArrayList<>(all.size());
        for (Words words : all) {
            replies.add(send(words));
        }
        return replies;
    }

    /** Removes all data and returns to database 0 and to protocol version {@code protocol}, 2 or 3. */
    void reset(int protocol);

    @Override
    void close();
}
