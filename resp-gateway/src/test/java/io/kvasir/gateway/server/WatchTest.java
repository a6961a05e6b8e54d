package io.kvasir.gateway.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.fuzz.RedisServer;
import io.kvasir.gateway.fuzz.ReplyText;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Two connections: what the second does between WATCH and EXEC of the first decides whether EXEC runs. Each script is
 * played on this gateway and, where there is one, on a redis-server; lines of the second connection begin with a dash.
 */
final class WatchTest {

    /** A story: its name, its lines, and whether EXEC runs at the end. */
    private record Story(String name, boolean runs, String... lines) {}

    private static final List<Story> STORIES = List.of(
            new Story("nothing happens", true, "SET k 1", "WATCH k"),
            new Story("written", false, "SET k 1", "WATCH k", "-SET k 2"),
            new Story("written with the same value", false, "SET k 1", "WATCH k", "-SET k 1"),
            new Story("another key is written", true, "SET k 1", "WATCH k", "-SET j 2"),
            new Story("removed", false, "SET k 1", "WATCH k", "-DEL k"),
            new Story("removed and created with the same value", false, "SET k 1", "WATCH k", "-DEL k", "-SET k 1"),
            new Story("absent and created", false, "WATCH k", "-SET k 1"),
            new Story("absent, created and removed", false, "WATCH k", "-SET k 1", "-DEL k"),
            new Story(
                    "absent, created and removed in one transaction",
                    false,
                    "WATCH k",
                    "-MULTI",
                    "-SET k 1",
                    "-DEL k",
                    "-EXEC"),
            new Story("absent, removed", true, "WATCH k", "-DEL k"),
            new Story("created and removed before", true, "-SET k 1", "-DEL k", "WATCH k"),
            new Story("an element is written", false, "HSET k f 1", "WATCH k", "-HSET k f 2"),
            new Story("only read", true, "SET k 1", "WATCH k", "-GET k", "-STRLEN k"),
            new Story("renamed away", false, "SET k 1", "WATCH k", "-RENAME k j"),
            new Story("renamed onto", false, "WATCH k", "-SET j 1", "-RENAME j k"),
            new Story("persisted without an expiry", true, "SET k 1", "WATCH k", "-PERSIST k"),
            new Story("given an expiry", false, "SET k 1", "WATCH k", "-EXPIRE k 100"),
            new Story("expired at once", false, "SET k 1", "WATCH k", "-PEXPIREAT k 1"),
            new Story("flushed", false, "SET k 1", "WATCH k", "-FLUSHDB"),
            new Story("all flushed", false, "SET k 1", "WATCH k", "-FLUSHALL"),
            new Story("flushed while absent", true, "SET j 1", "WATCH k", "-FLUSHDB"),
            new Story("created and flushed", false, "WATCH k", "-SET k 1", "-FLUSHDB"),
            new Story("flushed and created anew", false, "SET k 1", "WATCH k", "-FLUSHDB", "-SET k 1"),
            new Story("another database is flushed", true, "SET k 1", "WATCH k", "-SELECT 1", "-FLUSHDB"),
            new Story("written in another database", true, "SET k 1", "WATCH k", "-SELECT 1", "-SET k 2"),
            new Story(
                    "watched in another database",
                    false,
                    "SELECT 1",
                    "SET k 1",
                    "WATCH k",
                    "SELECT 0",
                    "-SELECT 1",
                    "-SET k 2"),
            new Story("by itself", false, "SET k 1", "WATCH k", "SET k 2"),
            new Story("unwatched", true, "SET k 1", "WATCH k", "-SET k 2", "UNWATCH"),
            new Story("watched again after the write", false, "SET k 1", "WATCH k", "-SET k 2", "WATCH k"),
            new Story("discarded", true, "SET k 1", "WATCH k", "MULTI", "DISCARD", "-SET k 2"),
            new Story("one of several", false, "SET k 1", "WATCH a b k c", "-SET k 2"),
            new Story("moved away", false, "SET k 1", "WATCH k", "-MOVE k 2"),
            new Story("while queueing", false, "SET k 1", "WATCH k", "MULTI", "-SET k 2"));

    @TestFactory
    Stream<DynamicTest> execRunsIfNothingWatchedHasChanged() {
        return STORIES.stream()
                .map(story -> DynamicTest.dynamicTest(story.name, () -> {
                    try (TestGateway gateway = new TestGateway()) {
                        List<String> ours = play(story, gateway.port());
                        assertEquals(
                                story.runs ? "[OK]" : "nil-array", simple(ours.getLast()), String.join("\n", ours));
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> redisDoesTheSame() throws IOException {
        Optional<RedisServer> redis = RedisServer.start();
        assumeTrue(redis.isPresent(), "no redis-server to compare with");
        RedisServer server = redis.orElseThrow();
        Stream<DynamicTest> tests = STORIES.stream()
                .map(story -> DynamicTest.dynamicTest(story.name, () -> {
                    try (RespTarget clean = server.connect()) {
                        clean.send(Words.of("FLUSHALL"));
                    }
                    try (TestGateway gateway = new TestGateway()) {
                        assertEquals(play(story, server.port()), play(story, gateway.port()));
                    }
                }));
        return tests.onClose(server::close);
    }

    private static String simple(String reply) {
        return reply.startsWith("[") ? "[OK]" : "nil-array";
    }

    private static List<String> play(Story story, int port) throws IOException {
        List<String> replies = new ArrayList<>();
        try (RespTarget first = new RespTarget("first", "127.0.0.1", port);
                RespTarget second = new RespTarget("second", "127.0.0.1", port)) {
            boolean inMulti = false;
            for (String line : story.lines) {
                boolean other = line.startsWith("-");
                Reply reply = (other ? second : first).send(Words.of(other ? line.substring(1) : line));
                replies.add(line + " => " + ReplyText.of(reply));
                inMulti = line.equals("MULTI") || inMulti && !line.equals("DISCARD");
            }
            if (!inMulti) {
                first.send(Words.of("MULTI"));
            }
            first.send(Words.of("SET result 1"));
            replies.add(ReplyText.of(first.send(Words.of("EXEC"))));
        }
        return replies;
    }
}
