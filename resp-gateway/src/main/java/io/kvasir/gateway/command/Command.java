package io.kvasir.gateway.command;

import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.Procedure;
import org.jspecify.annotations.Nullable;

/** A row of the table with the code behind it. Immutable; safe for any thread. */
public sealed interface Command {

    CommandSpec spec();

    /** A command that runs where its keys are; as a procedure it is called by its full name. */
    record Data(CommandSpec spec, DataCommand.Parser parser) implements Command, Procedure {

        @Override
        public String name() {
            return spec.name();
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Invocation parse(Request request) {
            try {
                return parser.parse(Arguments.of(request));
            } catch (CommandError error) {
                throw new IllegalArgumentException(name() + ": " + error.getMessage(), error);
            }
        }
    }

    /**
     * A command that asks range by range.
     *
     * @param part what it runs at each range, a procedure of the same name; null if it only looks at what ranges there
     *     are
     */
    record RangeByRange(
            CommandSpec spec,
            RangeCommand.Parser parser,
            @Nullable Data part) implements Command {}

    /** A name whose second word names the command: OBJECT, CONFIG. Its own row says what is known of it alone. */
    record Container(CommandSpec spec) implements Command {}

    /** A command that runs on the connection itself. The session layer implements it and knows its own kind. */
    non-sealed interface Session extends Command {}
}
