package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.StreamConsumer;
import io.kvasir.gateway.type.StreamGroup;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code XGROUP CREATE key group id|$ [MKSTREAM] [ENTRIESREAD count]}, {@code XGROUP SETID key group id|$ [ENTRIESREAD
 * count]}, {@code XGROUP DESTROY key group}, {@code XGROUP CREATECONSUMER key group consumer} and {@code XGROUP
 * DELCONSUMER key group consumer}.
 *
 * @param operand the id or the consumer; empty for DESTROY. As in Redis an id is read once there is a stream
 * @param makeStream whether a stream that is missing is made
 * @param entriesRead what is said of it, {@link StreamGroup#UNKNOWN} else
 */
public record XGroup(
        Form form, int database, byte[] key, byte[] group, byte[] operand, boolean makeStream, long entriesRead)
        implements DataCommand.OfKey {

    /** The row of all of them together. */
    public static final CommandSpec CONTAINER = CommandSpec.of("XGROUP", -2, "5.0.0");

    private static final CommandError BAD_ENTRIES_READ =
            new CommandError("ERR value for ENTRIESREAD must be positive or -1");
    private static final CommandError NO_STREAM = new CommandError("ERR The XGROUP subcommand requires the key to"
            + " exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream"
            + " automatically.");
    private static final CommandError EXISTS = new CommandError("BUSYGROUP Consumer Group name already exists");

    /** Most words of each behind its name. */
    private static final int CREATE_WORDS_MAX = 6;

    private static final int SETID_WORDS = 3;

    /** The commands. */
    public enum Form {
        CREATE(-5, "5.0.0", CommandFlag.WRITE, CommandFlag.DENYOOM),
        SETID(-5, "5.0.0", CommandFlag.WRITE),
        DESTROY(4, "5.0.0", CommandFlag.WRITE),
        CREATECONSUMER(5, "6.2.0", CommandFlag.WRITE, CommandFlag.DENYOOM),
        DELCONSUMER(5, "5.0.0", CommandFlag.WRITE);

        private final CommandSpec spec;

        Form(int arity, String since, CommandFlag... flags) {
            spec = CommandSpec.of("XGROUP " + name(), arity, since)
                    .flags(flags)
                    .categories(AclCategory.STREAM)
                    .keys(2, 2, 1, KeySpec.Access.READ_WRITE);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, arguments -> parse(this, arguments));
        }
    }

    private static XGroup parse(Form form, Arguments arguments) throws CommandError {
        int size = arguments.size();
        byte[] key = arguments.nextKey();
        byte[] group = arguments.next();
        byte[] operand = form == Form.DESTROY ? new byte[0] : arguments.next();
        boolean makeStream = false;
        long entriesRead = StreamGroup.UNKNOWN;
        while (arguments.hasNext()) {
            if (form == Form.CREATE && arguments.accept("MKSTREAM")) {
                makeStream = true;
            } else if (arguments.remaining() > 1 && arguments.accept("ENTRIESREAD")) {
                entriesRead = arguments.nextLong();
                if (entriesRead < StreamGroup.UNKNOWN) {
                    throw BAD_ENTRIES_READ;
                }
            } else {
                throw StreamHelp.misused("XGROUP", form.name());
            }
        }
        if (size > CREATE_WORDS_MAX || form == Form.SETID && size != SETID_WORDS && size != SETID_WORDS + 2) {
            throw StreamHelp.misused("XGROUP", form.name());
        }
        return new XGroup(form, arguments.database(), key, group, operand, makeStream, entriesRead);
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database), key);
        if (!stream.exists() && !makeStream) {
            throw NO_STREAM;
        }
        return switch (form) {
            case CREATE -> create(stream);
            case SETID -> setId(stream, named().requireIn(stream));
            case DESTROY -> destroy(stream);
            case CREATECONSUMER -> createConsumer(stream, named().requireIn(stream));
            case DELCONSUMER -> deleteConsumer(stream, named().requireIn(stream));
        };
    }

    private GroupName named() {
        return new GroupName(key, group);
    }

    private Reply create(StreamValue stream) throws CommandError {
        StreamId id = IdText.is(operand, '$') ? stream.lastId() : IdText.parse(operand);
        if (StreamGroup.find(stream, group) != null) {
            throw EXISTS;
        }
        stream.claim(group.length);
        StreamGroup.create(stream, group, id, entriesRead).store();
        stream.store();
        stream.entry().event(KeyspaceEvent.XGROUP_CREATE);
        return Reply.OK;
    }

    private Reply setId(StreamValue stream, StreamGroup found) throws CommandError {
        StreamId id = IdText.is(operand, '$') ? stream.lastId() : IdText.parseLoosely(operand);
        found.set(id, entriesRead);
        found.store();
        stream.store();
        stream.entry().event(KeyspaceEvent.XGROUP_SETID);
        return Reply.OK;
    }

    private Reply destroy(StreamValue stream) {
        StreamGroup found = StreamGroup.find(stream, group);
        if (found == null) {
            return Reply.ZERO;
        }
        found.remove();
        stream.store();
        stream.entry().event(KeyspaceEvent.XGROUP_DESTROY);
        return Reply.ONE;
    }

    private Reply createConsumer(StreamValue stream, StreamGroup found) throws CommandError {
        if (found.consumer(operand) != null) {
            return Reply.ZERO;
        }
        stream.claim(2L * operand.length);
        found.addConsumer(operand);
        found.store();
        stream.store();
        stream.entry().event(KeyspaceEvent.XGROUP_CREATECONSUMER);
        return Reply.ONE;
    }

    private Reply deleteConsumer(StreamValue stream, StreamGroup found) throws CommandError {
        StreamConsumer consumer = found.consumer(operand);
        if (consumer == null) {
            return Reply.ZERO;
        }
        long pending = found.removeConsumer(consumer);
        found.store();
        stream.store();
        stream.entry().event(KeyspaceEvent.XGROUP_DELCONSUMER);
        return Reply.of(pending);
    }
}
