package io.kvasir.tools.server;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kvasir.placement.admin.AdminDesk;
import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.Heartbeats;
import io.kvasir.placement.controller.NextIds;
import io.kvasir.placement.controller.PlacedRegion;
import io.kvasir.placement.controller.Presence;
import io.kvasir.placement.heat.HeatHistory;
import io.kvasir.placement.schedule.Scheduling;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.json.Json;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.HeatMessage;
import io.kvasir.proto.placement.LeadMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * The page over a cluster whose users and operators have chosen names that a careless page would take for markup: the
 * ranges are cut at such keys, and a store has such a label. Ranges and stores are answered by what answers them in a
 * node. Confined to one thread.
 */
final class HostileCluster implements AutoCloseable {

    /** What every hostile name would do: set the title of the page to this. */
    static final String SIGN = "pwned";

    /** Names of keys that the ranges are cut at. */
    static final List<String> KEYS = List.of(
            "<script>document.title='pwned'</script>",
            "<img src=x onerror=\"document.title='pwned'\">",
            "\"><svg onload=document.title='pwned'>",
            "'-document.title='pwned'-'",
            "&lt;b&gt;</td></tr></table>",
            "javascript:document.title='pwned'",
            "\u202Egnp.exe\u0000\u0007\n",
            "k".repeat(5_000));

    private static final int UNAVAILABLE = 503;
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3_600 * SECOND;
    private static final StoreId FIRST = new StoreId(1);

    private final Presence presence = new Presence(0);
    private final Scheduling scheduling = new Scheduling(4, 512L << 20);
    private final HeatHistory heat = new HeatHistory(0);
    private final ClusterImage image = image();
    private final HttpServer server;
    private int answersLeft;

    HostileCluster() throws IOException {
        this(Integer.MAX_VALUE);
    }

    /** A cluster whose placement driver loses its leader after {@code answers} answers. */
    HostileCluster(int answers) throws IOException {
        answersLeft = answers;
        HeartbeatRequest.Builder beat = HeartbeatRequest.newBuilder()
                .setStore(1)
                .setNonce(1)
                .setUsedBytes(123_456_789)
                .setFreeBytes(9_876_543_210L);
        image.regions()
                .keySet()
                .forEach(region -> beat.addLeads(LeadMessage.newBuilder()
                        .setRegion(region.value())
                        .setTerm(7)
                        .setKeys(1_000 * region.value())
                        .setWrites(10 * region.value())));
        Heartbeats.take(beat.build(), image, presence, HOUR - SECOND);
        for (long now = HOUR - 600 * SECOND; now < HOUR; now += 10 * SECOND) {
            heat.take(usedKeys(now), now);
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", new ConsolePages(AdminPages.hosts(port()))::answer);
        server.createContext(AdminPages.ROOT, this::answer);
        server.start();
    }

    /** Returns the port of 127.0.0.1 that the page is at. */
    int port() {
        return server.getAddress().getPort();
    }

    private static ClusterImage image() {
        Map<String, String> labels = Map.of("zone", "<b onclick=document.title='pwned'>x</b>");
        TreeMap<StoreId, StoreEntry> stores = new TreeMap<>();
        stores.put(FIRST, new StoreEntry(FIRST, "<i>h</i>:1", 1, labels));
        List<byte[]> bounds = KEYS.stream()
                .map(key -> KeyLayout.stem(0, key.getBytes(StandardCharsets.UTF_8)))
                .sorted(Arrays::compareUnsigned)
                .toList();
        TreeMap<RegionId, PlacedRegion> regions = new TreeMap<>();
        IntStream.rangeClosed(0, bounds.size()).forEach(i -> {
            RegionId id = new RegionId(i + 1);
            byte[] start = i == 0 ? new byte[0] : bounds.get(i - 1);
            byte[] end = i == bounds.size() ? new byte[0] : bounds.get(i);
            List<ReplicaId> voters = List.of(new ReplicaId(FIRST, 1));
            regions.put(id, new PlacedRegion(new RegionDescriptor(id, start, end, Epoch.FIRST, voters), FIRST));
        });
        return new ClusterImage(
                3,
                new UUID(1, 2),
                List.of(FIRST),
                stores,
                regions,
                NextIds.FIRST,
                4_000,
                0,
                new TreeMap<>(),
                List.of());
    }

    /** Returns what a store says of the use of the hostile keys, each more than the one before. */
    private static HeartbeatRequest usedKeys(long nowNanos) {
        HeartbeatRequest.Builder beat = HeartbeatRequest.newBuilder();
        for (int i = 0; i < KEYS.size(); i++) {
            byte[] key = KEYS.get(i).getBytes(StandardCharsets.UTF_8);
            int slot = Slot.of(key);
            beat.addHeat(HeatMessage.newBuilder()
                    .setFirstSlot(slot)
                    .setEndSlot(slot + 1)
                    .setReads(10L << i)
                    .setWrites(nowNanos / SECOND % 60)
                    .setReadBytes(1_000L << i)
                    .setSample(ByteString.copyFrom(key, 0, Math.min(key.length, 48))));
        }
        return beat.build();
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (answersLeft-- <= 0) {
            NodeHttp.send(
                    exchange,
                    UNAVAILABLE,
                    Json.of("error", "the placement driver has no leader now").text(),
                    "application/json");
            return;
        }
        Map<String, String> arguments = new HashMap<>();
        String query = exchange.getRequestURI().getRawQuery();
        for (String word : query == null ? new String[0] : query.split("&")) {
            String[] parts = word.split("=", 2);
            arguments.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        String path = exchange.getRequestURI().getPath().substring(AdminPages.ROOT.length());
        AdminDesk desk = new AdminDesk(9, FIRST, image, presence, scheduling, heat, HOUR, 1_000);
        AdminDesk.Answer answer = desk.answer(path, arguments, false, "a test");
        NodeHttp.send(exchange, answer.status(), answer.body().text(), "application/json");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
