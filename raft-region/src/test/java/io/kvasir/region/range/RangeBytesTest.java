package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.ExpiryKey;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.region.EventCode;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.range.Entry.Event;
import io.kvasir.region.range.RangeState.Applied;
import io.kvasir.store.engine.Family;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The vectors of {@code docs/keyspace.md} under "Range state" and "Raft entry" are what this module makes. */
final class RangeBytesTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "keyspace.md");
    private static final Pattern VECTOR = Pattern.compile("(?m)^((?:range|entry|wait)\\.[a-z0-9-]+): ([0-9a-f ]+)$");

    private static final RegionId REGION = new RegionId(7);
    private static final long TIMESTAMP = Timestamp.of(1_700_000_000_000L, 5);
    private static final byte[] ROOT = KeyLayout.root(1, "foo".getBytes(StandardCharsets.US_ASCII));

    @Test
    void theDocumentIsTrue() throws IOException {
        Map<String, String> made = new TreeMap<>();
        vectors().forEach((name, bytes) -> made.put(name, HexFormat.of().formatHex(bytes)));
        Map<String, String> written = new TreeMap<>();
        Matcher vectors = VECTOR.matcher(Files.readString(DOCUMENT));
        while (vectors.find()) {
            written.put(vectors.group(1), vectors.group(2).replace(" ", ""));
        }
        assertEquals(made, written);
    }

    @Test
    void anEntryIsReadBackAsItWasWritten() {
        for (Entry entry :
                List.of(start(), batch(), everything(), checksum(), keepPast(), split(), members(), committed())) {
            byte[] bytes = EntryCodec.encode(entry);
            assertArrayEquals(bytes, EntryCodec.encode(EntryCodec.decode(bytes)));
        }
    }

    private static Entry keepPast() {
        CommandEffects keep = new CommandEffects(
                0,
                Optional.empty(),
                Optional.empty(),
                List.of(new Effect.KeepPast(0, 10_000, TIMESTAMP - 2)),
                List.of());
        return new Entry(REGION, Epoch.FIRST, new ChainLink(4, 1, 4), TIMESTAMP, 99, List.of(keep));
    }

    @Test
    void aTruncatedEntryIsRefusedWhereverItEnds() {
        byte[] bytes = EntryCodec.encode(everything());
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(MalformedBytes.class, () -> EntryCodec.decode(cut));
        }
    }

    @Test
    void aForwardedCommandIsReadBackAsItWasWritten() {
        ForwardedCommand command = new ForwardedCommand(
                REGION, 3, new StreamPlace(11, 2), 9, new Request("SET", 1, 0, 5, 0, Optional.empty(), 0, new byte[][] {
                    {1}, {2}
                }));
        assertArrayEquals(
                command.encode(), ForwardedCommand.decode(command.encode()).encode());
    }

    @Test
    void aWaitIsReadBackAsItWasWritten() {
        Request request = new Request("BLPOP", 1, 0, 5, 0, Optional.empty(), 0, new byte[][] {{1}, {2}});
        WaitRequest asked = new WaitRequest(REGION, 3, 9, 2, 77, true, Optional.of(request));
        assertArrayEquals(asked.encode(), WaitRequest.decode(asked.encode()).encode());
        WaitRequest over = WaitRequest.decode(asked.withdrawal().encode());
        assertEquals(asked.withdrawal(), over);
    }

    private static Map<String, byte[]> vectors() {
        Map<String, byte[]> vectors = new TreeMap<>();
        vectors.put("range.applied-key", RangeState.appliedKey(REGION));
        vectors.put("range.applied", RangeState.encode(new Applied(1_000, 4, new ChainLink(4, 1, 77), TIMESTAMP)));
        vectors.put("range.descriptor-key", RangeState.descriptorKey(REGION));
        vectors.put("range.key-count-key", RangeState.keyCountKey(REGION, 1));
        vectors.put("range.instance-key", RangeState.instanceKey(REGION, 0));
        vectors.put("range.retired-key", RangeState.retiredKey(REGION, 1));
        byte[] staged = KeyLayout.element(
                KeyLayout.stem(1, "key".getBytes(StandardCharsets.US_ASCII)),
                KeyLayout.KIND_ELEMENT,
                new Version(0x062f3f95a0000005L, SnapshotRun.PARTS_MAX),
                new byte[1]);
        vectors.put("range.staged-key", RangeState.stagedKey(REGION, RangeState.stagedDetail(staged)));
        vectors.put("range.staged", RangeState.STAGED_NOTE);
        vectors.put("range.number", RangeState.encode(42));
        vectors.put("range.retention-key", RangeState.retentionKey(REGION, 0));
        vectors.put("range.retention", RangeState.encode(10_000, TIMESTAMP));
        vectors.put("range.left-instance-key", RangeState.leftInstanceKey(REGION, 0, TIMESTAMP));
        vectors.put("range.slice-key", RangeState.sliceKey(REGION, TIMESTAMP));
        vectors.put("range.slice", RangeState.encode(3, 400));
        vectors.put(
                "range.dead-records-key", RangeState.deadRecordsKey(REGION, TIMESTAMP, KeyLayout.slotStart(12_182)));
        vectors.put("entry.keep-past", EntryCodec.encode(keepPast()));
        vectors.put("entry.start", EntryCodec.encode(start()));
        vectors.put("entry.set", EntryCodec.encode(batch()));
        vectors.put("entry.all", EntryCodec.encode(everything()));
        vectors.put("entry.checksum", EntryCodec.encode(checksum()));
        vectors.put("entry.split", EntryCodec.encode(split()));
        vectors.put("entry.members", EntryCodec.encode(members()));
        WaitRequest over = new WaitRequest(REGION, 3, 9, 2, 0x062f3f95a0000005L, false, Optional.empty());
        vectors.put("wait.over", over.encode());
        vectors.put("entry.commit", EntryCodec.encode(committed()));
        return vectors;
    }

    private static Entry start() {
        return Entry.start(REGION, Epoch.FIRST, 4, 1, 99);
    }

    private static Entry batch() {
        CommandEffects set = new CommandEffects(
                0,
                Optional.empty(),
                Optional.empty(),
                List.of(new Effect.Put(Family.NEWEST, ROOT, new byte[] {(byte) 0xAA}), new Effect.AddKeys(1, 1)),
                List.of());
        return new Entry(REGION, Epoch.FIRST, new ChainLink(4, 1, 1), TIMESTAMP, 99, List.of(set));
    }

    private static Entry checksum() {
        CommandEffects record = new CommandEffects(
                0, Optional.empty(), Optional.empty(), List.of(new Effect.RecordChecksum(258)), List.of());
        return new Entry(REGION, Epoch.FIRST, new ChainLink(4, 1, 2), TIMESTAMP, 99, List.of(record));
    }

    private static Entry split() {
        RegionDescriptor child = new RegionDescriptor(
                new RegionId(8),
                KeyLayout.slotStart(8_192),
                new byte[0],
                new Epoch(1, 2),
                List.of(new ReplicaId(new StoreId(1), 9)));
        CommandEffects split = new CommandEffects(
                0,
                Optional.empty(),
                Optional.empty(),
                List.of(new Effect.Split(child, new TreeMap<>(Map.of(1, 5L)))),
                List.of());
        return new Entry(REGION, Epoch.FIRST, new ChainLink(4, 1, 4), TIMESTAMP, 99, List.of(split));
    }

    private static Entry members() {
        List<ReplicaId> voters = List.of(new ReplicaId(new StoreId(1), 9), new ReplicaId(new StoreId(2), 10));
        CommandEffects members = new CommandEffects(
                0, Optional.empty(), Optional.empty(), List.of(new Effect.Members(2, voters)), List.of());
        return new Entry(REGION, Epoch.FIRST, new ChainLink(4, 1, 4), TIMESTAMP, 99, List.of(members));
    }

    private static Entry committed() {
        CommandEffects resolve = new CommandEffects(
                0,
                Optional.empty(),
                Optional.empty(),
                List.of(new Effect.Put(Family.NEWEST, ROOT, new byte[] {(byte) 0xAA})),
                List.of(),
                TIMESTAMP - 2);
        return new Entry(REGION, Epoch.FIRST, new ChainLink(4, 1, 3), TIMESTAMP, 99, List.of(resolve));
    }

    private static Entry everything() {
        CommandEffects all = new CommandEffects(
                3,
                Optional.of(new RequestId(1, 2, 3)),
                Optional.of(Reply.OK),
                List.of(
                        new Effect.Put(Family.EXPIRY, ExpiryKey.of(1, ROOT), new byte[0]),
                        new Effect.Delete(Family.NEWEST, ROOT),
                        new Effect.DeleteRange(Family.NEWEST, new byte[] {1}, new byte[] {2}),
                        new Effect.AddKeys(1, -1),
                        new Effect.MapInstance(0, 65_536),
                        new Effect.ForgetInstance(65_537)),
                List.of(new Event(new EventCode(300), ROOT)));
        return new Entry(REGION, new Epoch(2, 3), new ChainLink(4, 2, 8), TIMESTAMP, 99, List.of(all));
    }
}
