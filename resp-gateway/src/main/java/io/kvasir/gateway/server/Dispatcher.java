package io.kvasir.gateway.server;

import io.kvasir.gateway.acl.AclLog;
import io.kvasir.gateway.acl.Denial;
import io.kvasir.gateway.acl.Intercepts;
import io.kvasir.gateway.acl.User;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.BlockingCommand;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.gateway.pubsub.PubSub;
import io.kvasir.gateway.script.RunAs;
import io.kvasir.gateway.script.Scripts;
import io.kvasir.gateway.session.AuditLog;
import io.kvasir.gateway.session.ClusterCommands;
import io.kvasir.gateway.session.ClusterView;
import io.kvasir.gateway.session.CommandMeter;
import io.kvasir.gateway.session.Consistency;
import io.kvasir.gateway.session.MapWatch;
import io.kvasir.gateway.session.Monitors;
import io.kvasir.gateway.session.Pause;
import io.kvasir.gateway.session.Session;
import io.kvasir.gateway.session.SessionCommand;
import io.kvasir.gateway.session.SessionCommands;
import io.kvasir.gateway.session.Sessions;
import io.kvasir.gateway.session.Settings;
import io.kvasir.gateway.tracking.TrackedRead;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import io.kvasir.region.Invocation;
import io.kvasir.txn.CommandExecutor;
import io.kvasir.txn.PinnedSnapshot;
import io.kvasir.txn.Router;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a request: refused, held, answered here, forwarded to the range of its keys, or run on a
 * virtual thread (redis server.c, processCommand). Immutable; called by every event loop.
 *
 * <p>This file is long because the order in which a request is looked at is one list, which must be seen as a whole.
 */
final class Dispatcher {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final Reply.Error NO_AUTH = new Reply.Error("NOAUTH Authentication required.");
    private static final Reply.Error USERS_UNKNOWN =
            new Reply.Error("LOADING this node has not read its users yet, try again");
    private static final Reply.Error ONLY_MONITORS = new Reply.Error("ERR Replica can't interact with the keyspace");
    private static final Reply.Error NOT_IN_MULTI = new Reply.Error("ERR Command not allowed inside a transaction");
    private static final CommandError NOT_IN_SNAPSHOT = new CommandError(
            "ERR only reads are possible while a snapshot is open; close it with KVASIR.SNAPSHOT CLOSE");
    private static final CommandError NO_READ = new CommandError("ERR AT takes a read-only command over keys");
    private static final Reply.Error BROKEN = new Reply.Error("ERR internal error, see the log of this node");

    /** Who would wait longer than this waits for ever. */
    private static final long FOR_EVER_NANOS = Long.MAX_VALUE / 4;

    private final CommandTable table;
    private final SessionCommand.ImmediateCode wholeTable;
    private final CommandExecutor executor;
    private final Settings settings;
    private final Sessions sessions;
    private final Scripts scripts;
    private final Supplier<ClusterView> cluster;
    private final ExecutorService virtualThreads;
    private final MultiRunner multi;
    private final PubSub pubSub;
    private final ReadFollower reads;
    private final Monitors monitors;
    private final AuditLog audit;
    private final Users users;
    private final Interception interception;

    /** What a client may do that subscribes and speaks RESP2. */
    private static final Set<String> SUBSCRIBERS = Set.of(
            "SUBSCRIBE",
            "SSUBSCRIBE",
            "PSUBSCRIBE",
            "UNSUBSCRIBE",
            "SUNSUBSCRIBE",
            "PUNSUBSCRIBE",
            "PING",
            "QUIT",
            "RESET");

    /** @param virtualThreads runs commands that wait; each connection has at most one there */
    Dispatcher(SessionCommands commands, CommandExecutor executor, ExecutorService virtualThreads) {
        this.table = commands.table();
        this.wholeTable = commands.wholeTable();
        this.executor = executor;
        this.settings = commands.settings();
        this.sessions = commands.sessions();
        this.scripts = commands.scripts();
        this.cluster = commands.cluster();
        this.virtualThreads = virtualThreads;
        this.pubSub = commands.pubSub();
        this.users = commands.users();
        this.reads = new ReadFollower(commands.tracking());
        this.monitors = commands.monitors();
        this.audit = commands.audit();
        this.interception = new Interception(table, users, commands.confirmations());
        this.multi = new MultiRunner(
                table, wholeTable, executor, virtualThreads, pubSub, reads, monitors, new QueuedRights(table, users));
    }

    /** Returns what new connections ask of their reads. */
    Consistency initialConsistency() {
        return settings.consistency();
    }

    Sessions sessions() {
        return sessions;
    }

    /** Returns whether anybody may come in without a password. */
    boolean isOpen() {
        return users.withoutPassword() != null;
    }

    /** Returns whether the client of {@code session} is logged in. */
    boolean isLoggedIn(Session session) {
        return session.user(users) != null;
    }

    /** The client has shown a certificate of a known CA that names {@code name}; it may stand for a user. */
    void certified(Session session, String name, long nowNanos) {
        if (settings.get("tls-auth-clients-user").equals("off")) {
            return;
        }
        User user = users.find(name);
        if (user != null && user.on()) {
            session.login(user);
        } else {
            users.log()
                    .add(
                            new Denial(Denial.Reason.TLS_CERT, "TLS"),
                            AclLog.Context.TOPLEVEL,
                            name,
                            session.line(nowNanos));
        }
    }

    /** A reply is written to what {@code read} read, if anything. */
    void answered(@Nullable TrackedRead read) {
        reads.answered(read);
    }

    /** Runs a request of {@code connection}, on its event loop. */
    void run(Connection connection, byte[][] called) {
        Session session = connection.session();
        Intercepts intercepts = users.intercepts();
        byte[][] words = intercepts.isEmpty() ? called : interception.named(session, called);
        if (words == null) {
            session.multi().spoil();
            connection.refuse(null, CommandTable.unknown(called).reply());
            return;
        }
        Command command;
        try {
            command = table.require(words);
            if (command.spec() == RunAs.SPEC) {
                throw CommandTable.unknown(words);
            }
        } catch (CommandError error) {
            session.multi().spoil();
            connection.refuse(meterOf(connection, words), error.reply());
            return;
        }
        CommandMeter meter = connection.statistics().meter(command);
        Reply.Error refusal = refusal(connection, command, words);
        if (refusal != null) {
            session.multi().spoil();
            connection.refuse(meter, refusal);
            return;
        }
        if (session.onlySubscribes() && !SUBSCRIBERS.contains(command.spec().name())) {
            connection.refuse(meter, onlySubscribes(command));
            return;
        }
        if (session.monitors() && isOfKeyspace(command)) {
            connection.refuse(meter, ONLY_MONITORS);
            return;
        }
        boolean inMulti = session.multi().begun();
        if (inMulti && command.spec().is(CommandFlag.NO_MULTI)) {
            session.multi().spoil();
            connection.refuse(meter, NOT_IN_MULTI);
            return;
        }
        long now = connection.nanoTime();
        Pause pause = sessions.pause();
        if (pause != null && (pause.holds(command, now) || isExecHeld(pause, command, session, now))) {
            connection.holdForPause(called, pause, now);
            return;
        }
        boolean queued = inMulti && isQueued(command);
        boolean ordered =
                command instanceof Command.RangeByRange || command.spec().is(CommandFlag.PUBSUB);
        if (ordered && !queued && connection.owesReplies()) {
            connection.holdUntilAnswered(called);
            return;
        }
        if (!intercepts.isEmpty() && interception.stops(connection, command, meter, words, now)) {
            return;
        }
        audit.called(session, command.spec(), words);
        if (queued) {
            queue(connection, command, meter, words);
            return;
        }
        session.begin(command.spec());
        if (!(command instanceof Command.Data)) {
            session.unsettle();
        }
        PinnedSnapshot snapshot = session.snapshot();
        try {
            if (snapshot != null && !(command instanceof Command.Session own && isAllowedInSnapshot(own))) {
                read(connection, snapshot, command, meter, words, now);
                return;
            }
            switch (command) {
                case Command.Data data -> forward(connection, data, meter, words, now);
                case Command.RangeByRange ranges -> rangeByRange(connection, ranges, meter, words, now);
                case Command.Container _ ->
                    connection.reply(
                            wholeTable.run(session, Arguments.of(words, 1, 0, session.resp3())), meter, words, now);
                case SessionCommand.AtTime _ -> atTime(connection, meter, words, now);
                case SessionCommand.Transactional step -> multi.run(connection, step, meter, words, now);
                case Command.Session own -> own(connection, (SessionCommand) own, meter, words, now);
            }
        } catch (CommandError error) {
            if (command.spec().is(CommandFlag.WRITE)) {
                session.forgetRequestName();
            }
            connection.reply(error.reply(), meter, words, now);
        }
        monitors.show(session, command.spec(), words);
    }

    /** Returns whether a client that is shown what others call may not call {@code command} itself. */
    private static boolean isOfKeyspace(Command command) {
        return command.spec().is(CommandFlag.READONLY)
                || command.spec().is(CommandFlag.WRITE)
                || command.spec().is(CommandFlag.MAY_REPLICATE);
    }

    /** Returns why the client may not call {@code command}, null if it may. */
    private Reply.@Nullable Error refusal(Connection connection, Command command, byte[][] words) {
        Session session = connection.session();
        User user = session.user(users);
        if (session.isUnlimited() && users.areKnown() || command.spec().is(CommandFlag.NO_AUTH)) {
            return null;
        }
        if (!users.areKnown()) {
            return USERS_UNKNOWN;
        }
        if (user == null) {
            return NO_AUTH;
        }
        Denial denial = user.check(command, words);
        if (denial == null && command instanceof SessionCommand.AtTime) {
            denial = checkInner(user, words);
        }
        if (denial == null) {
            return null;
        }
        AclLog.Context context = session.multi().begun() ? AclLog.Context.MULTI : AclLog.Context.TOPLEVEL;
        users.log().add(denial, context, user.name(), session.line(connection.nanoTime()));
        return denial.reply(user.name());
    }

    /** Returns why {@code user} may not run the command that stands behind AT and its time, null if it may. */
    private @Nullable Denial checkInner(User user, byte[][] words) {
        byte[][] called = Arrays.copyOfRange(words, 2, words.length);
        try {
            return user.check(table.require(called), called);
        } catch (CommandError notOne) {
            return null; // it is refused for that
        }
    }

    private static Reply.Error onlySubscribes(Command command) {
        return new Reply.Error("ERR Can't execute '" + command.spec().replyName()
                + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context");
    }

    /** A connection ended: nothing more comes from it. */
    void ended(Session session) {
        sessions.remove(session);
        session.waiting().abandon();
        reads.ended(session);
        monitors.remove(session);
        session.closeSnapshot();
        executor.sessionEnded(session.id());
    }

    /** Commands about the connection and the server have no part in the data, those about its transaction have. */
    private static boolean isAllowedInSnapshot(Command.Session command) {
        return !(command instanceof SessionCommand.Transactional);
    }

    /** Runs a command over {@code snapshot}; it may wait there. */
    private void read(
            Connection connection,
            PinnedSnapshot snapshot,
            Command command,
            CommandMeter meter,
            byte[][] words,
            long now)
            throws CommandError {
        if (!command.spec().is(CommandFlag.READONLY)) {
            throw NOT_IN_SNAPSHOT;
        }
        Session session = connection.session();
        Arguments arguments = Arguments.of(
                        words, command.spec().nameWords(), session.database(), session.resp3(), settings.thresholds())
                .calledBy(Arguments.Caller.TRANSACTION); // what stood then will not change
        Supplier<Reply> run =
                switch (command) {
                    case Command.Data data -> {
                        Invocation invocation = data.parser().parse(arguments);
                        yield () -> snapshot.run(invocation);
                    }
                    case Command.RangeByRange ranges -> {
                        RangeCommand parsed = ranges.parser().parse(arguments);
                        yield () -> answer(parsed, new SnapshotRanges(snapshot));
                    }
                    case Command.Container _, Command.Session _ -> throw NOT_IN_SNAPSHOT;
                };
        PendingReply pending = connection.owe(meter, words, now, 0, true);
        virtualThreads.execute(() -> pending.accept(guarded(command, run)));
    }

    private static Reply guarded(Command command, Supplier<Reply> run) {
        try {
            return run.get();
        } catch (Throwable fault) {
            LOG.error("command failed in a snapshot command={}", command.spec().name(), fault);
            return BROKEN;
        }
    }

    private void forward(Connection connection, Command.Data row, CommandMeter meter, byte[][] words, long now)
            throws CommandError {
        Session session = connection.session();
        byte[][] called = scripts.withSource(row, words);
        if (isLimited(session) && row.spec().categories().contains(AclCategory.SCRIPTING)) {
            called = RunAs.words(session.userName(), called);
        }
        Command.Data data = called == words ? row : (Command.Data) table.require(called);
        int nameWords = data.spec().nameWords();
        int database = session.database();
        boolean resp3 = session.resp3();
        Thresholds thresholds = settings.thresholds();
        Invocation invocation = data.parser().parse(Arguments.of(called, nameWords, database, resp3, thresholds));
        byte[][] sent = Arrays.copyOfRange(called, nameWords, called.length);
        int flags = resp3 ? Request.FLAG_RESP3 : 0;
        if (!thresholds.equals(Thresholds.DEFAULT)) {
            sent = Arrays.copyOf(sent, sent.length + 1);
            sent[sent.length - 1] = thresholds.encode();
            flags |= Request.FLAG_TUNED;
        }
        if (!invocation.readOnly()) {
            flags |= ReadFollower.flags(session);
        }
        boolean mayStay = session.readsReplicas() && invocation.readOnly();
        if (session.cluster() && !mayStay) {
            // What the link between nodes does not carry goes to the node that needs none.
            Reply.Error moved = bytesOf(sent) > Router.FORWARDED_BYTES_MAX
                    ? MapWatch.moved(invocation.userKeys(), cluster, session.tls())
                    : session.mapWatch().look(invocation.userKeys(), cluster, session.tls());
            if (moved != null) {
                connection.reply(moved, meter, words, now);
                return;
            }
        }
        Optional<RequestId> id =
                invocation.readOnly() ? Optional.empty() : session.takeRequestId(List.<byte[][]>of(words));
        Request request = new Request(data.name(), data.version(), database, session.id(), flags, id, 0, sent);
        if (mayStay && !connection.owesReplies()) {
            // Later commands wait, since a replica may see what they do.
            PendingReply pending = connection.owe(meter, words, now, request.argumentBytes(), true);
            reads.follow(session, row, words, pending);
            executor.executeAtReplica(request, invocation, session.readsSince(now), pending, reply -> {
                session.unsettle();
                pending.accept(reply);
            });
            return;
        }
        session.unsettle();
        if (invocation instanceof BlockingCommand blocking
                && blocking.timeoutMillis().isPresent()) {
            PendingReply pending = connection.owe(meter, words, now, request.argumentBytes(), true);
            reads.follow(session, row, words, pending);
            long nanos = TimeUnit.MILLISECONDS.toNanos(blocking.timeoutMillis().getAsLong());
            session.waiting(executor.await(
                    request, blocking, nanos > FOR_EVER_NANOS ? 0 : nanos, BlockingCommand.TIMED_OUT, pending));
            return;
        }
        // It may have to run twice, and nothing of its connection may overtake it meanwhile.
        boolean alone = invocation.mayReachOthers();
        PendingReply pending = connection.owe(meter, words, now, request.argumentBytes(), alone);
        reads.follow(session, row, words, pending);
        executor.execute(request, invocation, alone ? reply -> pending.accept(pubSub.release(reply)) : pending);
    }

    /** Returns whether calls of the client's scripts must be checked. */
    private boolean isLimited(Session session) {
        Intercepts intercepts = users.intercepts();
        return !session.isUnlimited() || !intercepts.isEmpty() && intercepts.concern(session.userName());
    }

    private static long bytesOf(byte[][] words) {
        long bytes = 0;
        for (byte[] word : words) {
            bytes += word.length;
        }
        return bytes;
    }

    /** Runs {@code AT time command}. */
    private void atTime(Connection connection, CommandMeter meter, byte[][] words, long now) throws CommandError {
        Session session = connection.session();
        LongUnaryOperator time = ReadTime.parse(words[1]);
        byte[][] called = Arrays.copyOfRange(words, 2, words.length);
        Command command = table.require(called);
        called = scripts.withSource(command, called);
        if (isLimited(session) && command.spec().categories().contains(AclCategory.SCRIPTING)) {
            throw NO_READ;
        }
        if (!(table.require(called) instanceof Command.Data data)
                || !data.spec().is(CommandFlag.READONLY)) {
            throw NO_READ;
        }
        Invocation invocation = data.parser()
                .parse(Arguments.of(
                                called,
                                data.spec().nameWords(),
                                session.database(),
                                session.resp3(),
                                settings.thresholds())
                        .calledBy(Arguments.Caller.TRANSACTION));
        executor.readAt(time, invocation, connection.owe(meter, words, now, 0, true));
    }

    private void rangeByRange(
            Connection connection, Command.RangeByRange ranges, CommandMeter meter, byte[][] words, long now)
            throws CommandError {
        Session session = connection.session();
        if (!session.cluster() && ranges.spec().name().startsWith("CLUSTER ")) {
            throw ClusterCommands.DISABLED;
        }
        RangeCommand parsed = ranges.parser()
                .parse(Arguments.of(words, ranges.spec().nameWords(), session.database(), session.resp3()));
        PendingReply pending = connection.owe(meter, words, now, 0, true);
        if (parsed.spec().is(CommandFlag.WRITE)) {
            multi.runInAllRanges(session, ranges, words, pending);
            return;
        }
        Ranges all = new ExecutorRanges(executor, includedFor(session, parsed));
        virtualThreads.execute(() -> pending.accept(answer(parsed, all)));
    }

    /**
     * Returns the ranges an answer includes: all, but for a cluster client that reads. Such a client asks every node
     * and adds up, so each answers for the ranges that begin in the slots it leads (rule K36).
     */
    private Predicate<RegionDescriptor> includedFor(Session session, RangeCommand command) {
        if (!session.cluster() || !command.spec().is(CommandFlag.READONLY)) {
            return _ -> true;
        }
        return region -> cluster.get().me().slots().stream()
                .anyMatch(slots -> slots.first() <= region.firstSlot() && region.firstSlot() <= slots.last());
    }

    private static Reply answer(RangeCommand command, Ranges ranges) {
        try {
            return command.run(ranges);
        } catch (CommandError error) {
            return error.reply();
        } catch (Throwable fault) {
            LOG.error("command failed command={}", command.spec().name(), fault);
            return BROKEN;
        }
    }

    private static void own(Connection connection, SessionCommand command, CommandMeter meter, byte[][] words, long now)
            throws CommandError {
        // What was answered before is counted before a command may show the counts.
        connection.drain();
        Session session = connection.session();
        Arguments arguments = Arguments.of(words, command.spec().nameWords(), session.database(), session.resp3());
        switch (command) {
            case SessionCommand.Immediate immediate ->
                connection.reply(immediate.code().run(session, arguments), meter, words, now);
            case SessionCommand.Deferred deferred -> {
                PendingReply pending = connection.owe(meter, words, now, 0, true);
                try {
                    deferred.code().run(session, arguments, pending);
                } catch (CommandError error) {
                    pending.accept(error.reply());
                }
            }
            case SessionCommand.Transactional _, SessionCommand.AtTime _ ->
                throw new IllegalStateException("runs elsewhere");
        }
    }

    /** Returns whether {@code command} is kept for EXEC, rather than run at once within MULTI. */
    private static boolean isQueued(Command command) {
        return switch (command) {
            case SessionCommand.Transactional transactional -> transactional.step() == SessionCommand.Step.UNWATCH;
            case Command.Session own ->
                !own.spec().name().equals("QUIT")
                        && !own.spec().name().equals("RESET")
                        && !own.spec().name().equals("INTERCEPT CONFIRM");
            case Command.Data _, Command.RangeByRange _, Command.Container _ -> true;
        };
    }

    private void queue(Connection connection, Command called, CommandMeter meter, byte[][] words) {
        try {
            byte[][] kept = scripts.withSource(called, words);
            if (isLimited(connection.session())
                    && called instanceof Command.Data
                    && called.spec().categories().contains(AclCategory.SCRIPTING)) {
                kept = RunAs.words(connection.session().userName(), kept);
            }
            Command command = kept == words ? called : table.require(kept);
            connection.queued(MultiRunner.queue(connection.session(), command, kept));
        } catch (CommandError error) {
            connection.session().multi().spoil();
            connection.refuse(meter, error.reply());
        }
    }

    private static boolean isExecHeld(Pause pause, Command command, Session session, long nowNanos) {
        return command instanceof SessionCommand.Transactional(var spec, SessionCommand.Step step)
                && step == SessionCommand.Step.EXEC
                && pause.holdsExec(session.multi().writes(), nowNanos);
    }

    /** Returns the meter of the command that {@code words} name, null if there is none. */
    private @Nullable CommandMeter meterOf(Connection connection, byte[][] words) {
        Command command = table.find(words[0]);
        if (command instanceof Command.Container container && words.length > 1) {
            command = table.find(container, words[1]);
        }
        return command == null ? null : connection.statistics().meter(command);
    }
}
