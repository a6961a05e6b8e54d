package io.kvasir.gateway.command.transaction;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a connection has queued since MULTI, and what it watches (redis multi.c). Confined to the connection's event
 * loop, but for what {@link #take} returns.
 */
public final class MultiQueue {

    /** Bytes of queued commands beyond which a transaction is refused; one command may pass it. */
    public static final long BYTES_MAX = 256L << 20;

    /** Counted for each queued command beside its words. */
    private static final int COMMAND_BYTES = 128;

    private static final CommandError TOO_LARGE =
            new CommandError("ERR the transaction is larger than " + BYTES_MAX + " bytes");

    private final List<WatchedKey> watched = new ArrayList<>();
    private List<Queued> commands = new ArrayList<>();
    private boolean begun;
    private boolean spoiled;
    private boolean writes;
    private long bytes;

    /** A command with all its words, the name included. */
    public record Queued(Command command, byte[][] words) {}

    /** Returns whether MULTI has been called and neither EXEC nor DISCARD since. */
    public boolean begun() {
        return begun;
    }

    /** Returns whether a queued command may write. */
    public boolean writes() {
        return writes;
    }

    /** Returns the number of commands queued. */
    public int size() {
        return commands.size();
    }

    public void begin() {
        begun = true;
    }

    /** Notes that a command could not be queued: EXEC will refuse. Without effect outside MULTI. */
    public void spoil() {
        spoiled |= begun;
    }

    /**
     * Queues a command.
     *
     * @throws CommandError if the queue would get too large
     */
    public void add(Command command, byte[][] words) throws CommandError {
        long more = COMMAND_BYTES;
        for (byte[] word : words) {
            more += word.length;
        }
        if (bytes + more > BYTES_MAX && !commands.isEmpty()) {
            throw TOO_LARGE;
        }
        bytes += more;
        writes |= command.spec().is(CommandFlag.WRITE);
        commands.add(new Queued(command, words));
    }

    /** Watches {@code key} until EXEC, DISCARD or UNWATCH. The first WATCH of a key holds. */
    public void watch(WatchedKey key) {
        watched.add(key);
    }

    public void unwatch() {
        watched.clear();
    }

    /** Forgets everything. */
    public void discard() {
        take();
    }

    /** Ends the transaction and returns what it held. */
    public Taken take() {
        Taken taken = new Taken(List.copyOf(watched), commands, spoiled);
        watched.clear();
        commands = new ArrayList<>();
        begun = false;
        spoiled = false;
        writes = false;
        bytes = 0;
        return taken;
    }

    /** What a transaction held at its end. Immutable. */
    public record Taken(List<WatchedKey> watched, List<Queued> commands, boolean spoiled) {}

    /**
     * The part of EXEC that runs at the ranges.
     *
     * @param request the same in the form that travels
     */
    public record Part(Request request, Exec exec) {}

    /** Returns whether {@code command} runs at the ranges. */
    public static boolean isOfRanges(Command command) {
        return command instanceof Command.Data || command instanceof Command.RangeByRange;
    }

    /**
     * Makes the part of EXEC that runs at the ranges. May wait if {@link #mayWait}.
     *
     * @param id of the whole EXEC, if the client gave it one
     * @param database the session's, which a queued SELECT changes for the commands after it
     * @param select answers the database that a SELECT of these words leads to, from the one that was selected before
     * @throws CommandError if a command cannot be prepared; nothing has been done then
     */
    public static Part part(
            CommandTable table,
            Taken taken,
            Optional<RequestId> id,
            long session,
            int database,
            boolean resp3,
            Select select)
            throws CommandError {
        List<QueuedCommand.Words> words = new ArrayList<>();
        int now = database;
        for (Queued queued : taken.commands) {
            int name = queued.command.spec().nameWords();
            byte[][] rest = java.util.Arrays.copyOfRange(queued.words, name, queued.words.length);
            switch (queued.command) {
                case Command.Data data ->
                    words.add(new QueuedCommand.Words(QueuedCommand.Words.KEYS, data.name(), now, resp3, rest));
                case Command.RangeByRange ranges -> words.add(ofRanges(ranges, now, resp3, rest));
                case Command.Session own -> now = own.spec().name().equals("SELECT") ? select.after(rest, now) : now;
                case Command.Container _ -> {}
            }
        }
        Request request =
                new Request(Exec.NAME, 1, database, session, resp3 ? Request.FLAG_RESP3 : 0, id, 0, new byte[][] {
                    Exec.encode(taken.watched, words)
                });
        return new Part(request, Exec.of(table, taken.watched, words));
    }

    /** Returns whether making the part waits: a command must ask for something before it can run anywhere. */
    public static boolean mayWait(Taken taken) {
        return taken.commands.stream()
                .anyMatch(queued -> queued.command instanceof Command.RangeByRange ranges
                        && ranges.spec().is(CommandFlag.WRITE));
    }

    private static QueuedCommand.Words ofRanges(Command.RangeByRange ranges, int database, boolean resp3, byte[][] rest)
            throws CommandError {
        String name = ranges.spec().name();
        RangeCommand parsed;
        try {
            parsed = ranges.parser().parse(Arguments.of(rest, 0, database, resp3));
        } catch (CommandError atRunTime) {
            return new QueuedCommand.Words(QueuedCommand.Words.RANGES, name, database, resp3, rest);
        }
        Optional<byte[][]> inEach = parsed.inEachRange();
        return inEach.isPresent()
                ? new QueuedCommand.Words(QueuedCommand.Words.EACH_RANGE, name, database, resp3, inEach.get())
                : new QueuedCommand.Words(QueuedCommand.Words.RANGES, name, database, resp3, rest);
    }

    /** What SELECT does to the database of the commands after it. */
    @FunctionalInterface
    public interface Select {

        /** Returns the database after SELECT with {@code arguments}: {@code before} if it fails. */
        int after(byte[][] arguments, int before);
    }
}
