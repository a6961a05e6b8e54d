package io.kvasir.gateway.command.database;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Procedure;
import io.kvasir.region.ProcedureTable;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Values of several entries, through a range with the bounds of production (rules K11, K32). */
final class LargeValueTest {

    private final MemoryEngine engine = new MemoryEngine();
    private final LocalRanges ranges;

    LargeValueTest() {
        List<Procedure> all = new ArrayList<>(new CommandTable(List.of()).procedures());
        all.addAll(RangeProcedures.all());
        ranges = new LocalRanges(engine, new ProcedureTable(all), new LocalRanges.Counter());
        ranges.lead();
    }

    private Reply call(String procedure, byte[]... arguments) {
        return ranges.call(ranges.range(1), procedure, arguments);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    private byte[] get(String key) {
        return assertInstanceOf(Reply.Bulk.class, call("GET", text(key))).bytes();
    }

    private int records() {
        int records = 0;
        try (Engine.Cursor cursor = engine.cursor(Family.NEWEST, new byte[0], new byte[0], false, false)) {
            while (cursor.next()) {
                records++;
            }
        }
        return records;
    }

    @Test
    void aStringOfManyEntriesIsSetAppendedToOverwrittenCopiedAndRenamed() {
        byte[] value = random(5_000_000, 1);
        assertEquals(Reply.OK, call("SET", text("k"), value));
        assertArrayEquals(value, get("k"));
        byte[] more = random(2_000_000, 2);
        assertEquals(Reply.of(7_000_000), call("APPEND", text("k"), more));
        assertEquals(Reply.of(7_000_000), call("SETRANGE", text("k"), text("1000000"), more));
        byte[] expected = new byte[7_000_000];
        System.arraycopy(value, 0, expected, 0, value.length);
        System.arraycopy(more, 0, expected, value.length, more.length);
        System.arraycopy(more, 0, expected, 1_000_000, more.length);
        assertArrayEquals(expected, get("k"));
        assertEquals(Reply.of(1), call("COPY", text("k"), text("{k}copy")));
        assertEquals(Reply.OK, call("RENAME", text("k"), text("{k}renamed")));
        assertArrayEquals(expected, get("{k}copy"));
        assertArrayEquals(expected, get("{k}renamed"));
        int chunks = (7_000_000 + StringValue.CHUNK_BYTES - 1) / StringValue.CHUNK_BYTES;
        assertEquals(2 * (1 + chunks), records(), "no generation is left behind");
        assertEquals(0, ranges.range(1).stagedNotes());
        assertEquals(2, ranges.range(1).keys(0));
    }

    @Test
    void aLargeHashIsMadeReadAndCopied() {
        byte[][] arguments = new byte[1 + 2 * 10_000][];
        arguments[0] = text("h");
        for (int i = 0; i < 10_000; i++) {
            arguments[1 + 2 * i] = text("field" + i);
            arguments[2 + 2 * i] = random(400, i);
        }
        assertEquals(Reply.of(10_000), call("HSET", arguments));
        assertEquals(Reply.of(10_000), call("HLEN", text("h")));
        assertEquals(Reply.of(1), call("COPY", text("h"), text("{h}copy")));
        Reply all = call("HGETALL", text("{h}copy"));
        assertEquals(
                20_000, assertInstanceOf(Reply.MapOf.class, all).keysAndValues().size());
        assertEquals(2 * 10_001, records());
    }

    @Test
    void aValueBeyondTheNodesMemoryIsRefusedByName() {
        assertEquals(Reply.OK, call("SET", text("k"), new byte[10 << 20]));
        Reply refused = call("APPEND", text("k"), new byte[8 << 20]);
        String why = assertInstanceOf(Reply.Error.class, refused).text();
        assertTrue(why.startsWith("ERR value too large") && why.contains("memory.total"), why);
        assertEquals(Reply.of(10 << 20), call("STRLEN", text("k")));
    }
}
