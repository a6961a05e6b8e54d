package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamTrim;
import java.util.Optional;

/**
 * What XADD and XTRIM say before the fields: how to trim, whether to make the stream, the id (redis t_stream.c,
 * streamParseAddOrTrimArgsOrReply).
 *
 * @param trim empty if nothing is trimmed
 * @param id empty if it is to be made from the time
 */
record AddWords(boolean makeStream, Optional<StreamTrim> trim, Optional<IdText.Given> id) {

    private static final CommandError TWO_TRIMS =
            new CommandError("ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
    private static final CommandError NEGATIVE_LENGTH = new CommandError("ERR The MAXLEN argument must be >= 0.");
    private static final CommandError NEGATIVE_LIMIT = new CommandError("ERR The LIMIT argument must be >= 0.");
    private static final CommandError LIMIT_ALONE =
            new CommandError("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
    private static final CommandError NO_TRIM =
            new CommandError("ERR syntax error, XTRIM must be called with a trimming strategy");
    private static final CommandError EXACT_LIMIT =
            new CommandError("ERR syntax error, LIMIT cannot be used without the special ~ option");

    /** Nodes that go at once where nobody says how much may, and bounds of the entries in them. */
    private static final long LIMIT_NODES = 100;

    private static final long LIMIT_DEFAULT = 10_000;
    private static final long LIMIT_MAX = 1_000_000;

    /** What was read so far. */
    private static final class Draft {

        boolean trims;
        boolean byId;
        long lengthMax;
        StreamId minId = StreamId.ZERO;
        boolean approximate;
        boolean limited;
        long limit;
        boolean makeStream = true;
        Optional<IdText.Given> id = Optional.empty();
    }

    /** Reads up to the id, which is read too, or to the end. */
    static AddWords parse(Arguments arguments, boolean adds) throws CommandError {
        Draft draft = new Draft();
        boolean id = false;
        while (!id && arguments.hasNext()) {
            id = !option(arguments, draft, adds);
        }
        if (draft.limit > 0 && !draft.trims) {
            throw LIMIT_ALONE;
        }
        if (!adds && !draft.trims) {
            throw NO_TRIM;
        }
        if (draft.limited && !draft.approximate) {
            throw EXACT_LIMIT;
        }
        if (!draft.limited && draft.approximate) {
            draft.limit = defaultLimit(arguments.thresholds().streamEntries());
        }
        Optional<StreamTrim> trim = draft.trims
                ? Optional.of(new StreamTrim(draft.byId, draft.lengthMax, draft.minId, draft.approximate, draft.limit))
                : Optional.empty();
        return new AddWords(draft.makeStream, trim, draft.id);
    }

    private static long defaultLimit(long nodeEntries) {
        long entries = Math.min(nodeEntries, LIMIT_MAX);
        return entries <= 0 ? LIMIT_DEFAULT : Math.min(LIMIT_NODES * entries, LIMIT_MAX);
    }

    /** Reads one option; returns false if it was the id. */
    private static boolean option(Arguments arguments, Draft draft, boolean adds) throws CommandError {
        boolean followed = arguments.remaining() > 1;
        if (adds && arguments.accept("*")) {
            return false;
        } else if (followed && arguments.accept("MAXLEN")) {
            trim(arguments, draft);
            draft.lengthMax = arguments.nextLong();
            if (draft.lengthMax < 0) {
                throw NEGATIVE_LENGTH;
            }
        } else if (followed && arguments.accept("MINID")) {
            trim(arguments, draft);
            draft.byId = true;
            draft.minId = IdText.parse(arguments.next());
        } else if (followed && arguments.accept("LIMIT")) {
            draft.limit = arguments.nextLong();
            if (draft.limit < 0) {
                throw NEGATIVE_LIMIT;
            }
            draft.limited = true;
        } else if (adds && arguments.accept("NOMKSTREAM")) {
            draft.makeStream = false;
        } else if (adds) {
            draft.id = Optional.of(IdText.parseGiven(arguments.next()));
            return false;
        } else {
            throw CommandError.SYNTAX;
        }
        return true;
    }

    private static void trim(Arguments arguments, Draft draft) throws CommandError {
        if (draft.trims) {
            throw TWO_TRIMS;
        }
        draft.trims = true;
        if (arguments.remaining() > 1) {
            draft.approximate = arguments.accept("~");
            if (!draft.approximate) {
                arguments.accept("=");
            }
        }
    }
}
