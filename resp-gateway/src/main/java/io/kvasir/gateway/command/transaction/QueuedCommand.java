package io.kvasir.gateway.command.transaction;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** One command of EXEC with its arguments parsed. Immutable. */
sealed interface QueuedCommand {

    /** Runs the command over {@code transaction}. */
    Reply run(Transaction transaction);

    boolean readOnly();

    boolean mayGrow();

    /** A command that runs where its keys are. */
    record OfKeys(DataCommand command) implements QueuedCommand {

        @Override
        public Reply run(Transaction transaction) {
            return command.run(transaction);
        }

        @Override
        public boolean readOnly() {
            return command.readOnly();
        }

        @Override
        public boolean mayGrow() {
            return command.mayGrow();
        }
    }

    /** A command over the whole database. */
    record OfRanges(RangeCommand command) implements QueuedCommand {

        @Override
        public Reply run(Transaction transaction) {
            try {
                return command.run(new TransactionRanges(transaction));
            } catch (CommandError error) {
                return error.reply();
            }
        }

        @Override
        public boolean readOnly() {
            return !command.spec().is(CommandFlag.WRITE);
        }

        @Override
        public boolean mayGrow() {
            return false;
        }
    }

    /** A part of a command over the whole database, to be run in every range alike. */
    record InEachRange(DataCommand part) implements QueuedCommand {

        @Override
        public Reply run(Transaction transaction) {
            TransactionRanges.requireWhole(transaction);
            return part.run(transaction);
        }

        @Override
        public boolean readOnly() {
            return part.readOnly();
        }

        @Override
        public boolean mayGrow() {
            return false;
        }
    }

    /** A command whose arguments do not parse, which is a failure at run time. */
    record Failed(Reply.Error error) implements QueuedCommand {

        @Override
        public Reply run(Transaction transaction) {
            return error;
        }

        @Override
        public boolean readOnly() {
            return true;
        }

        @Override
        public boolean mayGrow() {
            return false;
        }
    }

    /** Returns whether it may reach user keys that it does not declare. */
    default boolean mayReachOthers() {
        return this instanceof OfKeys(DataCommand command) && command.mayReachOthers();
    }

    /** Returns the user keys it declares; empty if it is of the whole database. */
    default List<byte[]> userKeys() {
        return this instanceof OfKeys(DataCommand command) ? command.userKeys() : List.of();
    }

    /**
     * A command as it was queued, in the form that travels.
     *
     * @param kind one of {@link #KEYS}, {@link #RANGES}, {@link #EACH_RANGE}
     * @param words its arguments, without its name
     */
    record Words(int kind, String name, int database, boolean resp3, byte[][] words) {

        static final int KEYS = 1;
        static final int RANGES = 2;
        static final int EACH_RANGE = 3;

        void write(WireWriter out) {
            out.u8(kind).text(name).varint(database).u8(resp3 ? 1 : 0).varint(words.length);
            for (byte[] word : words) {
                out.bytes(word);
            }
        }

        static Words read(WireReader in) {
            int kind = in.u8();
            String name = in.text();
            int database = in.varint("database", 0, Integer.MAX_VALUE);
            boolean resp3 = in.u8() == 1;
            byte[][] words = new byte[in.count("words of a command", Integer.MAX_VALUE)][];
            for (int i = 0; i < words.length; i++) {
                in.element();
                words[i] = in.bytes();
            }
            return new Words(kind, name, database, resp3, words);
        }

        /**
         * Parses the words.
         *
         * @throws IllegalArgumentException if {@code table} has no such command of that kind
         */
        QueuedCommand parse(CommandTable table) {
            try {
                Arguments arguments = Arguments.of(words, 0, database, resp3).calledBy(Arguments.Caller.TRANSACTION);
                Command command = commandOf(table);
                return switch (command) {
                    case Command.Data data
                    when kind == KEYS -> new OfKeys(data.parser().parse(arguments));
                    case Command.RangeByRange ranges
                    when kind == RANGES -> new OfRanges(ranges.parser().parse(arguments));
                    case Command.RangeByRange ranges
                    when kind == EACH_RANGE ->
                        new InEachRange(Objects.requireNonNull(ranges.part(), name)
                                .parser()
                                .parse(arguments));
                    case Command.Data _, Command.RangeByRange _, Command.Container _, Command.Session _ ->
                        throw new IllegalArgumentException("EXEC of " + name);
                };
            } catch (CommandError error) {
                return new Failed(error.reply());
            }
        }

        private Command commandOf(CommandTable table) {
            int space = name.indexOf(' ');
            Command command = table.find(bytes(space < 0 ? name : name.substring(0, space)));
            if (space >= 0 && command instanceof Command.Container container) {
                command = table.find(container, bytes(name.substring(space + 1)));
            }
            if (command == null) {
                throw new IllegalArgumentException("EXEC of " + name);
            }
            return command;
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
    }
}
