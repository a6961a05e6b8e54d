package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.FAST;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.PROTECTED;
import static io.kvasir.gateway.command.CommandFlag.READONLY;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.hyperloglog.SelfTest;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.time.TimestampSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** TIME, DEBUG and LOLWUT. */
final class ServerCommands {

    private static final double SLEEP_SECONDS_MAX = 3_600;

    private static final Reply NO_TIME = Reply.error("TRYAGAIN no timestamp could be had from the oracle in time");

    private final Settings settings;
    private final NodeFacts facts;
    private final TimestampSource oracle;

    ServerCommands(Settings settings, NodeFacts facts, TimestampSource oracle) {
        this.settings = settings;
        this.facts = facts;
        this.oracle = oracle;
    }

    List<Command> all() {
        return List.of(
                new SessionCommand.Deferred(
                        Rows.row("TIME", 1, "2.6.0", FAST, LOADING, STALE), (_, _, whenDone) -> time(whenDone)),
                new SessionCommand.Deferred(
                        Rows.row("DEBUG", -2, "1.0.0", ADMIN, LOADING, NOSCRIPT, PROTECTED, STALE), this::debug),
                new SessionCommand.Deferred(
                        Rows.row("PFSELFTEST", 1, "2.8.9", ADMIN).categories(AclCategory.HYPERLOGLOG),
                        (session, _, whenDone) -> selfTest(session, whenDone)),
                Rows.immediate(Rows.row("LOLWUT", -1, "5.0.0", FAST, READONLY), (_, _) -> lolwut()));
    }

    /**
     * Answers with the time of a timestamp issued for this command; its precision is that of the oracle, a millisecond.
     */
    private void time(Consumer<Reply> whenDone) {
        oracle.fetch(timestamp -> {
            if (timestamp == TimestampSource.UNAVAILABLE) {
                whenDone.accept(NO_TIME);
                return;
            }
            long millis = Timestamp.millis(timestamp);
            whenDone.accept(Reply.array(List.of(
                    Reply.bulk(Long.toString(millis / 1_000)), Reply.bulk(Long.toString(millis % 1_000 * 1_000)))));
        });
    }

    /** Runs on a thread of its own: it computes for some ten milliseconds. */
    private void selfTest(Session session, Consumer<Reply> whenDone) {
        long sparseBytesMax = settings.number("hll-sparse-max-bytes");
        Thread.ofVirtual()
                .name("pfselftest")
                .start(() -> whenDone.accept(SelfTest.run(session.id(), sparseBytesMax)
                        .<Reply>map(wrong -> Reply.error("TESTFAILED " + wrong))
                        .orElse(Reply.OK)));
    }

    private void debug(Session session, Arguments arguments, Consumer<Reply> whenDone) throws CommandError {
        String allowed = settings.get("enable-debug-command");
        boolean local =
                session.address().startsWith("127.") || session.address().startsWith("[0:0:0:0:0:0:0:1]");
        if (!allowed.equals("yes") && !(allowed.equals("local") && local)) {
            throw new CommandError(
                    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\","
                            + " you can run it from a local connection, otherwise you need to set this option in the configuration"
                            + " file, and then restart the server.");
        }
        byte[] subcommand = arguments.next();
        if (!Arguments.equalsIgnoreCase(subcommand, "SLEEP") || arguments.remaining() != 1) {
            throw new CommandError("ERR unknown subcommand or wrong number of arguments for '" + Rows.text(subcommand)
                    + "'. Try DEBUG HELP.");
        }
        double seconds = Math.clamp(arguments.nextDouble(), 0, SLEEP_SECONDS_MAX);
        CompletableFuture.delayedExecutor((long) (seconds * 1e9), TimeUnit.NANOSECONDS)
                .execute(() -> whenDone.accept(Reply.OK));
    }

    private Reply lolwut() {
        return Rows.verbatim(
                """
                      __
                 ___( o)>   Odin let Kvasir wander, who knew
                 \\ <_. )    the answer to every question.
                  `---'
                """ + "\nRedis ver. " + NodeFacts.REDIS_VERSION + ", Kvasir ver. " + facts.version() + "\n");
    }
}
