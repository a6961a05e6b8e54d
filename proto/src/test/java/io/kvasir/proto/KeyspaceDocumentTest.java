package io.kvasir.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.ExpiryKey;
import io.kvasir.proto.key.HistoryKey;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.reply.ReplyCodec;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.OutcomeCodec;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestCodec;
import io.kvasir.proto.request.RequestId;
import io.kvasir.proto.time.Timestamp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Every test vector of {@code docs/keyspace.md} that this module can make is what this module makes, and none is
 * missing.
 */
final class KeyspaceDocumentTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "keyspace.md");

    /** A line {@code name: hex hex …} of a fenced block of vectors. */
    private static final Pattern VECTOR = Pattern.compile("(?m)^([a-z]+\\.[a-z0-9-]+): ([0-9a-f ]+)$");

    /** Vectors that other modules make and check. */
    private static final Pattern ELSEWHERE =
            Pattern.compile("(?:range|entry|root|element|lock|fate|exec|snapshot|once|wait|replica)\\..*");

    private final Map<String, String> made = new TreeMap<>();

    @Test
    void theDocumentIsTrue() throws IOException {
        makeKeys();
        makeReplies();
        makeRequests();
        Map<String, String> written = new TreeMap<>();
        Matcher vectors = VECTOR.matcher(Files.readString(DOCUMENT));
        while (vectors.find()) {
            if (!ELSEWHERE.matcher(vectors.group(1)).matches()) {
                String hex = vectors.group(2).replace(" ", "");
                assertTrue(written.put(vectors.group(1), hex) == null, () -> vectors.group(1) + " stands there twice");
            }
        }
        assertEquals(lines(made), lines(written));
    }

    private void makeKeys() {
        byte[] foo = ascii("foo");
        byte[] stem = KeyLayout.stem(1, foo);
        Version version = version();
        byte[] element = KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, version, ascii("field"));
        put("key.stem", stem);
        put("key.stem-end", KeyLayout.stemEnd(stem));
        put("key.root", KeyLayout.root(1, foo));
        put("key.root-escaped", KeyLayout.root(2, new byte[] {'{', 't', '}', 0, 0, 'x'}));
        put("key.root-empty", KeyLayout.root(1, new byte[0]));
        put("key.element", element);
        put("key.slot-end", KeyLayout.slotStart(Slot.COUNT));
        put("key.scan-prefix", KeyLayout.hashPrefix(Slot.of(foo), 1, KeyLayout.hashOf(stem)));
        byte[] stamp = new byte[Version.BYTES];
        version.write(stamp, 0);
        put("value.stamp", stamp);
        byte[] stamped = new byte[Version.BYTES + 3];
        version.write(stamped, 0);
        System.arraycopy(ascii("bar"), 0, stamped, Version.BYTES, 3);
        put("value.stamped", stamped);
        put("key.expiry", ExpiryKey.of(1_700_000_000_000L, KeyLayout.root(1, foo)));
        put("key.history", HistoryKey.of(version.timestamp() - 5, KeyLayout.root(1, foo), version.timestamp()));
    }

    private void makeReplies() {
        put("reply.status", ReplyCodec.encode(Reply.OK));
        put("reply.error", ReplyCodec.encode(Reply.error("ERR no")));
        put("reply.integer", ReplyCodec.encode(new Reply.Int(-300)));
        put("reply.bulk", ReplyCodec.encode(Reply.bulk("foo")));
        put("reply.null", ReplyCodec.encode(Reply.NULL));
        put("reply.null-array", ReplyCodec.encode(Reply.NULL_ARRAY));
        put("reply.array", ReplyCodec.encode(Reply.array(List.of(Reply.ONE, Reply.NULL))));
        put("reply.map", ReplyCodec.encode(new Reply.MapOf(List.of(Reply.bulk("k"), Reply.ZERO))));
        put("reply.set", ReplyCodec.encode(new Reply.SetOf(List.of(Reply.bulk("m")))));
        put("reply.real", ReplyCodec.encode(new Reply.Real(1.5)));
        put("reply.false", ReplyCodec.encode(new Reply.Bool(false)));
        put("reply.true", ReplyCodec.encode(new Reply.Bool(true)));
        put("reply.big-number", ReplyCodec.encode(new Reply.BigNumber("-12345678901234567890")));
        put("reply.verbatim", ReplyCodec.encode(new Reply.Verbatim("txt", ascii("hi"))));
        put("reply.push", ReplyCodec.encode(new Reply.Push(List.of(Reply.EMPTY_ARRAY))));
    }

    private void makeRequests() {
        byte[][] arguments = {ascii("foo"), ascii("bar")};
        put("request.plain", RequestCodec.encode(new Request("SET", 1, 0, 7, 0, Optional.empty(), 0, arguments)));
        RequestId id = new RequestId(1, 2, 3);
        put(
                "request.full",
                RequestCodec.encode(new Request(
                        "GET", 2, 9, 300, Request.FLAG_RESP3, Optional.of(id), 1_000, new byte[][] {ascii("foo")})));
        List<ReplicaId> voters = List.of(new ReplicaId(new StoreId(1), 1), new ReplicaId(new StoreId(2), 5));
        RegionDescriptor region = new RegionDescriptor(
                new RegionId(3), KeyLayout.slotStart(0x1000), new byte[0], new Epoch(2, 4), voters);
        put("region.descriptor", RegionDescriptorCodec.encode(region));
        put("outcome.done", OutcomeCodec.encode(new Outcome.Done(Reply.OK)));
        put("outcome.not-leader", OutcomeCodec.encode(new Outcome.NotLeader(Optional.of(new StoreId(2)))));
        put("outcome.no-leader", OutcomeCodec.encode(new Outcome.NotLeader(Optional.empty())));
        put("outcome.epoch-mismatch", OutcomeCodec.encode(new Outcome.EpochMismatch(List.of(region))));
        put("outcome.out-of-range", OutcomeCodec.encode(new Outcome.OutOfRange()));
        put("outcome.refused", OutcomeCodec.encode(new Outcome.Refused("busy")));
        put("outcome.undetermined", OutcomeCodec.encode(new Outcome.Undetermined()));
    }

    private static Version version() {
        return new Version(Timestamp.of(1_700_000_000_000L, 5), 2);
    }

    private void put(String name, byte[] bytes) {
        made.put(name, HexFormat.of().formatHex(bytes));
    }

    private static String lines(Map<String, String> vectors) {
        StringBuilder lines = new StringBuilder();
        vectors.forEach(
                (name, hex) -> lines.append(name).append(": ").append(hex).append('\n'));
        return lines.toString();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
