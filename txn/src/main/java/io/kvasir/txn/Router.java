package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.OutcomeCodec;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Awaiting;
import io.kvasir.region.Invocation;
import io.kvasir.region.link.Link;
import io.kvasir.region.range.ForwardedCommand;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.range.StreamPlace;
import io.kvasir.region.retry.OnceOnly;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import java.util.function.ToIntBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sends commands to the leaders of their ranges: a read whose range is led here is answered on the spot, everything
 * else goes through one {@link RegionStream} per region. All range errors end here or there. Safe for any thread.
 */
public final class Router implements CommandExecutor {

    /** How long a command is sent again before the client hears that it had no effect. */
    public static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How long an answer over the link may take before the outcome is unknown. */
    public static final int LINK_TIMEOUT_MILLIS = 15_000;

    /** Argument bytes of a command that is sent to another node: what the link carries, but for the frame around it. */
    public static final long FORWARDED_BYTES_MAX = Link.REQUEST_BYTES_MAX * 3L / 4;

    private static final Reply TOO_LARGE_TO_FORWARD =
            Reply.error("ERR value too large to be sent to the node that leads its slot, at most " + FORWARDED_BYTES_MAX
                    + " bytes of arguments; ask that node itself");

    private final long gateway;
    private final RangeTable local;
    private final Link link;
    private final Ticker ticker;
    private final Timer timer;
    private final RegionStream.Transport transport = new StoreTransport();
    private final ConcurrentHashMap<RegionId, RegionStream> streams = new ConcurrentHashMap<>();

    /** By session. A read may be answered on the spot only if no command of its session is under way (rule K28). */
    private final ConcurrentHashMap<Long, SessionOrder> sessions = new ConcurrentHashMap<>();

    private final Coordinator coordinator;
    private final Participants participants;
    private final Strands strands;
    private final LockResolver resolver;
    private final TimestampSource time;
    private final ReplicaReads replicas;
    private final Waits waits;

    private volatile RouteTable routes;

    /**
     * Makes a router, which also resolves the locks that commands of the ranges here wait for.
     *
     * @param gateway number of this gateway process, unique among live ones
     * @param strands run the transactions over several ranges
     * @param seeds of the random numbers that transactions draw
     */
    public Router(
            long gateway,
            RouteTable routes,
            RangeTable local,
            Link link,
            Ticker ticker,
            Timer timer,
            TimestampSource time,
            Strands strands,
            LongSupplier seeds) {
        this.participants = new Participants(this);
        this.strands = strands;
        this.resolver = new LockResolver(participants);
        this.time = time;
        this.coordinator = new Coordinator(participants, strands, time, ticker, timer, seeds);
        local.resolveLocksBy(resolver);
        this.replicas = new ReplicaReads(participants, local, ticker, timer);
        this.gateway = gateway;
        this.routes = routes;
        this.local = local;
        this.link = link;
        this.ticker = ticker;
        this.timer = timer;
        this.waits = new Waits(this, gateway, local, link, ticker, timer, time, transport);
    }

    /** Returns what clears up behind transactions in the ranges led here, whose records are in {@code engine}. */
    public TransactionSweeper sweeper(Engine engine) {
        return new TransactionSweeper(engine, local, time, resolver, participants);
    }

    @Override
    public void execute(Request request, Invocation parsed, Consumer<Reply> whenDone) {
        Invocation invocation = OnceOnly.of(request, parsed);
        RouteTable table = routes;
        RegionDescriptor region = regionOfAll(table, invocation);
        SessionOrder session = sessions.get(request.session());
        if (region != null && session == null) {
            runMarked(region, request, invocation, whenDone);
            return;
        }
        SessionOrder order =
                session != null ? session : sessions.computeIfAbsent(request.session(), id -> new SessionOrder());
        if (region != null) {
            order.inOrder(() -> runMarked(region, request, invocation, whenDone));
        } else {
            order.alone(() -> coordinator.run(invocation, reply -> {
                order.aloneEnded();
                whenDone.accept(reply);
            }));
        }
    }

    @Override
    public Waiting await(
            Request request, Awaiting awaiting, long timeoutNanos, Reply timedOut, Consumer<Reply> whenDone) {
        return waits.await(request, awaiting, timeoutNanos, timedOut, whenDone);
    }

    @Override
    public void executeAtReplica(
            Request request,
            Invocation invocation,
            OptionalLong since,
            Consumer<Reply> fromReplica,
            Consumer<Reply> fromLeader) {
        SessionOrder session = sessions.get(request.session());
        boolean simple = invocation.readOnly()
                && !invocation.mayReachOthers()
                && !invocation.userKeys().isEmpty()
                && (session == null || session.isIdle());
        RegionDescriptor region = simple ? regionOfAll(routes, invocation) : null;
        if (region == null) {
            execute(request, invocation, fromLeader);
        } else {
            replicas.read(region, invocation, since, fromReplica, () -> execute(request, invocation, fromLeader));
        }
    }

    @Override
    public void readAt(LongUnaryOperator timestamp, Invocation invocation, Consumer<Reply> whenDone) {
        coordinator.readAt(timestamp, invocation, whenDone);
    }

    /** Runs a command at the region of its keys, once more with the whole range marked if it reached others there. */
    private void runMarked(RegionDescriptor region, Request request, Invocation invocation, Consumer<Reply> whenDone) {
        if (!invocation.mayReachOthers() || request.is(Request.FLAG_WHOLE_RANGE)) {
            run(region, request, invocation, coordinator, whenDone);
            return;
        }
        run(region, request, invocation, null, reply -> {
            if (reply == RegionStream.CROSS_RANGE) {
                run(region, request.with(Request.FLAG_WHOLE_RANGE), invocation, coordinator, whenDone);
            } else {
                whenDone.accept(reply);
            }
        });
    }

    /** Returns the region that holds all keys of {@code invocation}, null if several do or it declares none. */
    @Nullable
    RegionDescriptor regionOfAll(Invocation invocation) {
        return regionOfAll(routes, invocation);
    }

    /** Returns the region that holds {@code userKey}, one of those of {@code invocation}. */
    RegionDescriptor regionOf(Invocation invocation, byte[] userKey) {
        return regionOf(routes, invocation, userKey);
    }

    /** Returns the region that holds all keys of {@code invocation}, null if several do or it declares none. */
    private @Nullable RegionDescriptor regionOfAll(RouteTable table, Invocation invocation) {
        if (table.regions().size() == 1) {
            return table.regions().getFirst();
        }
        RegionDescriptor all = null;
        for (byte[] key : invocation.userKeys()) {
            RegionDescriptor region = regionOf(table, invocation, key);
            if (all != null && all != region) {
                return null;
            }
            all = region;
        }
        return all;
    }

    private RegionDescriptor regionOf(RouteTable table, Invocation invocation, byte[] userKey) {
        return regionOf(table, invocation.database(), userKey, this::instance);
    }

    /**
     * Returns the region of a key. Within a slot records are ordered by database instance, so if the slot is cut the
     * instance decides; what is known of it here may be old, and the range then answers that the key is not its own.
     *
     * @param instances instance of a database, as the range of a region that holds its slot knows it
     */
    static RegionDescriptor regionOf(
            RouteTable table, int database, byte[] userKey, ToIntBiFunction<RegionDescriptor, Integer> instances) {
        List<RegionDescriptor> regions = table.regions();
        if (regions.size() == 1) {
            return regions.getFirst();
        }
        RegionDescriptor near = table.find(KeyLayout.stem(database, userKey));
        int instance = instances.applyAsInt(near, database);
        return instance == database ? near : table.find(KeyLayout.stem(instance, userKey));
    }

    /** All ranges map databases alike, but for moments: any replica here will do. */
    private int instance(RegionDescriptor region, int database) {
        Optional<Range> range =
                local.find(region.id()).or(() -> local.all().stream().findFirst());
        return range.isPresent() ? range.get().instance(database) : database;
    }

    @Override
    public void executeAt(RegionDescriptor region, Request request, Invocation invocation, Consumer<Reply> whenDone) {
        for (RegionDescriptor known : routes.regions()) {
            if (known.equals(region)) {
                run(known, request, invocation, null, whenDone);
                return;
            }
        }
        whenDone.accept(Reply.error("TRYAGAIN the range has changed, the command had no effect"));
    }

    /** @param elsewhere runs it if the region turns out not to have all its keys, null if that is an error */
    private void run(
            RegionDescriptor region,
            Request request,
            Invocation invocation,
            @Nullable Coordinator elsewhere,
            Consumer<Reply> whenDone) {
        int[] hashes = Range.hashesOf(request, invocation);
        SessionOrder session = sessions.get(request.session());
        // JNI would pin a virtual thread to its carrier: what runs there goes through the owner.
        if (invocation.readOnly()
                && (session == null || session.isIdle())
                && !Thread.currentThread().isVirtual()) {
            Optional<Range> range = local.find(region.id());
            if (range.isPresent()) {
                Reply reply = range.get().readNow(invocation, hashes);
                if (reply == Range.ON_DISK) {
                    readAside(range.get(), region, request, invocation, hashes, elsewhere, whenDone);
                    return;
                }
                if (reply != null) {
                    whenDone.accept(reply);
                    return;
                }
            }
        }
        SessionOrder order =
                session != null ? session : sessions.computeIfAbsent(request.session(), id -> new SessionOrder());
        send(region, request, invocation, hashes, order, elsewhere, whenDone);
    }

    private void send(
            RegionDescriptor region,
            Request request,
            Invocation invocation,
            int[] hashes,
            SessionOrder order,
            @Nullable Coordinator elsewhere,
            Consumer<Reply> whenDone) {
        RegionStream stream =
                streams.computeIfAbsent(region.id(), id -> new RegionStream(region, gateway, transport, ticker, timer));
        stream.send(new RoutedCommand(
                request, invocation, hashes, ticker.nanoTime() + GIVE_UP_NANOS, order, elsewhere, whenDone));
    }

    /**
     * Has a read wait for the disk beside the owner, which is spared two turns and a timestamp. Later commands of its
     * session wait for it, since nothing else keeps them behind it (rule K28).
     */
    private void readAside(
            Range range,
            RegionDescriptor region,
            Request request,
            Invocation invocation,
            int[] hashes,
            @Nullable Coordinator elsewhere,
            Consumer<Reply> whenDone) {
        SessionOrder order = sessions.computeIfAbsent(request.session(), id -> new SessionOrder());
        order.alone(() -> {
            Runnable throughOwner = () -> {
                send(region, request, invocation, hashes, order, elsewhere, whenDone);
                order.aloneEnded(); // it is under way: what waits comes after it
            };
            boolean taken = range.readAside(invocation, hashes, reply -> {
                if (reply == null) {
                    range.atOwner(throughOwner);
                } else {
                    order.aloneEnded(range::atOwner);
                    whenDone.accept(reply);
                }
            });
            if (!taken) {
                throughOwner.run();
            }
        });
    }

    /**
     * Runs {@code level} once the replica of {@code region} here has applied all that was acknowledged to anybody
     * before {@code sinceNanos}, a reading of the monotonic clock, or {@code unknown} if that cannot be found out soon;
     * one of them once, on any thread.
     */
    public void whenLevel(RegionDescriptor region, long sinceNanos, Runnable level, Runnable unknown) {
        replicas.whenLevel(region, sinceNanos, level, unknown);
    }

    /** Returns the number of this gateway process. */
    public long gateway() {
        return gateway;
    }

    @Override
    public List<RegionDescriptor> regions() {
        return routes.regions();
    }

    @Override
    public PinnedSnapshot pin(int databases) throws SnapshotRefused {
        return PinnedSnapshot.open(participants, strands, time, ticker, databases);
    }

    /** Replaces the routes by newer ones. */
    public void learn(RouteTable newer) {
        routes = newer;
    }

    @Override
    public void sessionEnded(long session) {
        sessions.remove(session);
    }

    /** To the range in this process, or over the link. */
    private final class StoreTransport implements RegionStream.Transport {

        @Override
        public void send(
                StoreId to,
                RegionDescriptor region,
                StreamPlace place,
                long number,
                RoutedCommand command,
                Consumer<Outcome> back) {
            if (to.equals(link.self())) {
                Optional<Range> range = local.find(region.id());
                if (range.isEmpty()) {
                    back.accept(new Outcome.NotLeader(Optional.empty()));
                    return;
                }
                range.get()
                        .submit(
                                command.request,
                                command.invocation,
                                command.hashes,
                                region.epoch().version(),
                                place,
                                back);
                return;
            }
            if (command.request.argumentBytes() > FORWARDED_BYTES_MAX) {
                back.accept(new Outcome.Done(TOO_LARGE_TO_FORWARD));
                return;
            }
            byte[] message = new ForwardedCommand(region.id(), region.epoch().version(), place, number, command.request)
                    .encode();
            link.send(to, Link.Channel.COMMAND, message, LINK_TIMEOUT_MILLIS, (response, failure) -> {
                if (response != null) {
                    back.accept(OutcomeCodec.decode(response));
                } else if (failure != null && !failure.sent()) {
                    back.accept(new Outcome.Refused(failure.reason()));
                } else {
                    back.accept(new Outcome.Undetermined());
                }
            });
        }

        /** Asks the leader that was named, else the one the replica here knows, else each voter in turn. */
        @Override
        public StoreId target(RegionDescriptor region, Optional<StoreId> hint, int failures) {
            if (hint.isPresent() && failures % 4 != 3) {
                return hint.get();
            }
            Optional<StoreId> known = local.find(region.id()).flatMap(Range::leader);
            if (known.isPresent() && failures % 2 == 0) {
                return known.get();
            }
            return region.voters().get(failures % region.voters().size()).store();
        }
    }
}
