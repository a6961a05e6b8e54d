package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.ALLOW_BUSY;
import static io.kvasir.gateway.command.CommandFlag.FAST;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.NO_ASYNC_LOADING;
import static io.kvasir.gateway.command.CommandFlag.NO_MULTI;
import static io.kvasir.gateway.command.CommandFlag.SENTINEL;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.reply.Reply;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SAVE and its relatives, and SHUTDOWN (redis rdb.c, aof.c and server.c). What a client was told to be written is on
 * the disks of a majority anyway; a checkpoint writes what the engine of this node holds in memory to its files, so
 * that the next start has less of the log to replay. Safe for any thread.
 */
final class PersistenceCommands {

    private static final Logger LOG = LoggerFactory.getLogger(PersistenceCommands.class);
    private static final CommandError UNDER_WAY = new CommandError("ERR Background save already in progress");
    private static final Reply FAILED = Reply.error("ERR the checkpoint failed, see the log of this node");
    private static final Reply SAVING = new Reply.Status("Background saving started");
    private static final Reply REWRITING = new Reply.Status("Background append only file rewriting started");

    private final NodeActions node;
    private final LongSupplier unixMillis;
    private final AtomicBoolean saving = new AtomicBoolean();
    private volatile long lastSaveMillis;

    /** @param unixMillis the time that LASTSAVE shows, in ms since the Unix epoch; it decides nothing */
    PersistenceCommands(NodeActions node, LongSupplier unixMillis) {
        this.node = node;
        this.unixMillis = unixMillis;
        this.lastSaveMillis = unixMillis.getAsLong();
    }

    List<Command> all() {
        return List.of(
                new SessionCommand.Deferred(
                        Rows.row("SAVE", 1, "1.0.0", ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI),
                        (_, _, whenDone) -> begin(whenDone)),
                Rows.immediate(Rows.row("BGSAVE", -1, "1.0.0", ADMIN, NOSCRIPT, NO_ASYNC_LOADING), this::inBackground),
                Rows.immediate(
                        Rows.row("LASTSAVE", 1, "1.0.0", FAST, LOADING, STALE)
                                .categories(AclCategory.ADMIN, AclCategory.DANGEROUS),
                        (_, _) -> Reply.of(lastSaveSeconds())),
                Rows.immediate(Rows.row("BGREWRITEAOF", 1, "1.0.0", ADMIN, NOSCRIPT, NO_ASYNC_LOADING), (_, _) -> {
                    begin(_ -> {});
                    return REWRITING;
                }),
                new SessionCommand.Deferred(
                        Rows.row(
                                "SHUTDOWN",
                                -1,
                                "1.0.0",
                                ADMIN,
                                ALLOW_BUSY,
                                LOADING,
                                NOSCRIPT,
                                NO_MULTI,
                                SENTINEL,
                                STALE),
                        (session, arguments, _) -> shutdown(session, arguments)));
    }

    /** Returns when the last checkpoint ended, or this process began, in s since the Unix epoch. */
    long lastSaveSeconds() {
        return lastSaveMillis / 1_000;
    }

    boolean isSaving() {
        return saving.get();
    }

    /** Begins a checkpoint; the engine is called by a thread of its own, because it waits for the disk. */
    private void begin(Consumer<Reply> whenDone) throws CommandError {
        if (!saving.compareAndSet(false, true)) {
            throw UNDER_WAY;
        }
        Thread.ofPlatform().name("kvasir-checkpoint").daemon().start(() -> {
            Reply reply = save();
            saving.set(false);
            whenDone.accept(reply);
        });
    }

    private Reply save() {
        try {
            node.flush().run();
        } catch (RuntimeException fault) {
            LOG.error("a checkpoint failed", fault);
            return FAILED;
        }
        lastSaveMillis = unixMillis.getAsLong();
        return Reply.OK;
    }

    private Reply inBackground(Session session, Arguments arguments) throws CommandError {
        if (arguments.size() > 1 || arguments.hasNext() && !arguments.accept("SCHEDULE")) {
            throw CommandError.SYNTAX;
        }
        begin(_ -> {});
        return SAVING;
    }

    /** Ends the process as SIGTERM does. All is saved anyway, so that nothing hangs on the options. */
    private void shutdown(Session session, Arguments arguments) throws CommandError {
        boolean abort = false;
        boolean save = false;
        boolean noSave = false;
        while (arguments.hasNext()) {
            if (arguments.accept("ABORT")) {
                abort = true;
            } else if (arguments.accept("SAVE")) {
                save = true;
            } else if (arguments.accept("NOSAVE")) {
                noSave = true;
            } else if (!arguments.accept("NOW") && !arguments.accept("FORCE")) {
                throw CommandError.SYNTAX;
            }
        }
        if (abort && arguments.size() > 1 || save && noSave) {
            throw CommandError.SYNTAX;
        }
        if (abort) {
            throw new CommandError("ERR No shutdown in progress.");
        }
        LOG.info("a client stops this node client={} user={}", session.address(), session.userName());
        node.stop().run();
        session.kill();
    }
}
