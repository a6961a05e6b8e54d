package io.kvasir.placement;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.Controller;
import io.kvasir.placement.controller.Presence;
import io.kvasir.placement.oracle.Oracle;
import io.kvasir.proto.control.Envelope;
import io.kvasir.proto.placement.PlacementEntry;
import io.kvasir.proto.placement.PlacementRecord;
import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.region.raft.RaftGroup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The way of requests that change the cluster: they queue, become one entry together with the oracle's next window, and
 * are answered when it is applied. One entry is in flight at a time, made on the applied image, so that nothing is ever
 * built on what may be lost. Confined to the placement thread.
 */
final class Proposals {

    /** Requests that may wait; more are answered "unknown" at once. */
    static final int QUEUE_MAX = 4_096;

    /** An entry takes requests until they have so many bytes; one request has at most {@link #REQUEST_BYTES_MAX}. */
    static final int BATCH_BYTES_MAX = 1 << 20;

    static final int REQUEST_BYTES_MAX = 1 << 18;

    /** A request without an answer for so long is answered "unknown", in ms. */
    static final int WAIT_MILLIS_MAX = 5_000;

    private static final class Pending {
        final Function<Controller, Controller.Result> request;
        final int bytes;
        final long sinceNanos;

        @Nullable
        Consumer<byte[]> respond;

        Pending(Function<Controller, Controller.Result> request, int bytes, long sinceNanos, Consumer<byte[]> respond) {
            this.request = request;
            this.bytes = bytes;
            this.sinceNanos = sinceNanos;
            this.respond = respond;
        }

        void answer(byte[] envelope) {
            Consumer<byte[]> to = respond;
            if (to != null) {
                respond = null;
                to.accept(envelope);
            }
        }
    }

    private record Evaluated(Pending pending, PlacementReply reply) {}

    private record Flight(long term, long baseRevision, List<Evaluated> batch) {}

    private final RaftGroup group;
    private final Oracle oracle;
    private final ArrayDeque<Pending> queue = new ArrayDeque<>();
    private @Nullable Flight flight;

    Proposals(RaftGroup group, Oracle oracle) {
        this.group = group;
        this.oracle = oracle;
    }

    /** Queues a request of {@code bytes} bytes on the wire. */
    void submit(Function<Controller, Controller.Result> request, int bytes, long nowNanos, Consumer<byte[]> respond) {
        if (queue.size() >= QUEUE_MAX) {
            respond.accept(Envelope.unknown());
            return;
        }
        queue.add(new Pending(request, bytes, nowNanos, respond));
    }

    /**
     * Proposes what waits, if nothing is in flight.
     *
     * @param image the applied image
     * @param granted takes each reply that needs no entry, with the consumer of its bytes
     */
    void propose(long term, ClusterImage image, Presence presence, long nowNanos, Granted granted) {
        if (flight != null) {
            return;
        }
        long windowMillis = oracle.wantedWindowMillis(nowNanos);
        if (queue.isEmpty() && windowMillis == 0) {
            return;
        }
        Controller controller = new Controller(image, presence, nowNanos);
        List<PlacementRecord> records = new ArrayList<>();
        if (windowMillis > 0) {
            records.addAll(controller.extendWindow(windowMillis));
        }
        List<Evaluated> batch = evaluate(controller, records);
        if (records.isEmpty()) {
            for (Evaluated evaluated : batch) {
                granted.reply(evaluated.reply(), evaluated.pending()::answer);
            }
            return;
        }
        PlacementEntry entry = PlacementEntry.newBuilder()
                .setFormat(PlacementMachine.ENTRY_FORMAT)
                .setTerm(term)
                .setBaseRevision(image.revision())
                .addAllRecords(records)
                .build();
        flight = new Flight(term, image.revision(), batch);
        if (!group.propose(entry.toByteArray(), term)) {
            drop(batch);
            flight = null;
        }
    }

    /** Takes a reply that may leave now, if the term still stands. */
    interface Granted {
        void reply(PlacementReply reply, Consumer<byte[]> respond);
    }

    /** An entry was applied or found void: answers its requests if it was ours. */
    void applied(PlacementMachine.Applied applied) {
        Flight landed = flight;
        if (landed == null || landed.term() != applied.term() || landed.baseRevision() != applied.baseRevision()) {
            return;
        }
        flight = null;
        if (!applied.accepted()) {
            drop(landed.batch());
            return;
        }
        for (Evaluated evaluated : landed.batch()) {
            evaluated.pending().answer(Envelope.answered(evaluated.reply().toByteArray()));
        }
    }

    /** Answers "unknown" to what has waited too long; an entry in flight stays so. */
    void expire(long nowNanos) {
        while (!queue.isEmpty() && overdue(queue.peek(), nowNanos)) {
            queue.remove().answer(Envelope.unknown());
        }
        if (flight != null) {
            flight.batch().stream()
                    .map(Evaluated::pending)
                    .filter(pending -> overdue(pending, nowNanos))
                    .forEach(pending -> pending.answer(Envelope.unknown()));
        }
    }

    /** Leadership is lost: answers "unknown" to all. */
    void stop() {
        if (flight != null) {
            drop(flight.batch());
            flight = null;
        }
        queue.forEach(pending -> pending.answer(Envelope.unknown()));
        queue.clear();
    }

    private List<Evaluated> evaluate(Controller controller, List<PlacementRecord> records) {
        List<Evaluated> batch = new ArrayList<>();
        int bytes = 0;
        while (!queue.isEmpty() && bytes < BATCH_BYTES_MAX) {
            Pending pending = queue.remove();
            bytes += pending.bytes;
            Controller.Result result = pending.request.apply(controller);
            records.addAll(result.records());
            batch.add(new Evaluated(pending, result.reply()));
        }
        return batch;
    }

    private static boolean overdue(Pending pending, long nowNanos) {
        return nowNanos - pending.sinceNanos >= WAIT_MILLIS_MAX * 1_000_000L;
    }

    private static void drop(List<Evaluated> batch) {
        batch.forEach(evaluated -> evaluated.pending().answer(Envelope.unknown()));
    }
}
