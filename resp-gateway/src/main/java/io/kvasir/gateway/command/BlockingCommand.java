package io.kvasir.gateway.command;

import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Awaiting;
import java.util.OptionalLong;

/**
 * A command whose client may wait for data. Run like any other it answers null if there is none, as it does in a
 * transaction or a script; only the gateway makes a client wait.
 */
public interface BlockingCommand extends DataCommand, Awaiting {

    /** What a client hears whose time is up, whatever the command answers where it does not wait. */
    Reply TIMED_OUT = Reply.NULL_ARRAY;

    /** Returns how long its client waits, in ms, 0 for ever; empty if it does not. */
    OptionalLong timeoutMillis();
}
