package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.proto.reply.Reply;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The arguments of XREAD and XREADGROUP (redis t_stream.c, xreadCommand).
 *
 * @param mayWait whether the command would wait for entries
 * @param count most entries of each stream, 0 for all
 * @param group empty for XREAD
 * @param noAcknowledgement whether what is read is not noted as pending
 * @param ids as they were given; they are read once the streams before them were looked at
 */
record ReadWords(
        boolean mayWait, long count, Optional<Group> group, boolean noAcknowledgement, byte[][] keys, byte[][] ids) {

    /** Who reads. */
    record Group(byte[] name, byte[] consumer) {}

    private static final CommandError BAD_TIMEOUT = new CommandError("ERR timeout is not an integer or out of range");
    private static final CommandError NEGATIVE_TIMEOUT = new CommandError("ERR timeout is negative");
    private static final CommandError NO_GROUP = new CommandError("ERR Missing GROUP option for XREADGROUP");

    /** @param name in upper case */
    static ReadWords parse(Arguments arguments, String name) throws CommandError {
        boolean grouped = name.equals("XREADGROUP");
        boolean mayWait = false;
        long count = 0;
        Optional<Group> group = Optional.empty();
        boolean noAcknowledgement = false;
        while (true) {
            boolean followed = arguments.remaining() > 1;
            if (followed && arguments.accept("BLOCK")) {
                if (arguments.caller() == Arguments.Caller.SCRIPT) {
                    throw new CommandError("ERR " + name + " command is not allowed with BLOCK option from scripts");
                }
                checkTimeout(arguments.next());
                mayWait = true;
            } else if (followed && arguments.accept("COUNT")) {
                count = Math.max(0, arguments.nextLong());
            } else if (followed && arguments.accept("STREAMS")) {
                break;
            } else if (arguments.remaining() > 2 && arguments.accept("GROUP")) {
                require(grouped, "GROUP");
                group = Optional.of(new Group(arguments.next(), arguments.next()));
            } else if (arguments.accept("NOACK")) {
                require(grouped, "NOACK");
                noAcknowledgement = true;
            } else {
                throw CommandError.SYNTAX;
            }
        }
        int streams = arguments.remaining() / 2;
        if (arguments.remaining() % 2 != 0) {
            throw new CommandError("ERR Unbalanced '" + name.toLowerCase(Locale.ROOT)
                    + "' list of streams: for each stream key an ID or '" + (grouped ? '>' : '$')
                    + "' must be specified.");
        }
        if (grouped && group.isEmpty()) {
            throw NO_GROUP;
        }
        mayWait &= arguments.caller() == Arguments.Caller.CLIENT;
        byte[][] keys = arguments.nextKeys(streams);
        return new ReadWords(mayWait, count, group, noAcknowledgement, keys, arguments.rest());
    }

    private static void checkTimeout(byte[] word) throws CommandError {
        if (!NumberText.isLong(word)) {
            throw BAD_TIMEOUT;
        }
        if (NumberText.toLong(word) < 0) {
            throw NEGATIVE_TIMEOUT;
        }
    }

    private static void require(boolean grouped, String option) throws CommandError {
        if (!grouped) {
            throw new CommandError(
                    "ERR The " + option + " option is only supported by XREADGROUP. You called XREAD instead.");
        }
    }

    /** Adds to {@code found} what was found in stream {@code index}. */
    void add(List<Reply> found, int index, Reply entries, boolean resp3) {
        Reply key = Reply.bulk(keys[index]);
        if (resp3) {
            found.add(key);
            found.add(entries);
        } else {
            found.add(Reply.array(List.of(key, entries)));
        }
    }

    /**
     * Returns the reply of {@code found}.
     *
     * @throws CommandError if there is nothing and the command would wait
     */
    Reply reply(List<Reply> found, boolean resp3) throws CommandError {
        if (found.isEmpty()) {
            if (mayWait) {
                throw new CommandError("ERR nothing to read, and waiting for entries (BLOCK) is not available");
            }
            return Reply.NULL_ARRAY;
        }
        return resp3 ? new Reply.MapOf(found) : Reply.array(found);
    }
}
