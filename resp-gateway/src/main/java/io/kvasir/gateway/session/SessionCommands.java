package io.kvasir.gateway.session;

import io.kvasir.gateway.acl.AclLog;
import io.kvasir.gateway.acl.User;
import io.kvasir.gateway.acl.UserDirectory;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.database.Wait;
import io.kvasir.gateway.pubsub.PubSub;
import io.kvasir.gateway.pubsub.Topic;
import io.kvasir.gateway.script.Scripts;
import io.kvasir.gateway.tracking.Tracker;
import io.kvasir.gateway.tracking.Tracking;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.TimestampSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All commands about connections and the server, the table they form with the commands over data, and what they share.
 * Built once, by assembly; safe for any thread.
 */
public final class SessionCommands {

    private static final CommandSpec AT =
            Rows.row("AT", -3, "7.2.0", CommandFlag.NOSCRIPT, CommandFlag.NO_MULTI, CommandFlag.READONLY);

    /** What clients have read and may keep takes at most the heap's bytes divided by this. */
    private static final int TRACKING_HEAP_PART = 16;

    private final Sessions sessions = new Sessions();
    private final SlowLog slowLog;
    private final Settings settings;
    private final CommandTable table;
    private final Statistics statistics;
    private final TableCommands tableCommands;
    private final Supplier<ClusterView> cluster;
    private final PubSub pubSub = new PubSub();
    private final Tracking tracking;
    private final Monitors monitors;
    private final AuditLog audit;
    private final Scripts scripts;
    private final Users users;
    private final UserDirectory directory;
    private final Confirmations confirmations;
    private final InfoCommand info;
    private final Runnable learnSettings;

    /**
     * What the commands need of the rest of the process.
     *
     * @param startSettings values of CONFIG at the start that differ from Redis' own, by name
     * @param readings measures of the node; must not wait
     * @param cluster the map of slots; must not wait
     * @param oracle gives the time that TIME answers
     * @param ticker the monotonic clock
     * @param unixMillis the time shown in SLOWLOG and INFO, in ms since the Unix epoch; it decides nothing
     * @param node what clients may have the whole node do
     */
    public record Surroundings(
            java.util.Map<String, String> startSettings,
            NodeFacts facts,
            Supplier<NodeReadings> readings,
            Supplier<ClusterView> cluster,
            TimestampSource oracle,
            Ticker ticker,
            LongSupplier unixMillis,
            NodeActions node) {}

    /**
     * Makes the commands and the table of all commands.
     *
     * @param others commands that neither this class nor the table itself knows
     * @throws IllegalArgumentException if a setting is unknown or its value not allowed
     */
    public SessionCommands(Surroundings around, Collection<? extends Command> others) {
        cluster = around.cluster();
        AclLog aclLog = new AclLog(around.unixMillis());
        users = new Users(this::table, aclLog);
        directory = new UserDirectory(users, this::table);
        confirmations = new Confirmations(around.oracle());
        scripts = new Scripts(this::table, users, around.ticker());
        slowLog = new SlowLog(around.unixMillis());
        settings = new Settings(around.startSettings(), slowLog);
        tracking = new Tracking(
                this::tracker,
                () -> settings.number("tracking-table-max-keys"),
                Runtime.getRuntime().maxMemory() / TRACKING_HEAP_PART);
        monitors = new Monitors(around.unixMillis());
        audit = new AuditLog(around.unixMillis());
        aclLog.listener(audit::denied);
        PersistenceCommands persistence = new PersistenceCommands(around.node(), around.unixMillis());
        learnSettings = () -> {
            users.password(settings.password());
            aclLog.max((int) Math.min(AclLog.ENTRIES_MAX, settings.number("acllog-max-len")));
        };
        learnSettings.run();
        // The table holds commands that speak of the table and of what is counted for each of its rows.
        tableCommands = new TableCommands(this::table, users);
        List<Command> all = new ArrayList<>(others);
        all.addAll(new ConnectionCommands(settings, users, tracking, monitors, around.ticker()).all());
        all.addAll(new AclCommands(users, directory, this::table).all());
        all.addAll(new InterceptCommands(users, directory, confirmations).all());
        all.addAll(TransactionCommands.all());
        all.addAll(Wait.rows());
        all.add(new SessionCommand.AtTime(AT));
        all.addAll(scripts.rows());
        all.addAll(new ScriptCommands(scripts).all());
        all.addAll(new PubSubCommands(pubSub).all());
        all.addAll(new ClientCommands(sessions, users, around.ticker()).all());
        all.addAll(new TrackingCommands(tracking, sessions).all());
        all.addAll(tableCommands.all());
        all.addAll(new ConfigCommands(settings, this::statistics, () -> {
                    learnSettings.run();
                    pubSub.classesChanged();
                })
                .all());
        all.addAll(new ServerCommands(settings, around.facts(), around.oracle()).all());
        all.addAll(new HistoryCommands(slowLog, this::statistics, this::table).all());
        all.addAll(new LatencyCommands(slowLog.peaks()).all());
        all.addAll(new MemoryCommands(around.readings()).all());
        all.addAll(new ClusterCommands(around.cluster()).all());
        all.addAll(new ClusterAdminCommands(around.cluster()).all());
        FailoverCommand failover = new FailoverCommand(around.node().handOver(), around.cluster(), around.ticker());
        all.add(failover.row());
        all.addAll(new TopologyCommands(around.cluster(), around.readings()).all());
        all.addAll(ModuleCommands.all());
        all.addAll(persistence.all());
        all.add(monitors.row());
        info = new InfoCommand(
                around.facts(),
                around.readings(),
                sessions,
                pubSub,
                tracking,
                persistence,
                failover,
                aclLog,
                settings,
                this::statistics,
                around.ticker(),
                around.unixMillis());
        all.add(info.command());
        table = new CommandTable(all);
        statistics = new Statistics(table);
    }

    /** Returns the table of all commands. */
    public CommandTable table() {
        return table;
    }

    /**
     * Takes over the settings that {@code file} says; CONFIG REWRITE writes there. Waits for the disk.
     *
     * @throws IOException with one line that says what is wrong in it
     */
    public void keepSettings(Path file) throws IOException {
        settings.keepIn(file);
        learnSettings.run();
        pubSub.classesChanged();
    }

    /** Returns all that INFO says. Any thread. */
    public String info() {
        return info.all();
    }

    /** Returns the scripts that this node knows. */
    public Scripts scripts() {
        return scripts;
    }

    /** Returns the users and what they may do. */
    public Users users() {
        return users;
    }

    /** Returns what keeps the users level with what is stored. */
    public UserDirectory directory() {
        return directory;
    }

    /** Returns what has clients confirm calls. */
    public Confirmations confirmations() {
        return confirmations;
    }

    /** Closes clients whose user is gone, and those that subscribe to what their user may not hear any more. */
    public void enforceUsers() {
        for (Session session : sessions.all()) {
            if (session.authenticated() && !mayStay(session)) {
                session.kill();
            }
        }
    }

    private boolean mayStay(Session session) {
        User user = users.find(session.userName());
        return user != null
                && (user.isUnlimited()
                        || mayHear(user, session, Topic.CHANNEL)
                                && mayHear(user, session, Topic.SHARD)
                                && mayHear(user, session, Topic.PATTERN));
    }

    private static boolean mayHear(User user, Session session, Topic topic) {
        return PubSub.names(session.subscriber(), topic).stream()
                .allMatch(name -> user.mayHear(name, topic == Topic.PATTERN));
    }

    private @Nullable Tracker tracker(long client) {
        Session session = sessions.find(client);
        return session == null ? null : session.tracker();
    }

    /** Returns the clients that are shown what others call. */
    public Monitors monitors() {
        return monitors;
    }

    /** Returns what notes who did what. */
    public AuditLog audit() {
        return audit;
    }

    /** Returns what tells clients of keys that change. */
    public Tracking tracking() {
        return tracking;
    }

    /** Returns who subscribes to what. */
    public PubSub pubSub() {
        return pubSub;
    }

    public Sessions sessions() {
        return sessions;
    }

    public Settings settings() {
        return settings;
    }

    public SlowLog slowLog() {
        return slowLog;
    }

    public Statistics statistics() {
        return statistics;
    }

    /** Returns the map of slots, as it changes. */
    public Supplier<ClusterView> cluster() {
        return cluster;
    }

    /** Returns what COMMAND without a subcommand does. */
    public SessionCommand.ImmediateCode wholeTable() {
        return (session, _) -> tableCommands.whole(session);
    }
}
