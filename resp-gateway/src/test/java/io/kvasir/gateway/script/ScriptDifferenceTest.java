package io.kvasir.gateway.script;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.fuzz.RedisServer;
import io.kvasir.gateway.fuzz.ReplyText;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.gateway.server.TestGateway;
import io.kvasir.region.range.OwnerThread;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every script of {@code scripts.txt}, and generated ones, answer what a real Redis answers, to the last byte. */
@Timeout(60)
final class ScriptDifferenceTest {

    private static final List<String> TAIL = List.of("2", "k1", "k2", "a1", "22");

    @Test
    void scriptsAnswerAsRedis() throws IOException {
        Optional<RedisServer> redis = RedisServer.start();
        assumeTrue(redis.isPresent(), "no redis-server on this machine");
        try (RedisServer server = redis.get();
                RespTarget theirs = server.connect();
                ExecutorService owner = Executors.newSingleThreadExecutor(Thread.ofPlatform()
                        .name("owner")
                        .stackSize(OwnerThread.STACK_BYTES)
                        .factory());
                TestGateway gateway = TestGateway.evaluatingOn(owner);
                RespTarget ours = new RespTarget("kvasir", "127.0.0.1", gateway.port())) {
            List<String> differences = new ArrayList<>();
            for (int protocol = 2; protocol <= 3; protocol++) {
                theirs.reset(protocol);
                ours.reset(protocol);
                for (String script : scripts()) {
                    Words words = eval(script);
                    String wanted = ReplyText.of(theirs.send(words));
                    String got = ReplyText.of(ours.send(words));
                    if (!wanted.equals(got)) {
                        differences.add(
                                "RESP" + protocol + " " + script + "\n  redis:  " + wanted + "\n  kvasir: " + got);
                    }
                }
            }
            assertTrue(differences.isEmpty(), () -> String.join("\n", differences));
        }
    }

    private static Words eval(String script) {
        List<byte[]> words = new ArrayList<>();
        words.add("EVAL".getBytes(StandardCharsets.US_ASCII));
        words.add(script.getBytes(StandardCharsets.ISO_8859_1));
        TAIL.forEach(word -> words.add(word.getBytes(StandardCharsets.US_ASCII)));
        return new Words(words);
    }

    private static List<String> scripts() throws IOException {
        try (InputStream in = ScriptDifferenceTest.class.getResourceAsStream("scripts.txt")) {
            String all = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.ISO_8859_1);
            return all.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("//"))
                    .map(line -> line.replace("<nl>", "\n"))
                    .toList();
        }
    }
}
