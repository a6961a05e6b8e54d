package io.kvasir.gateway.command.hyperloglog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandRunner;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bytes and digests are those that a redis-server 7.0 gave for the same commands; docs/keyspace-root.md has them. */
final class HyperLogLogTest {

    private static final String ABC = "60f38050b1844bfb80425a";

    private final MapTransaction transaction = new MapTransaction(5);
    private final CommandRunner runner = new CommandRunner(transaction);

    @AfterEach
    void whatMustHoldHolds() {
        transaction.check();
    }

    @Test
    void bytesAreThoseOfRedis() {
        runner.runAll("PFADD e", "PFADD a a b c");
        assertEquals("48594c4c01000000" + "0000000000000080" + "7fff", hex("e"));
        assertEquals("48594c4c01000000" + "0000000000000080" + ABC, hex("a"));
        assertEquals("\"Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603\"", runner.run("PFDEBUG DECODE a"));
        assertEquals("3", runner.run("PFCOUNT a"));
        assertEquals("48594c4c01000000" + "0300000000000000" + ABC, hex("a"));
        fill("s", 600);
        assertEquals("eaa33bf02db88e75b4d49791133b232166ff0496f553bf60e9f0ed0da068c519", digest("s"));
        assertEquals("603", runner.run("PFCOUNT s"));
        runner.runAll("PFMERGE m a s");
        assertEquals("62a145f6d2c591cf12c11fb77c83fc080c2ae9128deb7e80eb0a60643d3f6068", digest("m"));
        fill("d", 5_000);
        assertEquals("dense", runner.run("PFDEBUG ENCODING d"));
        assertEquals("8082b2e9e81ef22fd929870153cde504a08eade7545b5c16c036daf87e195890", digest("d"));
        assertEquals("4985", runner.run("PFCOUNT d"));
    }

    @Test
    void bytesOfRedisAreTakenAsTheyAre() {
        runner.run(bytes("SET"), bytes("a"), HexFormat.of().parseHex("48594c4c01000000" + "0700000000000000" + ABC));
        assertEquals("7", runner.run("PFCOUNT a"), "the number counted is believed");
        assertEquals("0", runner.run("PFADD a a b c"));
        assertEquals("1", runner.run("PFADD a x"));
        assertEquals("4", runner.run("PFCOUNT a"));
    }

    @Test
    void countingWritesTheHeaderOnceAndIsNoEvent() {
        runner.run("PFADD a 1 2 3");
        byte[] root = KeyLayout.root(1, bytes("a"));
        Version before = transaction.version(root);
        assertEquals("3", runner.run("PFCOUNT a"));
        assertEquals(List.of(), transaction.events());
        Version counted = transaction.version(root);
        assertNotEquals(before, counted);
        assertEquals("3", runner.run("PFCOUNT a"));
        assertEquals(counted, transaction.version(root));
    }

    @Test
    void aCountOfOneKeyRunsAsAWriteAndThatOfSeveralAsARead() {
        assertFalse(new PfCount(0, new byte[][] {bytes("a")}).readOnly());
        assertTrue(new PfCount(0, new byte[][] {bytes("a"), bytes("b")}).readOnly());
    }

    @Test
    void expiryStaysAndEventsAreThoseOfRedis() {
        runner.runAll("PFADD a 1", "EXPIRE a 100", "PFADD a 2 3");
        assertEquals(List.of(KeyspaceEvent.PFADD), transaction.events());
        runner.run("PFADD a 2 3");
        assertEquals(List.of(), transaction.events());
        runner.runAll("PFCOUNT a", "PFDEBUG TODENSE a", "PFMERGE a");
        assertEquals(List.of(KeyspaceEvent.PFADD), transaction.events());
        assertEquals("100", runner.run("TTL a"));
        assertEquals("12304", runner.run("STRLEN a"));
    }

    @Test
    void whatIsNoHyperLogLogIsRefused() {
        String none = "WRONGTYPE Key is not a valid HyperLogLog string value.";
        String corrupt = "INVALIDOBJ Corrupted HLL object detected";
        runner.runAll("SET s HYLL", "SADD set x");
        assertEquals(none, runner.run("PFADD s a"));
        assertEquals(none, runner.run("PFCOUNT a s"));
        assertTrue(runner.run("PFADD set a").startsWith("WRONGTYPE Operation against"));
        runner.run(bytes("SET"), bytes("c"), HexFormat.of().parseHex("48594c4c01000000" + "0000000000000080" + "7ffe"));
        assertEquals(corrupt, runner.run("PFCOUNT c"));
        assertEquals(corrupt, runner.run("PFMERGE m c"));
        assertEquals("0", runner.run("EXISTS m"));
        assertEquals("ERR The specified key does not exist", runner.run("PFDEBUG DECODE m"));
        assertEquals("ERR Unknown PFDEBUG subcommand 'x'", runner.run("PFDEBUG x c"));
    }

    private void fill(String key, int elements) {
        for (int i = 0; i < elements; i++) {
            runner.run("PFADD " + key + " " + i);
        }
    }

    private String hex(String key) {
        return HexFormat.of().formatHex(get(key));
    }

    private String digest(String key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(get(key)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private byte[] get(String key) {
        return ((Reply.Bulk) runner.run(bytes("GET"), bytes(key))).bytes();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
