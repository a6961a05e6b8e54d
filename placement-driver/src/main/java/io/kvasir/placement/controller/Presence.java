package io.kvasir.placement.controller;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.LeadMessage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the placement leader has heard from stores in its term: when, and which regions they lead. Never replicated: a
 * new leader hears it again within a heartbeat. Confined to the placement thread.
 */
public final class Presence {

    /** A store heard from within this time is alive, in ms. It sends heartbeats several times as often. */
    public static final int ALIVE_MILLIS = 3_000;

    /** Who leads a region, and in which term. */
    public record Lead(StoreId store, long term) {}

    private final long sinceNanos;
    private final Map<StoreId, Long> heardNanos = new HashMap<>();
    private final Map<RegionId, Lead> leads = new HashMap<>();

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
        boolean changed = false;
        Set<RegionId> led = new HashSet<>();
        for (LeadMessage message : heartbeat.getLeadsList()) {
            RegionId region = new RegionId(message.getRegion());
            Lead lead = new Lead(store, message.getTerm());
            Lead known = leads.get(region);
            if (image.regions().containsKey(region) && (known == null || known.term() <= lead.term())) {
                led.add(region);
                changed |= !lead.equals(leads.put(region, lead));
            }
        }
        changed |= leads.entrySet()
                .removeIf(entry -> entry.getValue().store().equals(store) && !led.contains(entry.getKey()));
        return changed;
    }
}
