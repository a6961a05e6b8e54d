package io.kvasir.tools.server;

import com.sun.net.httpserver.HttpExchange;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.ReplicaChecksum;
import io.kvasir.region.range.ReplicaChecksums;
import java.io.IOException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What {@code ./kvasir verify} asks a node: {@code GET /ranges} lists the replicas here; {@code POST
 * /checksums?region=R&id=N} at the leader of a range asks all its replicas for a checksum at one raft index, and
 * {@code GET} of the same tells this node's: 200 with a line, 202 while it is computed, 404 if it was never asked. With
 * id 0 nothing is computed, but followers learn that what came before is committed.
 *
 * <p>A line is {@code name=value} words. Called by the one thread of {@link NodeHttp}.
 */
final class ReplicaPages {

    private static final Pattern QUERY = Pattern.compile("region=(\\d{1,18})&id=(\\d{1,18})");

    private static final int STATUS_OK = 200;
    private static final int STATUS_UNDER_WAY = 202;
    private static final int STATUS_MALFORMED = 400;
    private static final int STATUS_UNKNOWN = 404;
    private static final int STATUS_NOT_ALLOWED = 405;
    private static final int STATUS_ELSEWHERE = 409;

    private final NodeStore store;

    ReplicaPages(NodeStore store) {
        this.store = store;
    }

    void ranges(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")) {
            NodeHttp.send(exchange, STATUS_NOT_ALLOWED, "");
            return;
        }
        String lines = store.ranges().all().stream()
                .sorted(Comparator.comparingLong(
                        range -> range.descriptor().id().value()))
                .map(range -> words(range.descriptor()) + " term=" + range.servingTerm() + " applied="
                        + range.appliedIndex() + "\n")
                .collect(Collectors.joining());
        NodeHttp.send(exchange, STATUS_OK, lines);
    }

    void checksums(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        Matcher words = QUERY.matcher(query == null ? "" : query);
        if (!words.matches()) {
            NodeHttp.send(exchange, STATUS_MALFORMED, "needs region=R&id=N\n");
            return;
        }
        RegionId region = new RegionId(Long.parseLong(words.group(1)));
        long id = Long.parseLong(words.group(2));
        switch (exchange.getRequestMethod()) {
            case "GET" -> tell(exchange, region, id);
            case "POST" -> ask(exchange, region, id);
            default -> NodeHttp.send(exchange, STATUS_NOT_ALLOWED, "");
        }
    }

    private void ask(HttpExchange exchange, RegionId region, long id) throws IOException {
        Optional<Range> led = store.ranges().find(region).filter(range -> range.servingTerm() != 0);
        if (led.isEmpty()) {
            NodeHttp.send(exchange, STATUS_ELSEWHERE, region + " is not led here\n");
            return;
        }
        store.checksums().request(led.get(), id, asked -> {});
        NodeHttp.send(exchange, STATUS_UNDER_WAY, "");
    }

    private void tell(HttpExchange exchange, RegionId region, long id) throws IOException {
        ReplicaChecksums checksums = store.checksums();
        boolean underWay = checksums.isUnderWay(region, id); // first: it is kept before it stops being under way
        Optional<ReplicaChecksum> checksum = checksums.find(region, id);
        if (checksum.isPresent()) {
            NodeHttp.send(exchange, STATUS_OK, line(checksum.get()));
        } else {
            NodeHttp.send(exchange, underWay ? STATUS_UNDER_WAY : STATUS_UNKNOWN, "");
        }
    }

    private static String line(ReplicaChecksum checksum) {
        StringBuilder line = new StringBuilder(words(checksum.descriptor()))
                .append(" index=")
                .append(checksum.index())
                .append(" records=")
                .append(checksum.records())
                .append(" bytes=")
                .append(checksum.bytes());
        checksum.digestsInOrder().forEach((family, digest) -> line.append(' ')
                .append(family.name().toLowerCase(Locale.ROOT))
                .append('=')
                .append(HexFormat.of().toHexDigits(digest)));
        return line.append('\n').toString();
    }

    private static String words(RegionDescriptor region) {
        HexFormat hex = HexFormat.of();
        return "region=" + region.id().value() + " epoch="
                + region.epoch().confVersion() + "." + region.epoch().version() + " start="
                + hex.formatHex(region.start()) + " end=" + hex.formatHex(region.end()) + " voters="
                + region.voters().stream()
                        .map(replica -> String.valueOf(replica.store().value()))
                        .collect(Collectors.joining(","));
    }
}
