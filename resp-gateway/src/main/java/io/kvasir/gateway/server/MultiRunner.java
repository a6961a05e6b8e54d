package io.kvasir.gateway.server;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.database.Databases;
import io.kvasir.gateway.command.transaction.MultiQueue;
import io.kvasir.gateway.command.transaction.MultiQueue.Queued;
import io.kvasir.gateway.command.transaction.MultiQueue.Taken;
import io.kvasir.gateway.command.transaction.WatchKey;
import io.kvasir.gateway.command.transaction.WatchedKey;
import io.kvasir.gateway.pubsub.PubSub;
import io.kvasir.gateway.script.RunAs;
import io.kvasir.gateway.session.CommandMeter;
import io.kvasir.gateway.session.Monitors;
import io.kvasir.gateway.session.Session;
import io.kvasir.gateway.session.SessionCommand;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import io.kvasir.txn.CommandExecutor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * MULTI, EXEC, DISCARD, WATCH and UNWATCH of connections (redis multi.c).
 *
 * <p>EXEC sends the queued commands over data as one procedure. The commands about the connection and the server that
 * stand among them have no part in the order of the data: they run here, in their order, once the procedure has taken
 * effect, and not at all if it has not. Immutable; called by every event loop.
 */
final class MultiRunner {

    private static final Reply QUEUED = new Reply.Status("QUEUED");
    private static final CommandError NESTED = new CommandError("ERR MULTI calls can not be nested");
    private static final CommandError WATCH_INSIDE = new CommandError("ERR WATCH inside MULTI is not allowed");
    private static final CommandError EXEC_WITHOUT = new CommandError("ERR EXEC without MULTI");
    private static final CommandError DISCARD_WITHOUT = new CommandError("ERR DISCARD without MULTI");
    private static final Reply SPOILED = new Reply.Error("EXECABORT Transaction discarded because of previous errors.");

    private final CommandTable table;
    private final SessionCommand.ImmediateCode wholeTable;
    private final CommandExecutor executor;
    private final ExecutorService virtualThreads;
    private final PubSub pubSub;
    private final ReadFollower reads;
    private final Monitors monitors;
    private final QueuedRights rights;

    MultiRunner(
            CommandTable table,
            SessionCommand.ImmediateCode wholeTable,
            CommandExecutor executor,
            ExecutorService virtualThreads,
            PubSub pubSub,
            ReadFollower reads,
            Monitors monitors,
            QueuedRights rights) {
        this.table = table;
        this.wholeTable = wholeTable;
        this.executor = executor;
        this.virtualThreads = virtualThreads;
        this.pubSub = pubSub;
        this.reads = reads;
        this.monitors = monitors;
        this.rights = rights;
    }

    /** Returns the answer to a command that is queued. */
    static Reply queue(Session session, Command command, byte[][] words) throws CommandError {
        session.multi().add(command, words);
        session.multiSize(session.multi().size());
        return QUEUED;
    }

    /** Runs a command about the transaction of {@code connection}. */
    void run(Connection connection, SessionCommand.Transactional command, CommandMeter meter, byte[][] words, long now)
            throws CommandError {
        Session session = connection.session();
        MultiQueue multi = session.multi();
        switch (command.step()) {
            case MULTI -> {
                if (multi.begun()) {
                    throw NESTED;
                }
                multi.begin();
                session.multiSize(0);
                connection.reply(Reply.OK, meter, words, now);
            }
            case DISCARD -> {
                if (!multi.begun()) {
                    throw DISCARD_WITHOUT;
                }
                multi.discard();
                session.multiSize(-1);
                connection.reply(Reply.OK, meter, words, now);
            }
            case UNWATCH -> {
                multi.unwatch();
                connection.reply(Reply.OK, meter, words, now);
            }
            case WATCH -> {
                if (multi.begun()) {
                    throw WATCH_INSIDE;
                }
                watch(connection, meter, words, now);
            }
            case EXEC -> {
                if (!multi.begun()) {
                    throw EXEC_WITHOUT;
                }
                Taken taken = multi.take();
                session.multiSize(-1);
                Optional<RequestId> id = session.takeRequestId(
                        taken.commands().stream().map(Queued::words).toList());
                if (taken.spoiled()) {
                    connection.reply(SPOILED, meter, words, now);
                } else {
                    Taken allowed = rights.allowed(session, taken, now);
                    for (Queued queued : allowed.commands()) {
                        CommandSpec spec = queued.command().spec();
                        monitors.show(session, spec, RunAs.called(queued.words(), spec));
                    }
                    exec(connection, allowed, id, meter, words, now);
                }
            }
        }
    }

    /** Asks for each key where it stands; each is watched from that moment on. */
    private void watch(Connection connection, CommandMeter meter, byte[][] words, long now) throws CommandError {
        Session session = connection.session();
        int database = session.database();
        Arguments arguments = Arguments.of(words, 1, database, session.resp3());
        byte[][] keys = arguments.nextKeys(arguments.size());
        PendingReply pending = connection.owe(meter, words, now, 0, true);
        AtomicReferenceArray<Reply> found = new AtomicReferenceArray<>(keys.length);
        AtomicInteger left = new AtomicInteger(keys.length);
        for (int i = 0; i < keys.length; i++) {
            int place = i;
            Request request = new Request(
                    WatchKey.PROCEDURE.name(), 1, database, session.id(), 0, Optional.empty(), 0, new byte[][] {keys[i]
                    });
            executor.execute(request, new WatchKey(database, keys[i]), reply -> {
                found.set(place, reply);
                if (left.decrementAndGet() == 0) {
                    connection.onLoop(() -> watched(session.multi(), found, pending));
                }
            });
        }
    }

    private static void watched(MultiQueue multi, AtomicReferenceArray<Reply> found, PendingReply pending) {
        List<WatchedKey> keys = new ArrayList<>();
        for (int i = 0; i < found.length(); i++) {
            if (!(found.get(i) instanceof Reply.Bulk(byte[] key))) {
                pending.accept(found.get(i));
                return;
            }
            keys.add(WatchedKey.decode(key));
        }
        keys.forEach(multi::watch);
        pending.accept(Reply.OK);
    }

    private void exec(
            Connection connection, Taken taken, Optional<RequestId> id, CommandMeter meter, byte[][] words, long now)
            throws CommandError {
        Session session = connection.session();
        boolean toRanges = !taken.watched().isEmpty()
                || taken.commands().stream().anyMatch(queued -> MultiQueue.isOfRanges(queued.command()));
        if (!toRanges) {
            PendingReply pending = connection.owe(meter, words, now, 0, true);
            new Rest(connection, taken, List.of(), pending).next();
            return;
        }
        MultiQueue.Select select = (arguments, before) -> selected(session.cluster(), arguments, before);
        int database = session.database();
        boolean resp3 = session.resp3();
        if (MultiQueue.mayWait(taken)) {
            PendingReply pending = connection.owe(meter, words, now, 0, true);
            reads.follow(session, taken, pending);
            virtualThreads.execute(() -> {
                try {
                    MultiQueue.Part part = MultiQueue.part(table, taken, id, session.id(), database, resp3, select);
                    send(connection, taken, part, pending);
                } catch (CommandError error) {
                    pending.accept(error.reply());
                }
            });
            return;
        }
        MultiQueue.Part part = MultiQueue.part(table, taken, id, session.id(), database, resp3, select);
        boolean alone = part.exec().userKeys().isEmpty()
                || part.exec().mayReachOthers()
                || taken.commands().stream().anyMatch(queued -> !MultiQueue.isOfRanges(queued.command()));
        PendingReply pending = connection.owe(meter, words, now, part.request().argumentBytes(), alone);
        reads.follow(session, taken, pending);
        send(connection, taken, part, pending);
    }

    private void send(Connection connection, Taken taken, MultiQueue.Part part, PendingReply pending) {
        boolean mixed = taken.commands().stream().anyMatch(queued -> !MultiQueue.isOfRanges(queued.command()));
        Consumer<Reply> whenDone = !mixed
                ? pending
                : reply -> {
                    if (reply instanceof Reply.Array(List<Reply> replies)) {
                        connection.onLoop(() -> new Rest(connection, taken, replies, pending).next());
                    } else {
                        pending.accept(reply);
                    }
                };
        Request request = part.request().with(ReadFollower.flags(connection.session()));
        executor.execute(request, part.exec(), reply -> whenDone.accept(pubSub.release(reply)));
    }

    /** Runs a command that changes all ranges alike: as an EXEC of it alone, so that they change at one moment. */
    void runInAllRanges(Session session, Command.RangeByRange command, byte[][] words, PendingReply pending) {
        Taken alone = new Taken(List.of(), List.of(new Queued(command, words)), false);
        int database = session.database();
        boolean resp3 = session.resp3();
        Optional<RequestId> id = session.takeRequestId(List.<byte[][]>of(words));
        virtualThreads.execute(() -> {
            try {
                MultiQueue.Part part =
                        MultiQueue.part(table, alone, id, session.id(), database, resp3, (arguments, before) -> before);
                executor.execute(
                        part.request().with(ReadFollower.flags(session)),
                        part.exec(),
                        reply -> pending.accept(
                                reply instanceof Reply.Array(List<Reply> replies) ? replies.getFirst() : reply));
            } catch (CommandError error) {
                pending.accept(error.reply());
            }
        });
    }

    /** Returns the database that SELECT leads to, {@code before} if it fails. */
    private static int selected(boolean cluster, byte[][] arguments, int before) {
        try {
            int number = Databases.parse(arguments[0]);
            return cluster && number != 0 ? before : number;
        } catch (CommandError refused) {
            return before;
        }
    }

    /** What is left of EXEC once the ranges have answered. Confined to the connection's event loop. */
    private final class Rest {

        private final Connection connection;
        private final Iterator<Queued> commands;
        private final Iterator<Reply> ofRanges;
        private final PendingReply pending;
        private final List<Reply> replies = new ArrayList<>();

        Rest(Connection connection, Taken taken, List<Reply> ofRanges, PendingReply pending) {
            this.connection = connection;
            this.commands = taken.commands().iterator();
            this.ofRanges = ofRanges.iterator();
            this.pending = pending;
        }

        /** Answers commands up to the next one whose answer comes later, which calls this again. */
        void next() {
            while (commands.hasNext()) {
                Queued queued = commands.next();
                if (MultiQueue.isOfRanges(queued.command())) {
                    replies.add(ofRanges.next());
                } else if (!answered(queued)) {
                    return;
                }
            }
            pending.accept(Reply.array(replies));
        }

        /** Runs a command about the connection or the server; returns whether it is answered already. */
        private boolean answered(Queued queued) {
            Session session = connection.session();
            Arguments arguments = Arguments.of(
                            queued.words(), queued.command().spec().nameWords(), session.database(), session.resp3())
                    .calledBy(Arguments.Caller.TRANSACTION);
            try {
                switch (queued.command()) {
                    case SessionCommand.Immediate immediate ->
                        replies.add(immediate.code().run(session, arguments));
                    case SessionCommand.Transactional _ -> replies.add(Reply.OK); // UNWATCH: nothing is watched now
                    case Command.Container _ ->
                        replies.add(wholeTable.run(session, Arguments.of(queued.words(), 1, 0, session.resp3())));
                    case SessionCommand.Deferred deferred -> {
                        deferred.code()
                                .run(
                                        session,
                                        arguments,
                                        reply -> connection.onLoop(() -> {
                                            replies.add(reply);
                                            next();
                                        }));
                        return false;
                    }
                    case Command.Data _, Command.RangeByRange _, Command.Session _ ->
                        throw new IllegalStateException("not a command of the session");
                }
            } catch (CommandError error) {
                replies.add(error.reply());
            }
            return true;
        }
    }
}
