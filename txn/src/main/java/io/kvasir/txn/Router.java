package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 *
 * <p>This file is long because every way of a command to its range begins here, and ends here when the range was split.
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
    private final RegionStream.Transport transport = new StoreTransport();
    private final RegionStreams streams;

    /** By session. A read may be answered on the spot only if no command of its session is under way (rule K28). */
    private final ConcurrentHashMap<Long, SessionOrder> sessions = new ConcurrentHashMap<>();

    private final Coordinator coordinator;
    private final Participants participants;
    private final Strands strands;
    private final LockResolver resolver;
    private final TimestampSource time;
    private final ReplicaReads replicas;
    private final Waits waits;

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
        this.local = local;
        this.link = link;
        this.ticker = ticker;
        this.streams = new RegionStreams(routes, gateway, transport, ticker, timer, this::routeAgain);
        this.waits = new Waits(this, gateway, local, link, ticker, timer, time, transport);
    }

    /** Returns what clears up behind transactions in the ranges led here, whose records are in {@code engine}. */
    public TransactionSweeper sweeper(Engine engine) {
        return new TransactionSweeper(engine, local, time, resolver, participants);
    }

    @Override
    public void execute(Request request, Invocation parsed, Consumer<Reply> whenDone) {
        Invocation invocation = OnceOnly.of(request, parsed);
        RouteTable table = streams.routes();
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
        RegionDescriptor region = simple ? regionOfAll(streams.routes(), invocation) : null;
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
        return regionOfAll(streams.routes(), invocation);
    }

    /** Returns the region that holds {@code userKey}, one of those of {@code invocation}. */
    RegionDescriptor regionOf(Invocation invocation, byte[] userKey) {
        return regionOf(streams.routes(), invocation, userKey);
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

    /**
     * All ranges map databases alike, but for moments: any replica here will do, else what transactions have learned.
     */
    private int instance(RegionDescriptor region, int database) {
        Optional<Range> range =
                local.find(region.id()).or(() -> local.all().stream().findFirst());
        return range.isPresent() ? range.get().instance(database) : coordinator.instanceLearned(database);
    }

    @Override
    public void executeAt(RegionDescriptor region, Request request, Invocation invocation, Consumer<Reply> whenDone) {
        if (streams.isCurrent(region)) {
            run(region, request, invocation, null, true, whenDone);
        } else {
            whenDone.accept(RegionStream.CHANGED);
        }
    }

    private void run(
            RegionDescriptor region,
            Request request,
            Invocation invocation,
            @Nullable Coordinator elsewhere,
            Consumer<Reply> whenDone) {
        run(region, request, invocation, elsewhere, false, whenDone);
    }

    /**
     * @param pinned whether it is for this version of the region alone
     * @param elsewhere runs it if the region turns out not to have all its keys, null if that is an error
     */
    private void run(
            RegionDescriptor region,
            Request request,
            Invocation invocation,
            @Nullable Coordinator elsewhere,
            boolean pinned,
            Consumer<Reply> whenDone) {
        int[] hashes = Range.hashesOf(request, invocation);
        SessionOrder session = sessions.get(request.session());
        // JNI would pin a virtual thread to its carrier: what runs there goes through the owner.
        if (invocation.readOnly()
                && (session == null || session.isIdle())
                && !Thread.currentThread().isVirtual()) {
            Optional<Range> range = local.find(region.id());
            if (range.isPresent()) {
                Reply reply =
                        range.get().readNow(invocation, hashes, region.epoch().version());
                if (reply == Range.ON_DISK) {
                    readAside(range.get(), region, request, invocation, hashes, elsewhere, pinned, whenDone);
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
        send(region, request, invocation, hashes, order, elsewhere, pinned, whenDone);
    }

    private void send(
            RegionDescriptor region,
            Request request,
            Invocation invocation,
            int[] hashes,
            SessionOrder order,
            @Nullable Coordinator elsewhere,
            boolean pinned,
            Consumer<Reply> whenDone) {
        place(
                region,
                new RoutedCommand(
                        request,
                        invocation,
                        hashes,
                        ticker.nanoTime() + GIVE_UP_NANOS,
                        order,
                        elsewhere,
                        pinned,
                        whenDone));
    }

    /**
     * Puts {@code command}, issued just now, at the end of the stream of {@code region} or of what has its keys now.
     */
    private void place(RegionDescriptor region, RoutedCommand command) {
        RegionDescriptor known = region;
        while (!streams.send(known, command)) {
            RegionDescriptor all = command.isPinned() ? null : regionOfAll(streams.routes(), command.invocation);
            if (all == null) {
                leave(command);
                return;
            }
            known = all;
        }
    }

    /** Its keys are in one range no more. */
    private static void leave(RoutedCommand command) {
        if (command.isPinned()) {
            command.finish(RegionStream.CHANGED);
        } else if (command.mayLeaveRange()) {
            command.leaveRange();
        } else {
            command.finish(RegionStream.CROSS_RANGE);
        }
    }

    /**
     * Routes the commands of streams that have ended, in order. One whose keys are in several ranges now runs when all
     * before it of its session have ended, and the later ones of its session after it (rule K29).
     */
    private void routeAgain(RegionStreams.Handover handover) {
        Map<SessionOrder, List<RoutedCommand>> apart = new LinkedHashMap<>();
        for (RoutedCommand command : handover.commands()) {
            List<RoutedCommand> behind = apart.get(command.session());
            RegionDescriptor region = command.isPinned() ? null : regionOfAll(handover.routes(), command.invocation);
            if (behind != null) {
                behind.add(command);
            } else if (region != null) {
                handover.put(region, command);
            } else if (!command.isPinned() && command.mayLeaveRange()) {
                apart.put(command.session(), new ArrayList<>(List.of(command)));
            } else {
                leave(command);
            }
        }
        apart.forEach((session, commands) -> {
            commands.addAll(handover.takeWaiting(session));
            for (RoutedCommand command : commands.reversed()) {
                boolean alone = regionOfAll(handover.routes(), command.invocation) == null && command.mayLeaveRange();
                session.putFirst(alone, () -> begin(session, command, alone));
            }
            commands.forEach(RoutedCommand::withdraw);
        });
    }

    private void begin(SessionOrder session, RoutedCommand command, boolean alone) {
        if (alone) {
            coordinator.run(command.invocation, reply -> {
                session.aloneEnded();
                command.answer(reply);
            });
            return;
        }
        RegionDescriptor region = regionOfAll(command.invocation);
        RoutedCommand again = command.issueAgain();
        if (region == null) {
            leave(again);
        } else {
            place(region, again);
        }
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
            boolean pinned,
            Consumer<Reply> whenDone) {
        SessionOrder order = sessions.computeIfAbsent(request.session(), id -> new SessionOrder());
        order.alone(() -> {
            Runnable throughOwner = () -> {
                send(region, request, invocation, hashes, order, elsewhere, pinned, whenDone);
                order.aloneEnded(); // it is under way: what waits comes after it
            };
            boolean taken = range.readAside(invocation, hashes, region.epoch().version(), reply -> {
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
        return streams.routes().regions();
    }

    @Override
    public PinnedSnapshot pin(int databases) throws SnapshotRefused {
        return PinnedSnapshot.open(participants, strands, time, ticker, databases);
    }

    /** Takes in what {@code newer} says that is newer than what is known here. */
    public void learn(RouteTable newer) {
        streams.learn(newer.regions());
    }

    /** Takes in what a range says of itself and of what it was split into. */
    public void learn(List<RegionDescriptor> regions) {
        streams.learn(regions);
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
