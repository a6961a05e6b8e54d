package io.kvasir.gateway.session;

import io.kvasir.gateway.acl.User;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.transaction.MultiQueue;
import io.kvasir.gateway.pubsub.Subscriber;
import io.kvasir.gateway.tracking.Tracker;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.RequestId;
import io.kvasir.txn.CommandExecutor;
import io.kvasir.txn.PinnedSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway knows of one client connection.
 *
 * <p>Written by the connection's event loop alone; the fields that CLIENT LIST shows are volatile and may be read by
 * any thread. {@link #kill} may be called by any thread.
 *
 * <p>This file is long because each thing that is known of a client has a method to say it and one to ask.
 */
public final class Session {

    private static final CommandExecutor.Waiting NOT_WAITING = new CommandExecutor.Waiting() {
        @Override
        public boolean isBlocked() {
            return false;
        }

        @Override
        public boolean end(Reply reply) {
            return false;
        }

        @Override
        public void abandon() {}
    };

    /** How the connection answers. */
    enum Replies {
        ON,
        OFF
    }

    private final long id;
    private final int descriptor;
    private final String address;
    private final String localAddress;
    private final long createdNanos;
    private final boolean cluster;
    private final boolean tls;
    private final Runnable killer;

    private volatile String name = "";
    private volatile String libraryName = "";
    private volatile String libraryVersion = "";
    private volatile int database;
    private volatile boolean resp3;
    private volatile @Nullable User user;
    private volatile boolean unlimited;
    private volatile long usersNumber = -1;
    private volatile boolean mayBeDefault = true;
    private volatile boolean noEvict;
    private volatile boolean noTouch;
    private volatile boolean monitors;
    private volatile boolean ending;
    private volatile boolean blocked;
    private volatile CommandExecutor.Waiting waiting = NOT_WAITING;
    private volatile long activeNanos;
    private volatile @Nullable CommandSpec lastCommand;
    private volatile int queryBytes;
    private volatile long outputBytes;
    private volatile int multiSize = -1;

    /** What the commands of the connection read, in place of the newest data; set while no command runs. */
    private volatile @Nullable PinnedSnapshot snapshot;

    /** What the client was asked to confirm; set while no other command of it runs. */
    private volatile @Nullable Confirmation confirmation;

    private Consistency initialConsistency = Consistency.STRICT;
    private volatile Consistency consistency = initialConsistency;
    private volatile boolean readsReplicas;
    private volatile boolean unsettled = true;
    private long settledNanos;

    private final MultiQueue multi = new MultiQueue();
    private volatile Consumer<Reply> outlet = _ -> {};
    private final Subscriber subscriber = new Subscriber(message -> outlet().accept(message));
    private volatile Consumer<Reply> outletAfterReplies = _ -> {};
    private final Tracker tracker;
    private final MapWatch mapWatch = new MapWatch();
    private Replies replies = Replies.ON;
    private boolean skipNext;
    private boolean silent;
    private @Nullable RequestName requestName;

    /**
     * Makes the session of a new connection, in database 0, speaking RESP2.
     *
     * @param id unique in this gateway, from 1
     * @param descriptor number of the socket, 0 if unknown
     * @param address the client's, as host:port
     * @param cluster whether the listener is of the cluster kind (rule K36)
     * @param tls whether the client speaks TLS
     * @param nowNanos the monotonic clock's reading
     * @param killer closes the connection at once; called by any thread, any number of times
     */
    public Session(
            long id,
            int descriptor,
            String address,
            String localAddress,
            boolean cluster,
            boolean tls,
            long nowNanos,
            Runnable killer) {
        this.id = id;
        this.descriptor = descriptor;
        this.address = address;
        this.localAddress = localAddress;
        this.cluster = cluster;
        this.tls = tls;
        this.createdNanos = nowNanos;
        this.activeNanos = nowNanos;
        this.killer = killer;
        this.tracker = new Tracker(
                id,
                () -> resp3,
                subscriber::isActive,
                message -> outlet().accept(message),
                message -> outletAfterReplies.accept(message));
    }

    public long id() {
        return id;
    }

    public int descriptor() {
        return descriptor;
    }

    public String address() {
        return address;
    }

    public String localAddress() {
        return localAddress;
    }

    /** Returns whether the client came to a listener of the cluster kind. */
    public boolean cluster() {
        return cluster;
    }

    /** Returns whether the client speaks TLS. */
    public boolean tls() {
        return tls;
    }

    public long createdNanos() {
        return createdNanos;
    }

    /** Returns what the client subscribes to; messages for it may be sent by any thread. */
    public Subscriber subscriber() {
        return subscriber;
    }

    /**
     * Says who sends messages to the client that are no replies; both are called by any thread.
     *
     * @param afterReplies sends it behind the replies that are owed when it is called
     */
    public void outlet(Consumer<Reply> taker, Consumer<Reply> afterReplies) {
        outlet = taker;
        outletAfterReplies = afterReplies;
    }

    /** Returns what the client is told of keys that change. */
    public Tracker tracker() {
        return tracker;
    }

    private Consumer<Reply> outlet() {
        return outlet;
    }

    /** Returns whether the client speaks RESP2 and subscribes, so that it may do nothing else. */
    public boolean onlySubscribes() {
        return !resp3 && subscriber.isActive();
    }

    /** Returns what the client has queued since MULTI; the event loop's alone. */
    public MultiQueue multi() {
        return multi;
    }

    /** Returns what watches how well a cluster client knows the map of slots; the event loop's alone. */
    public MapWatch mapWatch() {
        return mapWatch;
    }

    /** Returns the name the client gave itself, empty if none. */
    public String name() {
        return name;
    }

    void name(String newName) {
        name = newName;
    }

    String libraryName() {
        return libraryName;
    }

    void libraryName(String newName) {
        libraryName = newName;
    }

    String libraryVersion() {
        return libraryVersion;
    }

    void libraryVersion(String newVersion) {
        libraryVersion = newVersion;
    }

    /** Returns the number of the selected database. */
    public int database() {
        return database;
    }

    void database(int number) {
        database = number;
    }

    /** Returns whether the client speaks RESP3. */
    public boolean resp3() {
        return resp3;
    }

    void resp3(boolean speaks) {
        resp3 = speaks;
    }

    /**
     * Returns who the client is by what is known of users now, null if it has to log in. A client whose user is gone is
     * closed.
     */
    public @Nullable User user(Users users) {
        long number = users.number();
        if (usersNumber != number) {
            refresh(users);
            usersNumber = number;
        }
        return user;
    }

    private void refresh(Users users) {
        User before = user;
        User now = before == null ? mayBeDefault ? users.withoutPassword() : null : users.find(before.name());
        if (before == null && users.areKnown()) {
            mayBeDefault = false;
        }
        if (before != null && now == null) {
            kill();
        }
        become(now);
    }

    private void become(@Nullable User now) {
        unlimited = now != null && now.isUnlimited();
        user = now;
    }

    /** The client has logged in. */
    public void login(User now) {
        become(now);
    }

    /** Returns whether nothing is forbidden to the client's user; tells what {@link #user} found last. */
    public boolean isUnlimited() {
        return unlimited;
    }

    /** Returns the name of the client's user as it was last found, "default" before it has logged in. */
    public String userName() {
        User known = user;
        return known == null ? User.DEFAULT : known.name();
    }

    /** Returns the client as CLIENT LIST shows it. */
    public String line(long nowNanos) {
        return ClientLine.of(this, nowNanos);
    }

    /** Returns whether the client is logged in, as was last found. */
    public boolean authenticated() {
        return user != null;
    }

    /** Returns what the client asks of its reads. */
    public Consistency consistency() {
        return consistency;
    }

    /** Sets what the client asks of its reads until it says otherwise, and again after RESET. */
    public void initialConsistency(Consistency initial) {
        initialConsistency = initial;
        consistency = initial;
    }

    /** Sets what the client asks of its reads; what it did before counts as seen. */
    void consistency(Consistency wanted) {
        unsettled = true;
        consistency = wanted;
    }

    /** Returns whether reads may be answered by replicas: the client asked for it, or for less than strictness. */
    public boolean readsReplicas() {
        return readsReplicas || consistency.level() != Consistency.Level.STRICT;
    }

    void readsReplicas(boolean may) {
        readsReplicas = may;
    }

    /** The client has seen or done something elsewhere than at the replicas here. Any thread. */
    public void unsettle() {
        if (consistency.level() == Consistency.Level.SESSION) {
            unsettled = true;
        }
    }

    /**
     * Returns the instant with which a replica must be level to answer a read that begins now, before which all earlier
     * commands are answered.
     */
    public OptionalLong readsSince(long nowNanos) {
        if (unsettled) {
            unsettled = false;
            settledNanos = nowNanos;
        }
        return consistency.since(nowNanos, settledNanos);
    }

    /** Returns what the client was asked to confirm, or has confirmed; null if nothing. */
    @Nullable
    Confirmation confirmation() {
        return confirmation;
    }

    void confirmation(@Nullable Confirmation now) {
        confirmation = now;
    }

    boolean noEvict() {
        return noEvict;
    }

    void noEvict(boolean is) {
        noEvict = is;
    }

    /** Returns whether the client is shown what others call. */
    public boolean monitors() {
        return monitors;
    }

    void monitors(boolean is) {
        monitors = is;
    }

    boolean noTouch() {
        return noTouch;
    }

    void noTouch(boolean is) {
        noTouch = is;
    }

    /** Returns whether the connection closes once the replies so far are delivered. */
    public boolean ending() {
        return ending;
    }

    /** Makes the connection close once the replies so far are delivered. */
    void endAfterReply() {
        ending = true;
    }

    /** Returns whether a command of this client waits: for data, or for the end of a pause. */
    public boolean blocked() {
        return blocked || waiting.isBlocked();
    }

    /** Returns the command of this client that waited for data last, perhaps still does. Any thread. */
    public CommandExecutor.Waiting waiting() {
        return waiting;
    }

    /** Notes a command that may wait for data. */
    public void waiting(CommandExecutor.Waiting command) {
        waiting = command;
    }

    /** Says whether a pause holds this client. */
    public void blocked(boolean is) {
        blocked = is;
    }

    /** Notes how many commands are queued since MULTI, -1 if there was none, for those who look from outside. */
    public void multiSize(int commands) {
        multiSize = commands;
    }

    /** Returns the snapshot that the client reads, null if it reads what is newest. */
    public @Nullable PinnedSnapshot snapshot() {
        return snapshot;
    }

    /** Makes the client read {@code pinned} from here on. */
    void openSnapshot(PinnedSnapshot pinned) {
        snapshot = pinned;
    }

    /** Makes the client read what is newest again; does not wait. */
    public void closeSnapshot() {
        PinnedSnapshot open = snapshot;
        snapshot = null;
        if (open != null) {
            open.close();
        }
    }

    int multiSize() {
        return multiSize;
    }

    /** Returns when the client was last heard, as a reading of the monotonic clock. */
    public long activeNanos() {
        return activeNanos;
    }

    /** Notes that bytes came at {@code nowNanos}, of which {@code queryBytes} wait to be read. */
    public void heard(long nowNanos, int queryBytes) {
        activeNanos = nowNanos;
        this.queryBytes = queryBytes;
    }

    /** Notes the bytes of replies that the client has not taken. */
    public void outputBytes(long bytes) {
        outputBytes = bytes;
    }

    int queryBytes() {
        return queryBytes;
    }

    long outputBytes() {
        return outputBytes;
    }

    @Nullable
    CommandSpec lastCommand() {
        return lastCommand;
    }

    /** Notes that a command begins, and whether it will be answered. */
    public void begin(CommandSpec spec) {
        lastCommand = spec;
        if (tracker.mode() != null) {
            tracker.begin(spec.container().equals("CLIENT") || spec.name().equals("MULTI"));
        }
        silent = replies == Replies.OFF || skipNext;
        skipNext = false;
    }

    /** Returns whether the command that began last is not to be answered. */
    public boolean silent() {
        return silent;
    }

    /** Returns whether a request that is refused before it begins is not to be answered; it counts as one. */
    public boolean silentNext() {
        if (!multi.begun()) {
            tracker.begin(false);
        }
        boolean unanswered = replies == Replies.OFF || skipNext;
        skipNext = false;
        return unanswered;
    }

    void replies(Replies mode) {
        replies = mode;
        silent = mode == Replies.OFF;
    }

    /** Leaves this command and the next one unanswered. */
    void skipNextReply() {
        skipNext = replies == Replies.ON;
        silent = true;
    }

    /** Names the next write. */
    void requestName(RequestName next) {
        requestName = next;
    }

    /** Returns the id of the write that consists of {@code commands}, if the client named it; the name is used up. */
    public Optional<RequestId> takeRequestId(List<byte[][]> commands) {
        RequestName named = requestName;
        requestName = null;
        return named == null ? Optional.empty() : Optional.of(named.of(database, commands));
    }

    /** Forgets what the client named its next write. */
    public void forgetRequestName() {
        requestName = null;
    }

    /** Brings everything a client can set back to what a new connection has (RESET). */
    void reset(Users users) {
        closeSnapshot();
        multi.discard();
        subscriber.leaveAll();
        multiSize = -1;
        name = "";
        database = 0;
        resp3 = false;
        noEvict = false;
        noTouch = false;
        consistency = initialConsistency;
        readsReplicas = false;
        replies = Replies.ON;
        skipNext = false;
        silent = false;
        requestName = null;
        confirmation = null;
        become(users.withoutPassword());
    }

    /** Closes the connection at once. */
    public void kill() {
        killer.run();
    }
}
