package io.kvasir.gateway.script;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.fuzz.RedisServer;
import io.kvasir.gateway.fuzz.ReplyText;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.gateway.server.TestGateway;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.range.OwnerThread;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** FUNCTION and FCALL answer what a real Redis answers, and each takes what the other dumped. */
@Timeout(60)
final class FunctionDifferenceTest {

    private final ExecutorService owner = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("owner").stackSize(OwnerThread.STACK_BYTES).factory());
    private RedisServer server;
    private RespTarget theirs;
    private TestGateway gateway;
    private RespTarget ours;

    @BeforeEach
    void connect() throws IOException {
        Optional<RedisServer> redis = RedisServer.start();
        assumeTrue(redis.isPresent(), "no redis-server on this machine");
        server = redis.get();
        theirs = server.connect();
        gateway = TestGateway.evaluatingOn(owner);
        ours = new RespTarget("kvasir", "127.0.0.1", gateway.port());
    }

    @AfterEach
    void disconnect() throws IOException {
        if (server != null) {
            theirs.close();
            ours.close();
            gateway.close();
            server.close();
        }
        owner.shutdownNow();
    }

    @Test
    void functionsAnswerAsRedis() throws IOException {
        List<String> differences = new ArrayList<>();
        for (int protocol = 2; protocol <= 3; protocol++) {
            theirs.reset(protocol);
            ours.reset(protocol);
            for (String line : lines()) {
                String wanted = ReplyText.of(theirs.send(words(line)));
                String got = ReplyText.of(ours.send(words(line)));
                if (!wanted.equals(got)) {
                    differences.add("RESP" + protocol + " " + line + "\n  redis:  " + wanted + "\n  kvasir: " + got);
                }
            }
        }
        assertTrue(differences.isEmpty(), () -> String.join("\n", differences));
    }

    @Test
    void whatOneDumpsTheOtherRestores() throws IOException {
        for (int i = 0; i < 20; i++) {
            String code = "#!lua name=lib" + i + "<nl>" + "-- x".repeat(i * 20) + "<nl>redis.register_function('f" + i
                    + "', function() return " + i + " end)";
            ours.send(words("FUNCTION | LOAD | " + code));
        }
        byte[] dumped = bulk(ours.send(words("FUNCTION | DUMP")));
        assertEquals(Reply.OK, theirs.send(restore(dumped, "APPEND")));
        assertEquals(Reply.of(19), theirs.send(words("FCALL | f19 | 0")));
        byte[] theirDump = bulk(theirs.send(words("FUNCTION | DUMP")));
        assertEquals(dumped.length, theirDump.length);

        for (String policy : List.of("APPEND", "append", "REPLACE", "FLUSH")) {
            assertEquals(
                    withoutNumbers(theirs.send(restore(dumped, policy))),
                    withoutNumbers(ours.send(restore(theirDump, policy))),
                    policy);
        }
        assertEquals(Reply.OK, ours.send(restore(theirDump, "FLUSH")));
        assertArrayEquals(dumped, bulk(ours.send(words("FUNCTION | DUMP"))));
        assertEquals(Reply.of(7), ours.send(words("FCALL | f7 | 0")));

        // A damaged payload changes nothing, whatever the damage.
        byte[] damaged = dumped.clone();
        damaged[20] ^= 1;
        assertEquals(
                ReplyText.of(theirs.send(restore(damaged, "FLUSH"))),
                ReplyText.of(ours.send(restore(damaged, "FLUSH"))));
        byte[] short1 = Arrays.copyOf(dumped, 30);
        assertEquals(
                ReplyText.of(theirs.send(restore(short1, "FLUSH"))), ReplyText.of(ours.send(restore(short1, "FLUSH"))));
        assertArrayEquals(dumped, bulk(ours.send(words("FUNCTION | DUMP"))));
    }

    @Test
    void aFunctionKeepsNothingFromOneCallToTheNext() throws IOException {
        ours.send(
                words("FUNCTION | LOAD | #!lua name=l<nl>local n = 0 redis.register_function('f', function() n = n + 1"
                        + " return n end)"));
        assertEquals(Reply.of(1), ours.send(words("FCALL | f | 0")));
        assertEquals(Reply.of(1), ours.send(words("FCALL | f | 0")));
    }

    @Test
    void librariesOutliveFlushallAndAreNoKeys() throws IOException {
        ours.send(words("FUNCTION | LOAD | #!lua name=l<nl>redis.register_function('f', function() return 1 end)"));
        assertEquals(Reply.of(0), ours.send(words("DBSIZE")));
        assertEquals(Reply.OK, ours.send(words("FLUSHALL")));
        assertEquals(Reply.of(1), ours.send(words("FCALL | f | 0")));
    }

    /** Which of several libraries is named first is chance in Redis. */
    private static String withoutNumbers(Reply reply) {
        return ReplyText.of(reply).replaceAll("[0-9]", "");
    }

    private static byte[] bulk(Reply reply) {
        return ((Reply.Bulk) reply).bytes();
    }

    private static Words restore(byte[] payload, String policy) {
        return new Words(List.of(
                "FUNCTION".getBytes(StandardCharsets.US_ASCII),
                "RESTORE".getBytes(StandardCharsets.US_ASCII),
                payload,
                policy.getBytes(StandardCharsets.US_ASCII)));
    }

    private static Words words(String line) {
        List<byte[]> words = new ArrayList<>();
        for (String word : line.split(" \\| ")) {
            words.add(word.replace("<nl>", "\n").getBytes(StandardCharsets.ISO_8859_1));
        }
        return new Words(words);
    }

    private static List<String> lines() throws IOException {
        try (InputStream in = FunctionDifferenceTest.class.getResourceAsStream("functions.txt")) {
            String all = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.ISO_8859_1);
            return all.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("//"))
                    .toList();
        }
    }
}
