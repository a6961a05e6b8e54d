package io.kvasir.gateway.session;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.time.Timer;
import io.kvasir.txn.CommandExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code MIGRATE host port key|"" db timeout [COPY] [REPLACE] [AUTH password] [AUTH2 user password] [KEYS key ...]}:
 * sends keys to another server and deletes here those that it took (redis cluster.c, migrateCommand); {@link Migration}
 * says how. It waits for the network on a thread of its own, of which there are few. Safe for any thread.
 */
public final class MigrateCommand {

    /** Migrations that may be under way at once; one more is refused. */
    static final int UNDER_WAY_MAX = 8;

    /** What a step may take where the client names no time, as in Redis. */
    private static final int TIMEOUT_MILLIS_DEFAULT = 1_000;

    private static final int IDLE_SECONDS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(MigrateCommand.class);

    private static final CommandError ONE_OR_MANY =
            new CommandError("ERR When using MIGRATE KEYS option, the key argument must be set to the empty string");
    private static final CommandError TOO_MANY =
            new CommandError("TRYAGAIN " + UNDER_WAY_MAX + " MIGRATE are under way at this node, nothing was sent");
    private static final CommandError IN_TRANSACTION =
            new CommandError("ERR MIGRATE is not possible inside a transaction: it waits for another server");
    private static final Reply BROKEN = Reply.error("ERR internal error, see the log of this node");

    private static final byte[] AUTH = "AUTH".getBytes(StandardCharsets.US_ASCII);

    private final CommandExecutor executor;
    private final Supplier<CommandTable> table;
    private final Supplier<@Nullable SSLSocketFactory> tls;
    private final Timer timer;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0,
            UNDER_WAY_MAX,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("kvasir-migrate-", 0).factory());

    /**
     * @param table of all commands, asked for once commands run
     * @param tls makes the sockets to targets, null for plain ones
     */
    public MigrateCommand(
            CommandExecutor executor,
            Supplier<CommandTable> table,
            Supplier<@Nullable SSLSocketFactory> tls,
            Timer timer) {
        this.executor = executor;
        this.table = table;
        this.tls = tls;
        this.timer = timer;
    }

    /** Returns the row. */
    public Command row() {
        return new SessionCommand.Deferred(
                Rows.row("MIGRATE", -6, "2.6.0", CommandFlag.WRITE)
                        .categories(AclCategory.KEYSPACE, AclCategory.DANGEROUS)
                        .keys(
                                new KeySpec.MigratedKey(KeySpec.Access.READ_WRITE),
                                new KeySpec.MigratedKeys(KeySpec.Access.READ_WRITE)),
                this::run);
    }

    private void run(Session session, Arguments arguments, Consumer<Reply> whenDone) throws CommandError {
        Migration.Order order = parse(arguments);
        if (arguments.caller() == Arguments.Caller.TRANSACTION) {
            throw IN_TRANSACTION;
        }
        Migration migration = new Migration(
                order,
                new Migration.Source(executor, table.get(), session.id(), session.database(), session.cluster()));
        try {
            threads.execute(() -> whenDone.accept(reply(migration)));
        } catch (RejectedExecutionException busy) {
            throw TOO_MANY;
        }
    }

    private Reply reply(Migration migration) {
        try {
            return migration.run(order ->
                    TargetConnection.open(order.host(), order.port(), order.timeoutMillis(), tls.get(), timer));
        } catch (RuntimeException | AssertionError fault) {
            LOG.error("MIGRATE failed", fault);
            return BROKEN;
        }
    }

    private static Migration.Order parse(Arguments arguments) throws CommandError {
        String host = Rows.text(arguments.next());
        String port = Rows.text(arguments.next());
        byte[] key = arguments.nextKey();
        byte[] database = arguments.next();
        byte[] timeout = arguments.next();
        boolean copy = false;
        boolean replace = false;
        List<byte[]> login = List.of();
        List<byte[]> keys = List.of(key);
        while (arguments.hasNext()) {
            if (arguments.accept("COPY")) {
                copy = true;
            } else if (arguments.accept("REPLACE")) {
                replace = true;
            } else if (arguments.remaining() > 1 && arguments.accept("AUTH")) {
                login = List.of(AUTH, arguments.next());
            } else if (arguments.remaining() > 2 && arguments.accept("AUTH2")) {
                login = List.of(AUTH, arguments.next(), arguments.next());
            } else if (arguments.accept("KEYS")) {
                if (key.length > 0) {
                    throw ONE_OR_MANY;
                }
                keys = new ArrayList<>(Arrays.asList(arguments.nextKeys(arguments.remaining())));
            } else {
                throw CommandError.SYNTAX;
            }
        }
        long millis = NumberText.parseLong(timeout);
        long number = NumberText.parseLong(database);
        int step = millis <= 0 ? TIMEOUT_MILLIS_DEFAULT : (int) Math.min(millis, Integer.MAX_VALUE);
        return new Migration.Order(host, port, keys, number, step, copy, replace, login);
    }
}
