package io.kvasir.placement;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.Presence;
import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.control.Envelope;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.control.RegionEntry;
import io.kvasir.proto.control.ViewRevision;
import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.proto.placement.ViewRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Shows the cluster view, and lets those wait for the next one who have seen this. One for each term. Confined to the
 * placement thread.
 */
final class ViewWatch {

    /** Longest wait for a new view, in ms. */
    static final int WAIT_MILLIS_MAX = 60_000;

    /** Requests that may wait; more are answered at once. */
    static final int WAITING_MAX = 4_096;

    private record Waiting(long untilNanos, Consumer<byte[]> respond) {}

    private final long term;
    private long number;
    private List<Waiting> waiting = new ArrayList<>();

    /** Makes a watch whose first view has {@code number}. */
    ViewWatch(long term, long number) {
        this.term = term;
        this.number = number;
    }

    /** Returns the revision of the view as it is now. */
    ViewRevision revision() {
        return new ViewRevision(term, number);
    }

    /** Returns whether {@code request} must wait for a new view; if so it is kept and answered later. */
    boolean waits(ViewRequest request, long nowNanos, Consumer<byte[]> respond) {
        boolean known = request.getKnownTerm() == term && request.getKnownNumber() == number;
        long waitMillis = Math.min(request.getWaitMillis() & 0xFFFF_FFFFL, WAIT_MILLIS_MAX);
        if (!known || waitMillis == 0 || waiting.size() >= WAITING_MAX) {
            return false;
        }
        waiting.add(new Waiting(nowNanos + waitMillis * 1_000_000, respond));
        return true;
    }

    /** The view has changed: hands {@code answer} all who waited. */
    void changed(Consumer<Consumer<byte[]>> answer) {
        number++;
        List<Waiting> released = waiting;
        waiting = new ArrayList<>();
        released.forEach(each -> answer.accept(each.respond()));
    }

    /** Hands {@code answer} those whose wait is over. */
    void expire(long nowNanos, Consumer<Consumer<byte[]>> answer) {
        if (waiting.stream().noneMatch(each -> nowNanos - each.untilNanos() >= 0)) {
            return;
        }
        List<Waiting> before = waiting;
        waiting = new ArrayList<>();
        for (Waiting each : before) {
            if (nowNanos - each.untilNanos() >= 0) {
                answer.accept(each.respond());
            } else {
                waiting.add(each);
            }
        }
    }

    /** Leadership is lost: answers "unknown" to all who wait. */
    void stop() {
        waiting.forEach(each -> each.respond().accept(Envelope.unknown()));
        waiting.clear();
    }

    /** Returns the view of {@code image} and {@code presence}. */
    PlacementReply view(ClusterImage image, Presence presence) {
        List<RegionEntry> regions = image.regions().values().stream()
                .sorted(Comparator.comparing(region -> region.descriptor().start(), Arrays::compareUnsigned))
                .map(region -> presence.leader(region.descriptor().id())
                        .map(lead -> new RegionEntry(
                                region.descriptor(),
                                region.preferredLeader(),
                                lead.store().value(),
                                lead.term(),
                                region.wanted()))
                        .orElseGet(() ->
                                new RegionEntry(region.descriptor(), region.preferredLeader(), 0, 0, region.wanted())))
                .toList();
        ClusterView view = new ClusterView(
                revision(),
                image.clusterId(),
                List.copyOf(image.stores().values()),
                regions,
                image.settingsRevision(),
                image.placementGroup());
        return PlacementReply.newBuilder().setView(PlacementCodec.view(view)).build();
    }
}
