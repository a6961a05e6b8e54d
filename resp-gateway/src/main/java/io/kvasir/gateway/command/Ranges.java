package io.kvasir.gateway.command;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import java.util.List;

/**
 * The ranges of the database as a {@link RangeCommand} sees them. Implemented by the gateway's router, by a snapshot
 * and by tests. Confined to the virtual thread that runs the command.
 */
public interface Ranges {

    /** Returns all ranges in key order; they tile the key space. May wait. */
    List<RegionDescriptor> all();

    /**
     * Returns whether the answer is to include {@code region}. A cluster client adds up what all nodes answer, so each
     * node answers for its own part (rule K36).
     */
    default boolean includes(RegionDescriptor region) {
        return true;
    }

    /**
     * Runs one command at {@code region} and waits for its reply, an error reply if the range did not answer or is no
     * longer what {@code region} says.
     *
     * @param request the command in the form that travels
     * @param invocation the same command, parsed, for a region that is led here
     */
    Reply call(RegionDescriptor region, Request request, Invocation invocation);
}
