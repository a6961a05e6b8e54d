package io.kvasir.gateway.session;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.database.Databases;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.txn.CommandExecutor;
import io.kvasir.txn.PinnedSnapshot;
import io.kvasir.txn.SnapshotRefused;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * {@code KVASIR.SNAPSHOT OPEN}: from here on the commands of this connection read all databases as they stand now, and
 * nothing that is written later; what is not a read is refused. Answers the time in ms since the Unix epoch.
 * {@code KVASIR.SNAPSHOT CLOSE}: they read what is newest again. No command of Redis; {@code ./kvasir export} uses it.
 */
public final class SnapshotCommand {

    private final CommandExecutor executor;
    private final Executor virtualThreads;

    /** @param virtualThreads runs what waits */
    public SnapshotCommand(CommandExecutor executor, Executor virtualThreads) {
        this.executor = executor;
        this.virtualThreads = virtualThreads;
    }

    /** Returns the row. */
    public Command row() {
        return new SessionCommand.Deferred(
                Rows.row("KVASIR.SNAPSHOT", 2, "7.2.0", CommandFlag.NO_MULTI, CommandFlag.NOSCRIPT)
                        .categories(AclCategory.DANGEROUS),
                this::run);
    }

    private void run(Session session, Arguments arguments, Consumer<Reply> whenDone) throws CommandError {
        if (arguments.accept("CLOSE")) {
            session.closeSnapshot();
            whenDone.accept(Reply.OK);
        } else if (arguments.accept("OPEN")) {
            session.closeSnapshot();
            virtualThreads.execute(() -> whenDone.accept(open(session)));
        } else {
            throw CommandError.SYNTAX;
        }
    }

    private Reply open(Session session) {
        try {
            PinnedSnapshot pinned = executor.pin(Databases.COUNT);
            session.openSnapshot(pinned);
            return Reply.of(Timestamp.millis(pinned.timestamp()));
        } catch (SnapshotRefused refused) {
            return refused.reply();
        }
    }
}
