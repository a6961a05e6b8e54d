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
import org.junit.jupiter.api.Test;

/** What clients are shown of each other, and what a transaction may still do at EXEC, here and at a redis-server. */
final class MonitorTest {

    private static final List<String> SHOWN = List.of(
            "SET k \u0007\\\"x\u0001\u00ff",
            "AUTH secret",
            "AUTH default secret",
            "HELLO 3 AUTH default secret SETNAME me",
            "HELLO 2",
            "CONFIG GET save",
            "MULTI",
            "GET k",
            "INCR z",
            "EXEC",
            "MULTI",
            "NOSUCH",
            "EXEC",
            "EXPIRE k x",
            "NOSUCH a",
            "GET",
            "SELECT 2",
            "GET k",
            "CLIENT ID",
            "CLIENT LIST",
            "ACL WHOAMI",
            "ACL USERS",
            "OBJECT ENCODING k",
            "WATCH q",
            "PUBLISH a b",
            "RESET",
            "ECHO end");

    @Test
    void whatClientsCallIsShownAsByRedis() throws IOException {
        Optional<RedisServer> redis = RedisServer.start();
        assumeTrue(redis.isPresent(), "no redis-server to compare with");
        try (RedisServer server = redis.orElseThrow();
                TestGateway gateway = new TestGateway()) {
            assertEquals(shown(server.port()), shown(gateway.port()));
        }
    }

    private static List<String> shown(int port) throws IOException {
        try (RespTarget monitor = new RespTarget("monitor", "127.0.0.1", port);
                RespTarget client = new RespTarget("client", "127.0.0.1", port)) {
            List<String> shown = new ArrayList<>();
            shown.add(ReplyText.of(monitor.send(Words.of("MONITOR"))));
            for (String line : SHOWN) {
                client.send(Words.of(line.split(" ")));
            }
            String last = "";
            while (!last.contains("\"end\"")) {
                last = ReplyText.of(monitor.receive())
                        .replaceFirst("\\d+\\.\\d{6} \\[(\\d+) 127[0-9.:]+\\]", "time [$1 client]");
                shown.add(last);
            }
            for (String line : List.of("GET k", "SET k v", "PUBLISH a b", "PING", "RESET", "GET k")) {
                monitor.post(Words.of(line.split(" ")));
                Reply reply = monitor.receive();
                shown.add(ReplyText.of(reply).contains("x\\u0001") ? "value" : ReplyText.of(reply));
                if (line.equals("PING")) {
                    monitor.receive();
                }
            }
            return shown;
        }
    }

    @Test
    void rightsAreLookedAtAgainAtExec() throws IOException {
        Optional<RedisServer> redis = RedisServer.start();
        assumeTrue(redis.isPresent(), "no redis-server to compare with");
        try (RedisServer server = redis.orElseThrow();
                TestGateway gateway = new TestGateway()) {
            assertEquals(executed(server.port()), executed(gateway.port()));
        }
    }

    private static List<String> executed(int port) throws IOException {
        try (RespTarget admin = new RespTarget("admin", "127.0.0.1", port);
                RespTarget client = new RespTarget("client", "127.0.0.1", port)) {
            List<String> told = new ArrayList<>();
            told.add(ReplyText.of(admin.send(Words.of("ACL SETUSER bob on >pw ~* &* +@all"))));
            for (String line : List.of(
                    "AUTH bob pw",
                    "MULTI",
                    "SET a 1",
                    "GET b",
                    "GET a",
                    "PUBLISH channel x",
                    "PING",
                    "EVAL return{1} 0",
                    "ECHO e")) {
                told.add(ReplyText.of(client.send(Words.of(line.split(" ")))));
            }
            told.add(ReplyText.of(
                    admin.send(Words.of("ACL SETUSER bob -set resetkeys ~a resetchannels -ping -@scripting"))));
            told.add(ReplyText.of(client.send(Words.of("EXEC"))));
            String log = ReplyText.of(admin.send(Words.of("ACL LOG")));
            told.add(log.replaceAll(".*?context, ([a-z]+), object, ([a-z|]+),", "$1 $2;")
                    .replaceAll(";[^;]*$", ""));
            return told;
        }
    }
}
