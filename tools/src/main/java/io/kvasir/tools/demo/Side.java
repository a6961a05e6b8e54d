package io.kvasir.tools.demo;

import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A database of a server, or of a cluster at any of whose nodes it is the same.
 *
 * @param ports at 127.0.0.1, one a node
 */
record Side(List<Integer> ports, int database) {

    private static final int TRIES_MAX = 400;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    Side {
        ports = List.copyOf(ports);
    }

    /** Returns the same servers' database {@code other}. */
    Side database(int other) {
        return new Side(ports, other);
    }

    /** Opens a connection for reader {@code number}; readers are spread over the nodes. */
    Connection connect(int number) throws IOException {
        Connection connection = new Connection(ports.get(number % ports.size()));
        if (connection.call("SELECT", Integer.toString(database)) instanceof Reply.Error(String text)) {
            connection.close();
            throw new IOException("SELECT is answered " + text);
        }
        return connection;
    }

    /**
     * Sends requests that may be repeated in one piece and returns their replies; sends again what is answered that it
     * cannot be done at the moment, or that its outcome is not known.
     *
     * @throws IOException on any other error
     */
    static List<Reply> ask(Connection connection, List<List<byte[]>> requests) throws IOException {
        for (List<byte[]> request : requests) {
            connection.send(request);
        }
        connection.flush();
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            replies.add(connection.receive());
        }
        for (int i = 0; i < requests.size(); i++) {
            for (int tries = 0; replies.get(i) instanceof Reply.Error(String text); tries++) {
                boolean passing = text.startsWith("TRYAGAIN") || text.startsWith("UNDETERMINED");
                if (tries == TRIES_MAX || !passing) {
                    throw new IOException(new Name(requests.get(i).getFirst()) + " of "
                            + new Name(requests.get(i).get(1)) + " is answered " + text);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
                replies.set(i, connection.call(requests.get(i)));
            }
        }
        return replies;
    }
}
