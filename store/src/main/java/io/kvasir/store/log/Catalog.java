package io.kvasir.store.log;

import io.kvasir.proto.id.RegionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Which replicas exist and which were destroyed. Read by any thread, changed by the writer alone. */
final class Catalog {

    private final Map<RegionId, GroupLog> live = new ConcurrentHashMap<>();
    private final Map<RegionId, Tombstone> tombstones = new ConcurrentHashMap<>();

    @Nullable
    GroupLog find(RegionId region) {
        return live.get(region);
    }

    @Nullable
    Tombstone tombstone(RegionId region) {
        return tombstones.get(region);
    }

    /** Returns the live replicas, ordered by region. */
    List<GroupLog> live() {
        List<GroupLog> groups = new ArrayList<>(live.values());
        groups.sort((a, b) -> a.region().compareTo(b.region()));
        return groups;
    }

    /** Returns the tombstones, ordered by region. */
    List<Tombstone> tombstones() {
        List<Tombstone> found = new ArrayList<>(tombstones.values());
        found.sort((a, b) -> a.region().compareTo(b.region()));
        return found;
    }

    void add(GroupLog group) {
        live.put(group.region(), group);
    }

    void bury(Tombstone tombstone, Segments segments, RecentEntries cache) {
        GroupLog group = live.get(tombstone.region());
        if (group != null && group.incarnation() <= tombstone.incarnation()) {
            live.remove(tombstone.region());
            group.applyDestroyed(segments, cache);
        }
        tombstones.put(tombstone.region(), tombstone);
    }
}
