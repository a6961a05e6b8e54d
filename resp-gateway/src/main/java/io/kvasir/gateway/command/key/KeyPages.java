package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.gateway.command.database.EachRange;
import io.kvasir.gateway.type.KeyPosition;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import java.util.List;
import java.util.Optional;

/**
 * Turns the pages of a database, range by range, in a gateway. A position is asked of the first range that may hold
 * keys of its slot, and then of the next ones; a range that has changed meanwhile is looked up anew, which may repeat
 * keys but leaves out none that was there all the time.
 *
 * <p>Confined to the thread that runs the command.
 */
final class KeyPages {

    private final Ranges ranges;
    private final CommandSpec spec;
    private final int database;
    private final byte[] pattern;
    private final Optional<byte[]> type;
    private List<RegionDescriptor> regions;
    private int region;
    private int refusals;
    private KeyPosition position;

    KeyPages(Ranges ranges, CommandSpec spec, int database, KeyPosition from, byte[] pattern, Optional<byte[]> type) {
        this.ranges = ranges;
        this.spec = spec;
        this.database = database;
        this.position = from;
        this.pattern = pattern;
        this.type = type;
        this.regions = ranges.all();
        this.region = firstOf(from);
    }

    /** Returns where the next page starts; {@link KeyPosition#END} if there is none. */
    KeyPosition position() {
        return position;
    }

    /**
     * Asks for one page of at most {@code count} keys and appends those found to {@code keys}.
     *
     * @throws CommandError what the range answered, if it is an error that asking again does not cure
     */
    void next(long count, List<Reply> keys) throws CommandError {
        while (!ranges.includes(regions.get(region))) {
            if (++region == regions.size()) {
                position = KeyPosition.END;
                return;
            }
        }
        byte[][] arguments = KeyPage.arguments(position, count, pattern, type);
        Reply reply = EachRange.call(ranges, regions.get(region), KeyPage.procedure(spec), database, arguments);
        if (reply instanceof Reply.Error(String text)) {
            EachRange.requireRetry(text, ++refusals);
            regions = ranges.all();
            region = firstOf(position);
            return;
        }
        List<Reply> parts = EachRange.elements(reply);
        position = KeyPosition.of(EachRange.number(parts.get(0)));
        keys.addAll(EachRange.elements(parts.get(2)));
        boolean rangeEnded = EachRange.number(parts.get(1)) == 1;
        if (rangeEnded && ++region == regions.size()) {
            position = KeyPosition.END;
        }
    }

    /** Returns the index of the first region that may hold keys at or after {@code from}. */
    private int firstOf(KeyPosition from) {
        for (int i = 0; i < regions.size(); i++) {
            if (from.mayPrecede(regions.get(i).end())) {
                return i;
            }
        }
        return regions.size() - 1;
    }
}
