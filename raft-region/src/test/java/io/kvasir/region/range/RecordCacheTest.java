package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.key.Version;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RecordCacheTest {

    private static final byte[] KEY = bytes("key");

    private final AtomicBoolean cold = new AtomicBoolean();
    private final MemoryEngine engine = new MemoryEngine(cold::get);
    private final RecordCache cache = new RecordCache(engine, 100_000);

    @Test
    void aRecordReadOnceIsAnsweredFromMemory() {
        store(KEY, 1, bytes("one"));
        assertArrayEquals(bytes("one"), found(KEY).payload());
        cold.set(true);
        assertArrayEquals(bytes("one"), found(KEY).payload());
        assertEquals(new Version(1, 0), found(KEY).version());
        assertNull(cache.get(bytes("other"), false));
    }

    @Test
    void anAbsentKeyIsRemembered() {
        assertNull(found(KEY).payload());
        cold.set(true);
        assertNull(found(KEY).payload());
        assertEquals(Version.NONE, found(KEY).version());
    }

    @Test
    void aWriteReplacesWhatWasRead() {
        store(KEY, 1, bytes("one"));
        found(KEY);
        cache.forget(KEY);
        store(KEY, 2, bytes("two"));
        assertArrayEquals(bytes("two"), found(KEY).payload());
        cache.replace(KEY, new Version(2, 0), bytes("two"), true);
        cold.set(true);
        assertArrayEquals(bytes("two"), found(KEY).payload());
    }

    @Test
    void aRecordThatIsNotKeptIsReadAgain() {
        store(KEY, 1, bytes("one"));
        found(KEY);
        cache.forget(KEY);
        store(KEY, 2, bytes("two"));
        cache.replace(KEY, new Version(2, 0), bytes("two"), false);
        assertEquals(0, cache.bytes());
        assertArrayEquals(bytes("two"), found(KEY).payload());
    }

    /** The reader looks into the engine before the write and offers what it found after it. */
    @Test
    void whatWasReadBeforeAWriteIsNotKeptAfterIt() {
        store(KEY, 1, bytes("one"));
        AtomicBoolean once = new AtomicBoolean(true);
        RecordCache[] raced = new RecordCache[1];
        MemoryEngine slow = new MemoryEngine(() -> {
            if (once.getAndSet(false)) {
                raced[0].forget(KEY);
                raced[0].replace(KEY, new Version(2, 0), bytes("two"), false);
            }
            return false;
        });
        raced[0] = new RecordCache(slow, 100_000);
        raced[0].get(KEY, false);
        assertEquals(0, raced[0].bytes());
    }

    @Test
    void aRangeOfKeysIsForgotten() {
        for (String key : new String[] {"a", "b", "c"}) {
            store(bytes(key), 1, bytes(key));
            found(bytes(key));
        }
        cache.forgetRange(bytes("a"), bytes("c"));
        cold.set(true);
        assertNull(cache.get(bytes("a"), false));
        assertNull(cache.get(bytes("b"), false));
        assertArrayEquals(bytes("c"), found(bytes("c")).payload());
    }

    @Test
    void itStaysWithinItsBytesAndCountsThem() {
        for (int i = 0; i < 5_000; i++) {
            byte[] key = bytes("key" + i);
            cache.forget(key);
            cache.replace(key, new Version(1, i), new byte[i % 300], true);
            assertTrue(cache.bytes() <= 100_000, () -> cache.bytes() + " bytes");
        }
        assertTrue(cache.bytes() > 50_000, () -> cache.bytes() + " bytes");
        cache.forgetRange(new byte[0], new byte[0]);
        assertEquals(0, cache.bytes());
    }

    @Test
    void k32ManyRecordsReadOnceDoNotDriveOutOneThatIsReadOften() {
        store(KEY, 1, bytes("hot"));
        found(KEY);
        for (int i = 0; i < 5_000; i++) {
            byte[] once = bytes("once" + i);
            store(once, 1, new byte[500]);
            found(once);
            cold.set(true);
            assertArrayEquals(bytes("hot"), found(KEY).payload(), "it is in memory");
            cold.set(false);
        }
        assertTrue(cache.bytes() > 50_000, () -> cache.bytes() + " bytes");
    }

    /** Its block is in memory then; a storm of records that are read once leaves nothing here. */
    @Test
    void k32WhatCameFromTheDiskIsKeptOnceItIsReadAgain() {
        store(KEY, 1, bytes("one"));
        cold.set(true);
        assertNull(cache.get(KEY, false));
        assertArrayEquals(
                bytes("one"), Objects.requireNonNull(cache.get(KEY, true)).payload());
        assertEquals(0, cache.bytes());
        cold.set(false);
        found(KEY);
        cold.set(true);
        assertArrayEquals(bytes("one"), found(KEY).payload());
    }

    @Test
    void whatIsReadNoMoreMakesRoom() {
        for (int i = 0; i < 150; i++) {
            store(bytes("before" + i), 1, new byte[500]);
            found(bytes("before" + i));
            found(bytes("before" + i));
        }
        for (int i = 0; i < 2_000; i++) {
            store(bytes("now" + i % 50), 1, new byte[500]);
            found(bytes("now" + i % 50));
        }
        cold.set(true);
        int kept = 0;
        for (int i = 0; i < 50; i++) {
            kept += cache.get(bytes("now" + i), false) == null ? 0 : 1;
        }
        assertTrue(kept > 40, kept + " of 50");
    }

    /** One writer counts up; a reader never sees the count fall. */
    @Test
    void aReaderNeverSeesAnOldRecordAfterANewOne() throws InterruptedException {
        RecordCache small = new RecordCache(engine, 500);
        AtomicLong fell = new AtomicLong();
        AtomicBoolean stop = new AtomicBoolean();
        Thread[] readers = new Thread[2];
        for (int r = 0; r < readers.length; r++) {
            readers[r] = Thread.ofPlatform().start(() -> {
                long last = 0;
                while (!stop.get()) {
                    long seen = Objects.requireNonNull(small.get(KEY, true))
                            .version()
                            .timestamp();
                    fell.addAndGet(seen < last ? 1 : 0);
                    last = seen;
                }
            });
        }
        for (int i = 1; i < 50_000; i++) {
            small.forget(KEY);
            store(KEY, i, bytes("x"));
            small.replace(KEY, new Version(i, 0), bytes("x"), i % 3 == 0);
        }
        stop.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertEquals(0, fell.get());
    }

    private RecordCache.Cached found(byte[] key) {
        RecordCache.@Nullable Cached found = cache.get(key, false);
        return Objects.requireNonNull(found);
    }

    private void store(byte[] key, long timestamp, byte[] payload) {
        byte[] stamped = new byte[Version.BYTES + payload.length];
        new Version(timestamp, 0).write(stamped, 0);
        System.arraycopy(payload, 0, stamped, Version.BYTES, payload.length);
        try (Engine.Batch batch = engine.newBatch()) {
            batch.put(Family.NEWEST, key, stamped);
            engine.write(batch);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
