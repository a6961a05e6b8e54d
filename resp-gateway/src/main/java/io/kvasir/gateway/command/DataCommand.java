package io.kvasir.gateway.command;

import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import java.util.Arrays;
import java.util.List;

/**
 * A command with its arguments parsed, that runs where its keys are. An implementation is a record whose fields are the
 * arguments, with a row {@code SPEC} and a static {@code parse(Arguments)}, both named in {@link CommandTable}.
 */
public interface DataCommand extends Invocation {

    /** Returns the command's row. */
    CommandSpec spec();

    /**
     * Runs the command; checks before it writes, because an error keeps the writes made before it.
     *
     * @throws CommandError if the answer is an error
     */
    Reply execute(Transaction transaction) throws CommandError;

    @Override
    default Reply run(Transaction transaction) {
        try {
            return execute(transaction);
        } catch (CommandError error) {
            return error.reply();
        }
    }

    @Override
    default boolean readOnly() {
        return !spec().is(CommandFlag.WRITE);
    }

    /** Whether Redis would refuse it when out of memory. */
    @Override
    default boolean mayGrow() {
        return spec().is(CommandFlag.DENYOOM);
    }

    /** A command of one key. */
    interface OfKey extends DataCommand {

        byte[] key();

        @Override
        default List<byte[]> userKeys() {
            return List.of(key());
        }
    }

    /** A command of several keys. */
    interface OfKeys extends DataCommand {

        byte[][] keys();

        @Override
        default List<byte[]> userKeys() {
            return Arrays.asList(keys());
        }
    }

    /** Makes a command of its arguments; total: it throws nothing else. */
    @FunctionalInterface
    interface Parser {

        DataCommand parse(Arguments arguments) throws CommandError;
    }
}
