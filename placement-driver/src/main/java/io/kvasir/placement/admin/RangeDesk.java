package io.kvasir.placement.admin;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.PlacedRegion;
import io.kvasir.placement.controller.Presence;
import io.kvasir.placement.controller.Presence.Lead;
import io.kvasir.placement.controller.Presence.Report;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.json.Json;
import io.kvasir.proto.key.KeyLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the admin API says of ranges. Made for one question; used on the placement thread. */
record RangeDesk(ClusterImage image, Presence presence) {

    /** Answers {@code range}, {@code range/ID} or {@code range/key}. */
    AdminDesk.Answer answer(List<String> words, Map<String, String> arguments) {
        if (words.size() == 1) {
            return new AdminDesk.Answer(
                    AdminDesk.OK,
                    Json.array(image.regions().values().stream()
                            .sorted(Comparator.comparing(
                                    region -> region.descriptor().start(), Arrays::compareUnsigned))
                            .map(region -> rangeLine(region.descriptor()))
                            .toList()));
        }
        if (words.get(1).equals("key")) {
            String key = arguments.getOrDefault("key", "");
            byte[] name = key.getBytes(StandardCharsets.UTF_8);
            if (name.length > KeyLayout.USER_KEY_BYTES_MAX) {
                return AdminDesk.error(
                        AdminDesk.MALFORMED, "a key has at most " + KeyLayout.USER_KEY_BYTES_MAX + " bytes");
            }
            byte[] bytes = KeyLayout.root(0, name);
            return image.regions().values().stream()
                    .filter(region -> contains(region.descriptor(), bytes))
                    .findFirst()
                    .map(region -> new AdminDesk.Answer(AdminDesk.OK, rangeInFull(region)))
                    .orElseGet(() -> AdminDesk.error(AdminDesk.UNKNOWN, "no range has the key '" + key + "'"));
        }
        long id = AdminDesk.number(words.get(1), "a range");
        PlacedRegion region = image.regions().get(new RegionId(id));
        return region == null
                ? AdminDesk.error(AdminDesk.UNKNOWN, "there is no range " + id)
                : new AdminDesk.Answer(AdminDesk.OK, rangeInFull(region));
    }

    static boolean contains(RegionDescriptor region, byte[] key) {
        return Arrays.compareUnsigned(region.start(), key) <= 0
                && (region.end().length == 0 || Arrays.compareUnsigned(key, region.end()) < 0);
    }

    Json rangeLine(RegionDescriptor region) {
        PlacedRegion placed = image.regions().get(region.id());
        Report report = presence.report(region.id());
        Optional<Lead> lead = presence.leader(region.id());
        return Json.of(
                "id",
                region.id().value(),
                "start",
                ReadableKey.start(region.start()),
                "end",
                ReadableKey.end(region.end()),
                "leader",
                lead.map(it -> it.store().value()).orElse(0L),
                "term",
                lead.map(Lead::term).orElse(0L),
                "epoch",
                region.epoch().toString(),
                "voters",
                stores(region.voters()),
                "changing",
                placed == null || placed.wanted().isEmpty() ? "" : "to " + stores(placed.wanted()),
                "behind",
                report.lags().keySet().stream()
                        .sorted()
                        .map(store -> String.valueOf(store.value()))
                        .collect(Collectors.joining(",")),
                "keys",
                report.keys(),
                "bytes",
                report.bytes(),
                "readsPerSecond",
                report.readsPerSecond(),
                "writesPerSecond",
                report.writesPerSecond());
    }

    private static String stores(List<ReplicaId> replicas) {
        return replicas.stream()
                .map(replica -> String.valueOf(replica.store().value()))
                .collect(Collectors.joining(","));
    }

    private Json rangeInFull(PlacedRegion placed) {
        RegionDescriptor region = placed.descriptor();
        Json.Members line = (Json.Members) rangeLine(region);
        Report report = presence.report(region.id());
        Optional<Lead> lead = presence.leader(region.id());
        List<Json> replicas = region.voters().stream()
                .map(replica -> replica(replica, report, lead))
                .toList();
        Map<String, Json> all = new LinkedHashMap<>(line.values());
        all.put("replicas", new Json.Elements(replicas));
        return new Json.Members(all);
    }

    private static Json replica(ReplicaId replica, Report report, Optional<Lead> lead) {
        long lag = report.lags().getOrDefault(replica.store(), 0L);
        boolean leads = lead.filter(it -> it.store().equals(replica.store())).isPresent();
        return Json.of(
                "store",
                replica.store().value(),
                "incarnation",
                replica.incarnation(),
                "role",
                leads ? "leader" : "follower",
                "lacksEntries",
                lag == Long.MAX_VALUE || lead.isEmpty() ? new Json.Text("unknown") : new Json.Whole(lag));
    }
}
