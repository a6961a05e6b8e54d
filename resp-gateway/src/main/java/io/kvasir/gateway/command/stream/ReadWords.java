package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.command.Timeout;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The arguments of XREAD and XREADGROUP (redis t_stream.c, xreadCommand).
 *
 * @param block how long the command waits for entries, in ms, 0 for ever; empty if it does not
 * @param count most entries of each stream, 0 for all
 * @param group empty for XREAD
 * @param noAcknowledgement whether what is read is not noted as pending
 * @param ids as they were given; they are read once the streams before them were looked at
 */
record ReadWords(
        OptionalLong block, long count, Optional<Group> group, boolean noAcknowledgement, byte[][] keys, byte[][] ids) {

    /** Who reads. */
    record Group(byte[] name, byte[] consumer) {}

    private static final CommandError NO_GROUP = new CommandError("ERR Missing GROUP option for XREADGROUP");

    /** @param name in upper case */
    static ReadWords parse(Arguments arguments, String name) throws CommandError {
        boolean grouped = name.equals("XREADGROUP");
        OptionalLong block = OptionalLong.empty();
        long count = 0;
        Optional<Group> group = Optional.empty();
        boolean noAcknowledgement = false;
        while (true) {
            boolean followed = arguments.remaining() > 1;
            if (followed && arguments.accept("BLOCK")) {
                if (arguments.caller() == Arguments.Caller.SCRIPT) {
                    throw new CommandError("ERR " + name + " command is not allowed with BLOCK option from scripts");
                }
                block = OptionalLong.of(Timeout.millis(arguments.next()));
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
        if (arguments.caller() != Arguments.Caller.CLIENT) {
            block = OptionalLong.empty();
        }
        byte[][] keys = arguments.nextKeys(streams);
        return new ReadWords(block, count, group, noAcknowledgement, keys, arguments.rest());
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

    /** Returns the reply of {@code found}, null if there is nothing. */
    static Reply reply(List<Reply> found, boolean resp3) {
        if (found.isEmpty()) {
            return Reply.NULL_ARRAY;
        }
        return resp3 ? new Reply.MapOf(found) : Reply.array(found);
    }

    /** Returns the same words of stream {@code key}, one of these, alone. */
    ReadWords of(byte[] key) {
        for (int i = 0; i < keys.length; i++) {
            if (Arrays.equals(keys[i], key)) {
                return new ReadWords(
                        block, count, group, noAcknowledgement, new byte[][] {keys[i]}, new byte[][] {ids[i]});
            }
        }
        throw new IllegalArgumentException("no stream of the command");
    }

    /** Returns the same words with other ids. */
    ReadWords with(byte[][] otherIds) {
        return new ReadWords(block, count, group, noAcknowledgement, keys, otherIds);
    }

    /** Returns the arguments of XREAD that these words are. */
    List<byte[]> arguments() {
        List<byte[]> words = new ArrayList<>();
        words.add(ascii("COUNT"));
        words.add(NumberText.bytes(count));
        if (block.isPresent()) {
            words.add(ascii("BLOCK"));
            words.add(NumberText.bytes(block.getAsLong()));
        }
        words.add(ascii("STREAMS"));
        words.addAll(List.of(keys));
        words.addAll(List.of(ids));
        return words;
    }

    private static byte[] ascii(String word) {
        return word.getBytes(StandardCharsets.US_ASCII);
    }
}
