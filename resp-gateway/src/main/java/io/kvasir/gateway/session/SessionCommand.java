package io.kvasir.gateway.session;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.proto.reply.Reply;
import java.util.function.Consumer;

/** A command that runs on the connection's event loop and concerns the connection, or the server as a whole. */
public sealed interface SessionCommand extends Command.Session {

    // "Session" alone is the kind of command here, inherited from Command; the client's session is named in full.

    /** A command that is answered at once. */
    record Immediate(CommandSpec spec, ImmediateCode code) implements SessionCommand {}

    /** A command whose answer comes later; the connection's later commands wait for it. */
    record Deferred(CommandSpec spec, DeferredCode code) implements SessionCommand {}

    /** A command about the connection's transaction: the dispatcher knows what it does. */
    record Transactional(CommandSpec spec, Step step) implements SessionCommand {}

    /** {@code AT time command}: another command, over what stood at a time; the dispatcher runs it. */
    record AtTime(CommandSpec spec) implements SessionCommand {}

    /** What a client does with its transaction. */
    enum Step {
        MULTI,
        EXEC,
        DISCARD,
        WATCH,
        UNWATCH
    }

    /** What an immediate command does; it must not wait. */
    @FunctionalInterface
    interface ImmediateCode {

        Reply run(io.kvasir.gateway.session.Session session, Arguments arguments) throws CommandError;
    }

    /** What a deferred command does: it returns without waiting and calls {@code whenDone} once, on any thread. */
    @FunctionalInterface
    interface DeferredCode {

        void run(io.kvasir.gateway.session.Session session, Arguments arguments, Consumer<Reply> whenDone)
                throws CommandError;
    }
}
