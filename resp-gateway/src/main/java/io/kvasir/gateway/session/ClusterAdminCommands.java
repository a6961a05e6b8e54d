package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.NO_ASYNC_LOADING;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.proto.reply.Reply;
import java.util.List;
import java.util.function.Supplier;

/**
 * The CLUSTER commands by which an administrator of Redis Cluster moves slots and replicas about. The placement driver
 * does that here, so they are refused; what is no order but a wish for durability is granted already. Safe for any
 * thread.
 */
final class ClusterAdminCommands {

    private static final CommandError PLACED =
            new CommandError("ERR slots, nodes and replicas are placed by the placement driver, see kvasir ctl");

    private final Supplier<ClusterView> view;

    ClusterAdminCommands(Supplier<ClusterView> view) {
        this.view = view;
    }

    List<Command> all() {
        return List.of(
                refused("ADDSLOTS", -3, "3.0.0"),
                refused("ADDSLOTSRANGE", -4, "7.0.0"),
                refused("DELSLOTS", -3, "3.0.0"),
                refused("DELSLOTSRANGE", -4, "7.0.0"),
                refused("FAILOVER", -2, "3.0.0"),
                refused("FLUSHSLOTS", 2, "3.0.0"),
                refused("FORGET", 3, "3.0.0"),
                refused("MEET", -4, "3.0.0"),
                refused("REPLICATE", 3, "3.0.0"),
                of(Rows.row("CLUSTER RESET", -2, "3.0.0", ADMIN, NOSCRIPT, STALE), this::refuse),
                refused("SET-CONFIG-EPOCH", 3, "3.0.0"),
                refused("SETSLOT", -4, "3.0.0"),
                of(row("SAVECONFIG", 2, "3.0.0"), () -> Reply.OK),
                of(
                        row("BUMPEPOCH", 2, "3.0.0"),
                        () -> new Reply.Status("STILL " + view.get().epoch())));
    }

    private Command refused(String name, int arity, String since) {
        return of(row(name, arity, since), this::refuse);
    }

    private Reply refuse() throws CommandError {
        throw PLACED;
    }

    private static CommandSpec row(String name, int arity, String since) {
        return Rows.row("CLUSTER " + name, arity, since, ADMIN, NO_ASYNC_LOADING, STALE);
    }

    @FunctionalInterface
    private interface Code {

        Reply run() throws CommandError;
    }

    private static Command of(CommandSpec spec, Code code) {
        return Rows.immediate(spec, (session, _) -> {
            if (!session.cluster()) {
                throw ClusterCommands.DISABLED;
            }
            return code.run();
        });
    }
}
