package io.kvasir.gateway.command.transaction;

import io.kvasir.gateway.command.CommandTable;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.Invocation;
import io.kvasir.region.Procedure;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code EXEC}: all commands that MULTI queued, as one procedure, unless a watched key has changed. A command that
 * fails leaves the others as they are (redis multi.c). Its one argument holds watched keys and commands; the bytes are
 * specified in {@code docs/keyspace.md}, "EXEC".
 *
 * <p>Answers an array of the commands' replies, or the null array if a watched key has changed. Immutable.
 */
public final class Exec implements Invocation {

    public static final String NAME = "EXEC";

    private static final int FORMAT = 1;

    private final List<WatchedKey> watched;
    private final List<QueuedCommand> commands;
    private final int database;

    private Exec(List<WatchedKey> watched, List<QueuedCommand> commands, int database) {
        this.watched = watched;
        this.commands = commands;
        this.database = database;
    }

    /** Returns the procedure over the commands of {@code table}. */
    public static Procedure procedure(CommandTable table) {
        return new Procedure() {
            @Override
            public String name() {
                return NAME;
            }

            @Override
            public int version() {
                return 1;
            }

            @Override
            public Invocation parse(Request request) {
                if (request.arguments().length != 1) {
                    throw new IllegalArgumentException("EXEC takes one argument");
                }
                return decode(table, request.arguments()[0]);
            }
        };
    }

    static byte[] encode(List<WatchedKey> watched, List<QueuedCommand.Words> commands) {
        WireWriter out = new WireWriter(256);
        out.u8(FORMAT).varint(watched.size());
        watched.forEach(key -> key.write(out));
        out.varint(commands.size());
        commands.forEach(command -> command.write(out));
        return out.toBytes();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException if a command is unknown
     */
    static Exec decode(CommandTable table, byte[] bytes) {
        WireReader in = new WireReader(bytes);
        in.version(NAME, FORMAT);
        List<WatchedKey> watched = new ArrayList<>();
        for (int left = in.count("watched keys", Integer.MAX_VALUE); left > 0; left--) {
            in.element();
            watched.add(WatchedKey.read(in));
        }
        List<QueuedCommand.Words> words = new ArrayList<>();
        for (int left = in.count("commands", Integer.MAX_VALUE); left > 0; left--) {
            in.element();
            words.add(QueuedCommand.Words.read(in));
        }
        in.end();
        return of(table, watched, words);
    }

    static Exec of(CommandTable table, List<WatchedKey> watched, List<QueuedCommand.Words> words) {
        List<QueuedCommand> commands = new ArrayList<>(words.size());
        for (QueuedCommand.Words one : words) {
            commands.add(one.parse(table));
        }
        int database = !words.isEmpty()
                ? words.getFirst().database()
                : watched.isEmpty() ? 0 : watched.getFirst().database();
        return new Exec(watched, commands, database);
    }

    @Override
    public Reply run(Transaction transaction) {
        for (WatchedKey key : watched) {
            if (key.hasChanged(transaction)) {
                return Reply.NULL_ARRAY;
            }
        }
        List<Reply> replies = new ArrayList<>(commands.size());
        for (QueuedCommand command : commands) {
            if (!replies.isEmpty()) {
                transaction.nextCommand();
            }
            replies.add(command.run(transaction));
        }
        return Reply.array(replies);
    }

    @Override
    public boolean readOnly() {
        return commands.stream().allMatch(QueuedCommand::readOnly);
    }

    @Override
    public boolean mayGrow() {
        return commands.stream().anyMatch(QueuedCommand::mayGrow);
    }

    @Override
    public boolean mayReachOthers() {
        return commands.stream().anyMatch(QueuedCommand::mayReachOthers);
    }

    @Override
    public int database() {
        return database;
    }

    /** Returns the keys of all commands, then those of WATCH; empty if a command is of the whole database. */
    @Override
    public List<byte[]> userKeys() {
        List<byte[]> keys = new ArrayList<>();
        for (QueuedCommand command : commands) {
            List<byte[]> own = command.userKeys();
            if (own.isEmpty() && !(command instanceof QueuedCommand.Failed)) {
                return List.of();
            }
            keys.addAll(own);
        }
        for (WatchedKey key : watched) {
            keys.add(key.userKey());
        }
        return keys;
    }
}
