package io.kvasir.gateway.command.database;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How a command asks every range in turn, and what it does when one has changed meanwhile. Stateless. */
public final class EachRange {

    /** Refusals of ranges that have changed after which a command gives up. */
    public static final int REFUSALS_MAX = 64;

    private static final String CHANGED = "TRYAGAIN";
    private static final String UNDETERMINED = "UNDETERMINED";
    private static final byte[] START = new byte[0];

    private EachRange() {}

    /**
     * Runs {@code procedure}, which changes nothing the second time, at every range that is to be included and returns
     * the replies in key order. The ranges that answer tile the key space: where one has changed, it is looked up anew;
     * where the answers so far would count keys twice, because ranges were merged, all are asked again.
     *
     * @throws CommandError the error of a range, if asking again does not cure it
     */
    public static List<Reply> callAll(Ranges ranges, Command.Data procedure, int database, byte[]... arguments)
            throws CommandError {
        List<Reply> replies = new ArrayList<>();
        List<RegionDescriptor> regions = ranges.all();
        byte[] from = START;
        int refusals = 0;
        while (true) {
            RegionDescriptor region = regionOf(regions, from);
            if (!Arrays.equals(region.start(), from)) {
                requireRetry(CHANGED + " ranges were merged", ++refusals);
                replies.clear();
                from = START;
                continue;
            }
            if (ranges.includes(region)) {
                Reply reply = call(ranges, region, procedure, database, arguments);
                if (reply instanceof Reply.Error(String text)) {
                    requireRetry(text, ++refusals);
                    regions = ranges.all();
                    continue;
                }
                replies.add(reply);
            }
            if (region.end().length == 0) {
                return replies;
            }
            from = region.end();
        }
    }

    /** Runs {@code procedure} at {@code region} and returns what it answers, perhaps an error. */
    public static Reply call(
            Ranges ranges, RegionDescriptor region, Command.Data procedure, int database, byte[]... arguments) {
        Request request =
                new Request(procedure.name(), procedure.version(), database, 0, 0, Optional.empty(), 0, arguments);
        return ranges.call(region, request, procedure.parse(request));
    }

    /**
     * Returns if {@code text} says that the range has changed, or that nobody knows whether it ran what does no harm
     * twice, and {@code refusals} leave hope.
     *
     * @throws CommandError {@code text} otherwise
     */
    public static void requireRetry(String text, int refusals) throws CommandError {
        boolean curable = text.startsWith(CHANGED) || text.startsWith(UNDETERMINED);
        if (!curable || refusals > REFUSALS_MAX) {
            throw new CommandError(text);
        }
    }

    /** Returns the elements of an array that a range answered. */
    public static List<Reply> elements(Reply reply) {
        if (reply instanceof Reply.Array(List<Reply> elements)) {
            return elements;
        }
        throw new IllegalStateException("a range answers " + reply + " where an array is due");
    }

    /** Returns the number that a range answered, as an integer or as its text. */
    public static long number(Reply reply) {
        return switch (reply) {
            case Reply.Int(long value) -> value;
            case Reply.Bulk(byte[] text) when NumberText.isLong(text) -> NumberText.toLong(text);
            default -> throw new IllegalStateException("a range answers " + reply + " where a number is due");
        };
    }

    private static RegionDescriptor regionOf(List<RegionDescriptor> regions, byte[] key) {
        for (RegionDescriptor region : regions) {
            if (region.contains(key)) {
                return region;
            }
        }
        throw new IllegalStateException("the ranges do not cover the key space");
    }
}
