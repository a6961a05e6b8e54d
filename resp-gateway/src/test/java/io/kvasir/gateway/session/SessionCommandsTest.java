package io.kvasir.gateway.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.fuzz.RedisServer;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.gateway.server.RawClient;
import io.kvasir.gateway.server.TestGateway;
import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SessionCommandsTest {

    /** Commands that Redis does not have. */
    private static final Set<String> OWN =
            Set.of("KVASIR.AS", "KVASIR.SNAPSHOT", "AT", "CLIENT CONSISTENCY", "CLIENT REQUESTID");

    /** Commands that Redis does not have, with all subcommands. */
    private static final String OWN_CONTAINER = "INTERCEPT";

    @Test
    void everyRowSaysWhatRedisOwnTableSays() throws IOException {
        Map<String, String[]> reference = reference();
        try (TestGateway gateway = new TestGateway()) {
            for (Command command : gateway.commands().table().all()) {
                CommandSpec spec = command.spec();
                if (OWN.contains(spec.name()) || spec.container().equals(OWN_CONTAINER)) {
                    continue;
                }
                String[] row = reference.get(spec.name());
                assertNotNull(row, spec.name() + " is no command of Redis");
                assertEquals(Integer.parseInt(row[3]), spec.arity(), spec.name() + ": arity");
                assertEquals(words(row[4]), names(spec.flags()), spec.name() + ": flags");
                assertEquals(words(row[5]), names(spec.categories()), spec.name() + ": categories");
                assertEquals(row[6], spec.since(), spec.name() + ": since");
            }
        }
    }

    @Test
    void everyCommandIsDescribed() throws IOException {
        try (TestGateway gateway = new TestGateway()) {
            for (Command command : gateway.commands().table().all()) {
                assertFalse(
                        CommandDocs.of(command.spec().name()).summary().isEmpty(),
                        "COMMAND DOCS has nothing on " + command.spec().name());
            }
        }
    }

    @Test
    void everySettingOfRedisIsKnownWithItsValue() throws IOException {
        Optional<RedisServer> redis = RedisServer.start();
        assumeTrue(redis.isPresent(), "no redis-server to compare with");
        Set<String> ours = Set.of("bind", "client-output-buffer-limit", "dir", "port", "sanitize-dump-payload");
        try (RedisServer server = redis.orElseThrow();
                RespTarget client = server.connect()) {
            Settings settings = new Settings(Map.of(), new SlowLog(() -> 0));
            List<Reply> all = ((Reply.Array) client.send(Words.of("CONFIG GET *"))).elements();
            for (int i = 0; i < all.size(); i += 2) {
                String name = text(all.get(i));
                String value = settings.find(name);
                assertNotNull(value, name);
                if (!ours.contains(name)) {
                    assertEquals(text(all.get(i + 1)), value, name);
                }
            }
        }
    }

    @Test
    void infoHasEveryFieldThatToolsRead() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient client = gateway.connect()) {
            client.send("SET a 1\r\nGET a\r\nGET\r\nfoo\r\nINFO everything\r\n").endInput();
            String info = client.readToEnd();
            List<String> fields = Stream.of(
                            "redis_version:7.2 redis_mode:standalone run_id: tcp_port:6379 uptime_in_seconds: process_id: os:",
                            "loading:0 role:master connected_slaves:0 master_repl_offset:7 used_memory:1048576",
                            "used_memory_human:1.00M used_memory_rss: used_memory_peak: maxmemory: maxmemory_policy:noeviction",
                            "mem_fragmentation_ratio:4.00 connected_clients:1 blocked_clients:0 maxclients:10000",
                            "total_connections_received:1 total_commands_processed:2 instantaneous_ops_per_sec:",
                            "keyspace_hits:4 keyspace_misses:5 expired_keys:6 evicted_keys:0 rejected_connections:0",
                            "total_net_input_bytes: total_net_output_bytes: used_cpu_sys:0.008000 used_cpu_user:0.009000",
                            "cluster_enabled:0 db0:keys=12,expires=3,avg_ttl=5000 cmdstat_set:calls=1,",
                            "errorstat_ERR:count=2 latency_percentiles_usec_get:p50= kvasir_version:0.1 regions:1",
                            "total_error_replies:2")
                    .flatMap(line -> Stream.of(line.split(" ")))
                    .toList();
            for (String field : fields) {
                assertTrue(info.contains("\r\n" + field), field + " is missing in " + info);
            }
            assertTrue(info.contains("cmdstat_get:calls=1,") && info.contains("rejected_calls=1"), info);
        }
    }

    @Test
    void clientsAreListedNamedAndKilled() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient me = gateway.connect();
                RawClient other = gateway.connect()) {
            me.send("CLIENT SETNAME me\r\nSELECT 3\r\n").read(10);
            other.send("CLIENT SETINFO lib-name jedis\r\nGET a\r\n").read(10);
            me.send("CLIENT LIST\r\n").endInput();
            String list = me.readToEnd();
            assertTrue(
                    list.contains(" name=me ") && list.contains(" db=3 ") && list.contains(" cmd=client|list "), list);
            assertTrue(list.contains(" lib-name=jedis ") && list.contains(" cmd=get "), list);
            try (RawClient killer = gateway.connect()) {
                killer.send("CLIENT KILL ID 2\r\nCLIENT KILL TYPE normal SKIPME no\r\nPING\r\n");
                assertEquals(":1\r\n", killer.read(4));
                assertEquals("", other.readToEnd());
                String rest = killer.readToEnd();
                assertTrue(rest.matches(":[12]\r\n"), rest);
            }
        }
    }

    @Test
    void aClusterClientIsToldOnlyOfTheRangesThatItsNodeLeads() throws IOException {
        String requests = "SET a 1\r\nDBSIZE\r\nSCAN 0\r\nKEYS *\r\nRANDOMKEY\r\nDEL a\r\nGET a\r\n";
        String found = "+OK\r\n:1\r\n*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n*1\r\n$1\r\na\r\n$1\r\na\r\n:1\r\n$-1\r\n";
        String nothing = "+OK\r\n:0\r\n*2\r\n$1\r\n0\r\n*0\r\n*0\r\n$-1\r\n:1\r\n$-1\r\n";
        for (int self = 0; self < 2; self++) {
            try (TestGateway gateway = new TestGateway(Runnable::run, Map.of(), self);
                    RawClient cluster = new RawClient(gateway.clusterPort());
                    RawClient standalone = gateway.connect()) {
                assertEquals(
                        self == 0 ? found : nothing,
                        cluster.send(requests).endInput().readToEnd());
                assertEquals(found, standalone.send(requests).endInput().readToEnd());
            }
        }
    }

    @Test
    void sleepIsAllowedOnlyWhereTheConfigurationSaysSo() throws IOException {
        try (TestGateway gateway = new TestGateway(Runnable::run, Map.of("enable-debug-command", "local"));
                RawClient client = gateway.connect()) {
            client.send("DEBUG SLEEP 0.02\r\nPING\r\nDEBUG FOO\r\nDEBUG SLEEP x\r\nPING\r\n")
                    .endInput();
            assertEquals(
                    "+OK\r\n+PONG\r\n-ERR unknown subcommand or wrong number of arguments for 'FOO'. Try DEBUG HELP.\r\n"
                            + "-ERR value is not a valid float\r\n+PONG\r\n",
                    client.readToEnd());
        }
    }

    @Test
    void slowCommandsAreLogged() throws IOException {
        try (TestGateway gateway = new TestGateway(Runnable::run, Map.of("slowlog-log-slower-than", "0"));
                RawClient client = gateway.connect()) {
            client.send("CLIENT SETNAME slow\r\nSET k " + "x".repeat(200) + "\r\nSLOWLOG LEN\r\nSLOWLOG GET 1\r\n"
                            + "LATENCY HISTOGRAM set\r\n")
                    .endInput();
            String all = client.readToEnd();
            assertTrue(all.startsWith("+OK\r\n+OK\r\n:2\r\n*1\r\n*6\r\n:2\r\n"), all);
            assertTrue(all.contains("$3\r\nset\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n*2\r\n"), all);
        }
    }

    @Test
    void bucketsOfLatenciesCoverTheirValues() {
        for (long nanos = 0; nanos < 1L << 40; nanos = nanos * 9 / 8 + 1) {
            long upper = LatencyCounts.upperBound(LatencyCounts.bucketOf(nanos));
            assertTrue(upper >= nanos && upper <= nanos + nanos / 8 + 1, nanos + " is counted below " + upper);
        }
        assertNull(new Settings(Map.of(), new SlowLog(() -> 0)).find("nosuch"));
    }

    private static String text(Reply reply) {
        return new String(((Reply.Bulk) reply).bytes(), StandardCharsets.ISO_8859_1);
    }

    private static Set<String> words(String cell) {
        return Stream.of(cell.split(","))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(Set<? extends Enum<?>> values) {
        return values.stream().map(Enum::name).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, String[]> reference() throws IOException {
        Map<String, String[]> rows = new HashMap<>();
        try (InputStream in = Objects.requireNonNull(
                SessionCommandsTest.class.getResourceAsStream("/io/kvasir/gateway/command/redis-commands.tsv"))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
                String[] cells = line.split("\t", -1);
                rows.put(cells[0], cells);
            }
        }
        return rows;
    }
}
