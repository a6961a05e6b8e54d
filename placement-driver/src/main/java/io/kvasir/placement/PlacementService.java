package io.kvasir.placement;

import com.google.protobuf.InvalidProtocolBufferException;
import io.kvasir.placement.admin.AdminDesk;
import io.kvasir.placement.admin.HistoryDesk;
import io.kvasir.placement.admin.SettingsDesk;
import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.Controller;
import io.kvasir.placement.controller.CurrentPicture;
import io.kvasir.placement.controller.Heartbeats;
import io.kvasir.placement.controller.Presence;
import io.kvasir.placement.controller.Refusal;
import io.kvasir.placement.heat.HeatHistory;
import io.kvasir.placement.oracle.Oracle;
import io.kvasir.placement.schedule.ClusterPicture;
import io.kvasir.placement.schedule.Operator;
import io.kvasir.placement.schedule.Operators;
import io.kvasir.placement.schedule.PeerChange;
import io.kvasir.placement.schedule.PeerChecker;
import io.kvasir.placement.schedule.RangeView;
import io.kvasir.placement.schedule.Scheduling;
import io.kvasir.proto.control.Envelope;
import io.kvasir.proto.control.TimestampQuestion;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.AdminRequest;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.proto.placement.PlacementRequest;
import io.kvasir.proto.placement.RefusalCode;
import io.kvasir.proto.placement.ViewRequest;
import io.kvasir.region.link.Link;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.raft.StateMachine;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica of the placement driver: controller and oracle on one raft group, served to stores and gateways.
 *
 * <p>One thread, the placement thread, owns all state but the applied image and the oracle: link, raft group and timer
 * hand it tasks. Timestamps alone are issued on the thread that asks. A request that changes the cluster is answered
 * when its entry is applied; one that only asks is answered under the lease or after a quorum has confirmed the term.
 * Where neither is possible the answer is "unknown", and the request, which may always be repeated, is asked again.
 *
 * <p>This file is long because every request to the placement driver begins and ends here.
 */
public final class PlacementService implements AutoCloseable {

    /** Time between looks at what is due, in ms. */
    static final int TICK_MILLIS = 100;

    /** Time between looks at requests for timestamps, while any wait, in ms. */
    static final int WAITING_MILLIS = 25;

    /** Looks at what is due between two times that schedulers plan. */
    static final int SCHEDULE_TICKS = 5;

    /** Tasks of requests that may wait for the placement thread; more are answered "unknown". */
    static final int TASKS_MAX = 8_192;

    private static final Logger LOG = LoggerFactory.getLogger(PlacementService.class);

    /** What belongs to one raft group: made once, by {@link #start}. */
    private record Desk(RaftGroup group, TimestampDesk timestamps, Proposals proposals, WallSampler sampler) {}

    /** What belongs to one term of leadership. */
    private record Leadership(
            long term, Desk desk, Presence presence, ViewWatch views, Scheduling scheduling, HeatHistory heat) {}

    private final long rangeBytesMax;
    private final Link link;
    private final List<StoreId> replicas;
    private final Ticker ticker;
    private final InstantSource wall;
    private final Timer timer;
    private final Executor thread;
    private final Oracle oracle = new Oracle();
    private final PlacementMachine machine;
    private final AtomicInteger tasks = new AtomicInteger();
    private final PlacementGauges gauges = new PlacementGauges();
    private volatile @Nullable Desk desk;
    private volatile boolean closed;

    /** The following are confined to the placement thread. */
    private @Nullable Leadership leadership;

    private boolean watchingWaiting;
    private long ticks;
    private ClusterImage shown = ClusterImage.EMPTY;
    /** Counts on over terms, because one term may begin to lead twice (rule K15). */
    private long viewNumber;

    /**
     * Makes a replica and serves its two channels; until {@link #start} it answers that it does not lead.
     *
     * @param replicas the stores that hold the placement group, this one among them
     * @param directory where its image is kept
     * @param wall the wall clock, which only proposes where time starts and slews
     * @param thread runs tasks one at a time in the order given: the placement thread
     * @param disk runs tasks one at a time; may wait for the disk
     * @param rangeBytesMax a larger range is split
     * @throws IOException if the image cannot be read
     */
    public PlacementService(
            Link link,
            List<StoreId> replicas,
            Path directory,
            Ticker ticker,
            InstantSource wall,
            Timer timer,
            Executor thread,
            Executor disk,
            long rangeBytesMax)
            throws IOException {
        if (!replicas.contains(link.self())) {
            throw new IllegalArgumentException(link.self() + " is not among the placement replicas " + replicas);
        }
        this.rangeBytesMax = rangeBytesMax;
        this.link = link;
        this.replicas = List.copyOf(replicas);
        this.ticker = ticker;
        this.wall = wall;
        this.timer = timer;
        this.thread = thread;
        this.machine = new PlacementMachine(directory, disk, new Events());
        link.serve(Link.Channel.PLACEMENT, requests());
        link.serve(Link.Channel.TIMESTAMP, timestamps());
    }

    /** Returns what the raft group of {@link io.kvasir.proto.id.RegionId#PLACEMENT} replicates to. */
    public StateMachine machine() {
        return machine;
    }

    /** Returns what is measured here, as of half a second ago; on any thread. */
    public PlacementReadings readings() {
        return gauges.readings();
    }

    /** Returns what serves channel PLACEMENT, for callers in this process. */
    public Link.Handler requests() {
        return this::handleRequest;
    }

    /** Returns what serves channel TIMESTAMP, for callers in this process. */
    public Link.Handler timestamps() {
        return this::handleTimestamp;
    }

    /** Begins to serve on {@code group}, once. The group may have begun to lead already. */
    public void start(RaftGroup group) {
        thread.execute(() -> {
            desk = new Desk(
                    group,
                    new TimestampDesk(group, oracle, ticker, thread, this::timestampsWait),
                    new Proposals(group, oracle),
                    new WallSampler(link, replicas, oracle, ticker, wall, thread));
            long term = group.leaderTerm();
            if (term > 0) {
                lead(term);
            }
            timer.after(TICK_MILLIS, this::tickLater);
        });
    }

    /** Stops serving; the group is the caller's to close, before this. */
    @Override
    public void close() {
        closed = true;
        oracle.stop();
        thread.execute(this::stopLeading);
    }

    /** What the raft group reports, on its apply thread. */
    private final class Events implements PlacementMachine.Listener {
        @Override
        public void applied(PlacementMachine.Applied applied) {
            thread.execute(() -> PlacementService.this.applied(applied));
        }

        @Override
        public void leaderStarted(long term) {
            thread.execute(() -> lead(term));
        }

        @Override
        public void leaderStopped() {
            oracle.stop();
            thread.execute(PlacementService.this::stopLeading);
        }
    }

    private void lead(long term) {
        Desk current = desk;
        if (current == null || closed || (leadership != null && leadership.term() == term && oracle.term() == term)) {
            return;
        }
        if (leadership != null) {
            stopLeading();
        }
        long nowNanos = ticker.nanoTime();
        shown = machine.image();
        leadership = new Leadership(
                term,
                current,
                new Presence(nowNanos),
                new ViewWatch(term, ++viewNumber),
                new Scheduling(term, rangeBytesMax),
                new HeatHistory(nowNanos));
        oracle.lead(term, shown.windowEndMillis(), nowNanos);
        current.sampler().start(nowNanos);
        LOG.info("placement leads, term={} revision={}", term, shown.revision());
        propose();
    }

    private void stopLeading() {
        oracle.stop();
        Desk current = desk;
        if (current != null) {
            current.sampler().stop();
            current.timestamps().stop();
            current.proposals().stop();
        }
        if (leadership != null) {
            LOG.info("placement leads no longer, term={}", leadership.term());
            leadership.views().stop();
            viewNumber = leadership.views().revision().number();
            leadership = null;
            gauges.leave(oracle);
        }
    }

    private void applied(PlacementMachine.Applied applied) {
        Desk current = desk;
        if (current == null) {
            return;
        }
        if (applied.accepted()) {
            oracle.windowApplied(applied.term(), applied.image().windowEndMillis());
        }
        current.proposals().applied(applied);
        Leadership lead = leadership;
        if (lead == null) {
            return;
        }
        if (!applied.image().looksLike(shown)) {
            shown = applied.image();
            showView(lead);
        }
        current.timestamps().serveWaiting(ticker.nanoTime());
        propose();
    }

    private void tickLater() {
        if (!closed) {
            thread.execute(this::tick);
        }
    }

    private void tick() {
        Desk current = desk;
        Leadership lead = leadership;
        long nowNanos = ticker.nanoTime();
        if (current != null) {
            current.timestamps().serveWaiting(nowNanos);
        }
        if (current != null && lead != null) {
            current.sampler().tick(nowNanos);
            current.proposals().expire(nowNanos);
            lead.views().expire(nowNanos, respond -> answerView(lead, respond));
            propose();
            if (++ticks % SCHEDULE_TICKS == 0) {
                schedule(lead, nowNanos);
                gauges.look(lead.term(), machine.image(), lead.presence(), lead.scheduling(), oracle, nowNanos);
            }
        }
        timer.after(TICK_MILLIS, this::tickLater);
    }

    /** A request for timestamps has begun to wait. */
    private void timestampsWait() {
        propose();
        if (!watchingWaiting) {
            watchingWaiting = true;
            timer.after(WAITING_MILLIS, this::serveWaitingLater);
        }
    }

    private void serveWaitingLater() {
        thread.execute(() -> {
            Desk current = desk;
            watchingWaiting = false;
            if (current != null && !closed) {
                current.timestamps().serveWaiting(ticker.nanoTime());
                if (current.timestamps().isWaiting()) {
                    timestampsWait();
                }
            }
        });
    }

    private void propose() {
        Desk current = desk;
        Leadership lead = leadership;
        if (current != null && lead != null && !closed) {
            current.proposals()
                    .propose(
                            lead.term(),
                            machine.image(),
                            lead.presence(),
                            ticker.nanoTime(),
                            (reply, respond) -> answer(lead, reply, respond));
        }
    }

    private void handleTimestamp(StoreId from, byte[] request, Consumer<byte[]> respond) {
        Desk current = desk;
        TimestampQuestion question;
        try {
            question = TimestampQuestion.decode(request);
        } catch (IllegalArgumentException malformed) {
            LOG.warn("malformed timestamp request, from={}", from, malformed);
            respond.accept(Envelope.unknown());
            return;
        }
        switch (question) {
            case TimestampQuestion.WallTime wallTime ->
                respond.accept(Envelope.answered(
                        ByteBuffer.allocate(Long.BYTES).putLong(wall.millis()).array()));
            case TimestampQuestion.Issue issue -> {
                if (closed) {
                    respond.accept(Envelope.unknown());
                } else if (current == null) {
                    respond.accept(Envelope.notLeader(Optional.empty()));
                } else {
                    current.timestamps().issue(issue.count(), respond);
                }
            }
        }
    }

    private void handleRequest(StoreId from, byte[] request, Consumer<byte[]> respond) {
        if (tasks.incrementAndGet() > TASKS_MAX) {
            tasks.decrementAndGet();
            respond.accept(Envelope.unknown());
            return;
        }
        thread.execute(() -> {
            tasks.decrementAndGet();
            serve(request, respond);
        });
    }

    private void serve(byte[] bytes, Consumer<byte[]> respond) {
        Desk current = desk;
        Leadership lead = leadership;
        if (closed) {
            respond.accept(Envelope.unknown());
            return;
        }
        if (current == null) {
            // Its store may have lost the replica: others are to be asked.
            respond.accept(Envelope.notLeader(Optional.empty()));
            return;
        }
        if (lead == null) {
            respond.accept(TimestampDesk.notLeader(current.group()));
            return;
        }
        if (bytes.length > Proposals.REQUEST_BYTES_MAX) {
            badRequest("request of " + bytes.length + " bytes", respond);
            return;
        }
        PlacementRequest request;
        try {
            request = PlacementRequest.parseFrom(bytes);
        } catch (InvalidProtocolBufferException malformed) {
            badRequest("malformed request", respond);
            return;
        }
        switch (request.getKindCase()) {
            case BOOTSTRAP -> submit(lead, controller -> controller.bootstrap(request.getBootstrap()), bytes, respond);
            case REGISTER -> submit(lead, controller -> controller.register(request.getRegister()), bytes, respond);
            case ALLOCATE -> submit(lead, controller -> controller.allocate(request.getAllocate()), bytes, respond);
            case CHANGE_SETTINGS ->
                submit(lead, controller -> controller.changeSettings(request.getChangeSettings()), bytes, respond);
            case HEARTBEAT -> heartbeat(lead, request.getHeartbeat(), respond);
            case VIEW -> view(lead, request.getView(), respond);
            case SETTINGS -> answer(lead, Controller.settings(machine.image()), respond);
            case ADMIN -> admin(lead, request.getAdmin(), respond);
            case KIND_NOT_SET -> badRequest("request of unknown kind", respond);
        }
    }

    private void submit(
            Leadership lead, Function<Controller, Controller.Result> request, byte[] bytes, Consumer<byte[]> respond) {
        lead.desk().proposals().submit(request, bytes.length, ticker.nanoTime(), respond);
        propose();
    }

    private void heartbeat(Leadership lead, HeartbeatRequest request, Consumer<byte[]> respond) {
        long nowNanos = ticker.nanoTime();
        Heartbeats.Result result = Heartbeats.take(request, machine.image(), lead.presence(), nowNanos);
        gauges.heard(result.refusal() != null);
        List<Operator> orders = List.of();
        if (result.refusal() == null) {
            lead.heat().take(request, nowNanos);
            request.getFailedOperatorsList()
                    .forEach(id ->
                            lead.scheduling().operators().failed(id, request.getFailuresOrDefault(id, ""), nowNanos));
            learnRegions(lead, nowNanos);
            if (request.getLeaving() || request.getSlow()) {
                schedule(lead, nowNanos);
            }
            orders = lead.scheduling().operators().tell(new StoreId(request.getStore()));
        }
        if (result.leadersChanged()) {
            showView(lead);
        }
        answer(lead, result.reply(lead.views().revision(), Orders.transfers(orders), Orders.splits(orders)), respond);
    }

    /** Plans what should move, once all stores have been heard from or had time enough to be. */
    private void schedule(Leadership lead, long nowNanos) {
        ClusterImage image = machine.image();
        boolean known = image.stores().keySet().stream()
                .allMatch(store -> lead.presence().isKnown(store, nowNanos));
        if (known) {
            ClusterPicture picture = CurrentPicture.of(image, lead.presence(), nowNanos);
            lead.scheduling().tick(picture, nowNanos);
            decide(lead, picture, nowNanos);
        }
    }

    /** Has what is decided of the replicas of ranges replicated; again and again until it is. */
    private void decide(Leadership lead, ClusterPicture picture, long nowNanos) {
        Operators operators = lead.scheduling().operators();
        List<PeerChange> begun = PeerChecker.toBegin(picture, operators);
        List<RangeView> over = PeerChecker.toTakeBack(picture, operators);
        begun.forEach(change -> lead.desk()
                .proposals()
                .submit(controller -> controller.changePeers(change), 0, nowNanos, answer -> {}));
        over.forEach(range -> lead.desk()
                .proposals()
                .submit(controller -> controller.takeBack(range.id(), range.confVersion()), 0, nowNanos, answer -> {}));
        if (!begun.isEmpty() || !over.isEmpty()) {
            propose();
        }
    }

    /** Has what leaders say of their regions' bounds replicated, if it is news. */
    private void learnRegions(Leadership lead, long nowNanos) {
        Collection<RegionDescriptor> told = lead.presence().told(machine.image());
        if (!told.isEmpty()) {
            lead.desk().proposals().submit(controller -> controller.learnRegions(told), 0, nowNanos, answer -> {});
            propose();
        }
    }

    private void admin(Leadership lead, AdminRequest request, Consumer<byte[]> respond) {
        long nowNanos = ticker.nanoTime();
        long clockMillis = oracle.clockMillis(nowNanos);
        if (request.getChange() && HistoryDesk.takes(request.getPath())) {
            submit(lead, it -> HistoryDesk.carryOut(it, request, clockMillis), request.toByteArray(), respond);
            return;
        }
        if (request.getChange() && SettingsDesk.takes(request.getPath())) {
            submit(lead, it -> SettingsDesk.carryOut(it, request), request.toByteArray(), respond);
            return;
        }
        AdminDesk desk = new AdminDesk(
                lead.term(),
                link.self(),
                machine.image(),
                lead.presence(),
                lead.scheduling(),
                lead.heat(),
                nowNanos,
                clockMillis);
        AdminDesk.Answer said =
                desk.answer(request.getPath(), request.getArgumentsMap(), request.getChange(), request.getWho());
        answer(lead, said.reply(), respond);
    }

    private void view(Leadership lead, ViewRequest request, Consumer<byte[]> respond) {
        if (!machine.image().founded()) {
            answer(
                    lead,
                    Refusal.reply(RefusalCode.REFUSAL_CODE_NOT_FOUNDED, "the cluster is not founded yet"),
                    respond);
        } else if (!lead.views().waits(request, ticker.nanoTime(), respond)) {
            answerView(lead, respond);
        }
    }

    private void showView(Leadership lead) {
        lead.views().changed(respond -> answerView(lead, respond));
    }

    private void answerView(Leadership lead, Consumer<byte[]> respond) {
        answer(lead, lead.views().view(machine.image(), lead.presence()), respond);
    }

    private static void badRequest(String text, Consumer<byte[]> respond) {
        respond.accept(Envelope.answered(
                Refusal.reply(RefusalCode.REFUSAL_CODE_BAD_REQUEST, text).toByteArray()));
    }

    /** Answers {@code reply} if the term still stands. */
    private static void answer(Leadership lead, PlacementReply reply, Consumer<byte[]> respond) {
        RaftGroup group = lead.desk().group();
        byte[] bytes = Envelope.answered(reply.toByteArray());
        if (group.holdsLease(lead.term())) {
            respond.accept(bytes);
        } else {
            group.confirmLeadership(lead.term(), confirmed -> respond.accept(confirmed ? bytes : Envelope.unknown()));
        }
    }
}
