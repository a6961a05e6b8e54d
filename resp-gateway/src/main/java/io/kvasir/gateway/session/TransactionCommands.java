package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ALLOW_BUSY;
import static io.kvasir.gateway.command.CommandFlag.FAST;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.SKIP_SLOWLOG;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.session.SessionCommand.Step;
import java.util.List;

/** The rows of MULTI, EXEC, DISCARD, WATCH and UNWATCH. */
final class TransactionCommands {

    private TransactionCommands() {}

    static List<Command> all() {
        return List.of(
                new SessionCommand.Transactional(
                        row("MULTI", 1, "1.2.0", ALLOW_BUSY, FAST, LOADING, NOSCRIPT, STALE), Step.MULTI),
                new SessionCommand.Transactional(
                        row("EXEC", 1, "1.2.0", LOADING, NOSCRIPT, SKIP_SLOWLOG, STALE), Step.EXEC),
                new SessionCommand.Transactional(
                        row("DISCARD", 1, "2.0.0", ALLOW_BUSY, FAST, LOADING, NOSCRIPT, STALE), Step.DISCARD),
                new SessionCommand.Transactional(
                        row("WATCH", -2, "2.2.0", ALLOW_BUSY, FAST, LOADING, NOSCRIPT, STALE)
                                .keys(1, -1, 1, KeySpec.Access.READ),
                        Step.WATCH),
                new SessionCommand.Transactional(
                        row("UNWATCH", 1, "2.2.0", ALLOW_BUSY, FAST, LOADING, NOSCRIPT, STALE), Step.UNWATCH));
    }

    private static CommandSpec row(String name, int arity, String since, CommandFlag... flags) {
        return Rows.row(name, arity, since, flags).categories(AclCategory.TRANSACTION);
    }
}
