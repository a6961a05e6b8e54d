package io.kvasir.proto.request;

import java.util.Optional;

/**
 * A forwarded command. The range never parses its arguments; the procedure it names does.
 *
 * @param procedure name in the table of procedures, for instance "SET"
 * @param version version of the argument layout of that procedure, from 1
 * @param database database number of the session, 0 or more
 * @param session number of the client connection within its gateway: commands of one session keep their order in a
 *     range (rule K28)
 * @param flags {@link #FLAG_RESP3}, {@link #FLAG_WHOLE_RANGE} and others to come; unknown bits are ignored
 * @param id present if the client asked for exactly-once
 * @param deadlineMillis how long after its receipt the range may still start it, in ms; 0 for no limit
 * @param arguments argument bytes without the command's name; not copied, must not be changed
 */
public record Request(
        String procedure,
        int version,
        int database,
        long session,
        int flags,
        Optional<RequestId> id,
        int deadlineMillis,
        byte[][] arguments) {

    /** The session speaks RESP3. */
    public static final int FLAG_RESP3 = 1;

    /** The last argument is not the client's: it holds settings of its gateway that differ from the defaults. */
    public static final int FLAG_TUNED = 2;

    /** The command counts as touching every key of its range, whatever keys it declares. */
    public static final int FLAG_WHOLE_RANGE = 4;

    /** What the command writes is to stand in the raft entry with the session that wrote it. */
    public static final int FLAG_AUTHOR = 8;

    public Request {
        if (version < 1 || database < 0 || deadlineMillis < 0) {
            throw new IllegalArgumentException("bad request header for " + procedure);
        }
    }

    public boolean is(int flag) {
        return (flags & flag) != 0;
    }

    /** Returns this request with {@code flag} set. */
    public Request with(int flag) {
        return new Request(procedure, version, database, session, flags | flag, id, deadlineMillis, arguments);
    }

    /** Returns this request with {@code newId}. */
    public Request with(RequestId newId) {
        return new Request(procedure, version, database, session, flags, Optional.of(newId), deadlineMillis, arguments);
    }

    /** Returns this request with other arguments, all of which are the client's. */
    public Request with(byte[][] clients) {
        return new Request(procedure, version, database, session, flags & ~FLAG_TUNED, id, deadlineMillis, clients);
    }

    /** Returns the bytes of all arguments, for admission by size. */
    public long argumentBytes() {
        long bytes = 0;
        for (byte[] argument : arguments) {
            bytes += argument.length;
        }
        return bytes;
    }
}
