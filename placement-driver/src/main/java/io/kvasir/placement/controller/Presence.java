package io.kvasir.placement.controller;

import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.LagMessage;
import io.kvasir.proto.placement.LeadMessage;
import io.kvasir.proto.placement.RegionMessage;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the placement leader has heard from stores in its term: when, and which regions they lead. Never replicated: a
 * new leader hears it again within a heartbeat. Confined to the placement thread.
 */
public final class Presence {

    /** A store heard from within this time is alive, in ms. It sends heartbeats several times as often. */
    public static final int ALIVE_MILLIS = 3_000;

    /** Regions with other bounds than known that are remembered until they are taken in. */
    private static final int TOLD_MAX = 100_000;

    /** Who leads a region, and in which term. */
    public record Lead(StoreId store, long term) {}

    /**
     * What a leader says of its region.
     *
     * @param lags entries that voters lack, {@link Long#MAX_VALUE} if nothing is known; those not named lack none
     * @param reads answered since the leader's process started; {@code writes} too
     * @param bytes of its newest records, about; 0 if that is not known
     * @param readsPerSecond between its last two heartbeats; {@code writesPerSecond} too
     */
    public record Report(
            Epoch epoch,
            Map<StoreId, Long> lags,
            long keys,
            long reads,
            long writes,
            long bytes,
            long readsPerSecond,
            long writesPerSecond,
            long atNanos) {

        public static final Report NONE = new Report(Epoch.FIRST, Map.of(), 0, 0, 0, 0, 0, 0, 0);
    }

    /**
     * What a store takes of its disks.
     *
     * @param usedBytes of its table files
     * @param freeBytes of its fullest disk
     */
    public record Usage(long usedBytes, long freeBytes) {}

    /** What a store says of itself. */
    private record Condition(boolean leaving, boolean slow, Usage usage) {}

    private static final Condition WELL = new Condition(false, false, new Usage(0, 0));

    private final long sinceNanos;
    private final Map<StoreId, Long> heardNanos = new HashMap<>();
    private final Map<RegionId, Lead> leads = new HashMap<>();
    private final Map<RegionId, Report> reports = new HashMap<>();

    /** Regions of which their leaders say other bounds or voters than the image has. */
    private final Map<RegionId, RegionDescriptor> told = new HashMap<>();

    private final Map<StoreId, Condition> conditions = new HashMap<>();

    /** Begins to listen at {@code nowNanos}; until {@link #ALIVE_MILLIS} after it every store may be alive. */
    public Presence(long nowNanos) {
        sinceNanos = nowNanos;
    }

    /** Returns whether the process last registered as {@code store} may still be running. */
    public boolean mayBeAlive(StoreId store, long nowNanos) {
        return nowNanos - heardNanos.getOrDefault(store, sinceNanos) < ALIVE_MILLIS * 1_000_000L;
    }

    /** Returns who leads {@code region}, as far as was heard. */
    public Optional<Lead> leader(RegionId region) {
        return Optional.ofNullable(leads.get(region));
    }

    /** Returns how long ago {@code store} was heard from; of one not heard in this term, since when it could be. */
    public long silentMillis(StoreId store, long nowNanos) {
        return (nowNanos - heardNanos.getOrDefault(store, sinceNanos)) / 1_000_000;
    }

    /** Returns whether {@code store} has been heard from in this term, or had time enough to be. */
    public boolean isKnown(StoreId store, long nowNanos) {
        return heardNanos.containsKey(store) || !mayBeAlive(store, nowNanos);
    }

    /** Returns whether the process of {@code store} is about to end. */
    public boolean isLeaving(StoreId store) {
        return conditions.getOrDefault(store, WELL).leaving();
    }

    /** Returns whether a disk of {@code store} stalls. */
    public boolean isSlow(StoreId store) {
        return conditions.getOrDefault(store, WELL).slow();
    }

    /** Returns what {@code store} takes of its disks; nothing if it was not heard in this term. */
    public Usage usage(StoreId store) {
        return conditions.getOrDefault(store, WELL).usage();
    }

    /** Returns what its leader says of {@code region}. */
    public Report report(RegionId region) {
        return reports.getOrDefault(region, Report.NONE);
    }

    void heard(StoreId store, long nowNanos) {
        heardNanos.put(store, nowNanos);
    }

    /**
     * Takes in what {@code heartbeat} says of regions in {@code image}.
     *
     * @return whether a leader is another than before
     */
    boolean heard(HeartbeatRequest heartbeat, ClusterImage image, long nowNanos) {
        StoreId store = new StoreId(heartbeat.getStore());
        heard(store, nowNanos);
        conditions.put(
                store,
                new Condition(
                        heartbeat.getLeaving(),
                        heartbeat.getSlow(),
                        new Usage(heartbeat.getUsedBytes(), heartbeat.getFreeBytes())));
        boolean changed = false;
        Set<RegionId> led = new HashSet<>();
        for (LeadMessage message : heartbeat.getLeadsList()) {
            RegionId region = new RegionId(message.getRegion());
            Lead lead = new Lead(store, message.getTerm());
            Lead known = leads.get(region);
            if (message.hasRegionNow()) {
                hear(message.getRegionNow(), image);
            }
            if (image.regions().containsKey(region) && (known == null || known.term() <= lead.term())) {
                led.add(region);
                reports.put(region, report(message, lead.equals(known) ? reports.get(region) : null, nowNanos));
                changed |= !lead.equals(leads.put(region, lead));
            }
        }
        changed |= leads.entrySet()
                .removeIf(entry -> entry.getValue().store().equals(store) && !led.contains(entry.getKey()));
        reports.keySet().retainAll(leads.keySet());
        return changed;
    }

    private void hear(RegionMessage message, ClusterImage image) {
        RegionDescriptor now;
        try {
            now = PlacementCodec.region(message);
        } catch (IllegalArgumentException malformed) {
            return; // it is of no use, and the rest of the heartbeat is
        }
        PlacedRegion known = image.regions().get(now.id());
        RegionDescriptor before = told.get(now.id());
        if ((known == null || Controller.isNewer(now, known.descriptor()))
                && (before == null || Controller.isNewer(now, before))
                && told.size() < TOLD_MAX) {
            told.put(now.id(), now);
        }
    }

    /**
     * Returns regions whose leaders say other bounds or voters than {@code image} has; a split is among them with one
     * of its parts at least.
     */
    public Collection<RegionDescriptor> told(ClusterImage image) {
        told.values().removeIf(region -> {
            PlacedRegion known = image.regions().get(region.id());
            return known != null && !Controller.isNewer(region, known.descriptor());
        });
        return List.copyOf(told.values());
    }

    private static Report report(LeadMessage message, @Nullable Report before, long nowNanos) {
        Map<StoreId, Long> lags = new HashMap<>();
        for (LagMessage lag : message.getLagsList()) {
            if (lag.getStore() > 0) {
                lags.put(new StoreId(lag.getStore()), lag.hasEntries() ? lag.getEntries() : Long.MAX_VALUE);
            }
        }
        long nanos = before == null ? 0 : nowNanos - before.atNanos();
        return new Report(
                new Epoch(Math.max(1, message.getConfVersion()), Math.max(1, message.getVersion())),
                lags,
                message.getKeys(),
                message.getReads(),
                message.getWrites(),
                message.getBytes(),
                before == null ? 0 : perSecond(message.getReads() - before.reads(), nanos),
                before == null ? 0 : perSecond(message.getWrites() - before.writes(), nanos),
                nowNanos);
    }

    private static long perSecond(long count, long nanos) {
        return nanos <= 0 ? 0 : Math.max(0, Math.round(count * 1e9 / nanos));
    }
}
