package io.kvasir.txn.percolator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.OwnedKey;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.EventCode;
import io.kvasir.region.KeyLock;
import io.kvasir.txn.percolator.WriteSet.Write;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The vectors of locks and fates in {@code docs/keyspace.md} are what this module makes. */
final class LockBytesTest {

    private static final Pattern VECTOR = Pattern.compile("(?m)^((?:lock|fate)\\.[a-z-]+): ([0-9a-f ]+)$");
    private static final long START = Timestamp.of(1_700_000_000_000L, 5);
    private static final byte[] STEM = KeyLayout.stem(1, new byte[] {'f', 'o', 'o'});
    private static final byte[] ROOT = KeyLayout.rootOfStem(STEM);

    @Test
    void theDocumentIsTrue() throws IOException {
        Map<String, String> written = new TreeMap<>();
        Matcher vectors = VECTOR.matcher(Files.readString(Path.of("..", "docs", "keyspace.md")));
        while (vectors.find()) {
            written.put(vectors.group(1), vectors.group(2).replace(" ", ""));
        }
        assertEquals(made(), written);
    }

    @Test
    void aLockIsReadBackAsItWasWritten() {
        for (TxnLock lock : List.of(all(), guard())) {
            KeyLock stored = KeyLock.of(STEM, START, false, lock.encode());
            assertArrayEquals(lock.encode(), TxnLock.of(stored).encode());
        }
        byte[] fate = new Fate(9, List.of(STEM)).encode();
        assertArrayEquals(fate, Fate.decode(fate).encode());
        assertEquals(Fate.ROLLED_BACK, Fate.decode(Fate.ROLLED_BACK.encode()));
    }

    @Test
    void keysOfLocksLieWithinTheRangeOfTheirStem() {
        byte[] key = OwnedKey.of(STEM, START);
        assertArrayEquals(STEM, OwnedKey.stemOf(key));
        assertEquals(START, OwnedKey.ownerOf(key));
        byte[] later = KeyLayout.stem(1, new byte[] {'f', 'o', 'o', 0});
        assertEquals(
                Integer.signum(Arrays.compareUnsigned(STEM, later)),
                Integer.signum(Arrays.compareUnsigned(key, later)));
        assertEquals(true, OwnedKey.isMapStem(OwnedKey.mapStem(new byte[0])));
        assertEquals(true, OwnedKey.isMapStem(OwnedKey.mapStem(KeyLayout.slotStart(7))));
        assertEquals(true, OwnedKey.isMapStem(OwnedKey.mapStem(STEM)));
        assertEquals(false, OwnedKey.isMapStem(STEM));
        assertEquals(false, OwnedKey.isMapStem(OwnedKey.spanStem(STEM, 'M')));
    }

    private static Map<String, String> made() {
        Map<String, String> made = new TreeMap<>();
        made.put("lock.key", hex(OwnedKey.of(STEM, START)));
        made.put("lock.map-key", hex(OwnedKey.of(OwnedKey.mapStem(KeyLayout.slotStart(4_096)), START)));
        made.put("lock.span-key", hex(OwnedKey.of(OwnedKey.spanStem(KeyLayout.slotStart(4_096), 2), START)));
        made.put("lock.span", "0103" + hex(span()) + hex(guard().encode()));
        made.put("lock.all", "0100" + hex(all().encode()));
        made.put("lock.guard", "0101" + hex(guard().encode()));
        made.put("fate.committed", hex(new Fate(START + 3, List.of(STEM)).encode()));
        made.put("fate.rolled-back", hex(Fate.ROLLED_BACK.encode()));
        return made;
    }

    /** The bounds of a span from slot 4096 to the end of the last range. */
    private static byte[] span() {
        return new WireWriter(8)
                .bytes(KeyLayout.slotStart(4_096))
                .bytes(new byte[0])
                .toBytes();
    }

    private static TxnLock all() {
        WriteSet writes = new WriteSet();
        writes.add(new Write.Put(ROOT, new byte[] {(byte) 0xAA}));
        writes.add(new Write.Delete(ROOT));
        writes.add(new Write.DeleteRange(new byte[] {1}, new byte[] {2}));
        writes.add(new Write.MoveExpiry(ROOT, 1, 300));
        writes.add(new Write.AddKeys(ROOT, 1, -1));
        writes.add(new Write.MapInstance(0, 65_536));
        writes.add(new Write.Event(new EventCode(300), ROOT));
        return new TxnLock(START, START + 2, 3_000, STEM, List.of(STEM), writes);
    }

    private static TxnLock guard() {
        return new TxnLock(START, START + 3, 3_000, STEM, List.of(), new WriteSet());
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
