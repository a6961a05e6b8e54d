package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.proto.key.Slot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a range does without its leader, and the leader without its range. The tests share one cluster of three nodes.
 */
@Tag("kill")
final class LeaderLossTest {

    private static final long FAILOVER_MILLIS_MAX = 10_000;
    private static final long FREEZE_MILLIS = 4_000;
    private static final long SETTLE_MILLIS_MAX = 40_000;
    private static final int KEYS = 40;

    @TempDir
    private static Path folder;

    private static Cluster cluster;

    @BeforeAll
    static void createCluster() throws IOException {
        cluster = new Cluster(folder, 3, 3);
    }

    @AfterAll
    static void endCluster() {
        cluster.close();
    }

    @BeforeEach
    void allNodesRun() {
        cluster.startAll();
        for (NodeProcess node : cluster.nodes()) {
            awaitWrite(node, "ready", 0, SETTLE_MILLIS_MAX);
        }
    }

    @Test
    void rangesOfAKilledLeaderTakeWritesAgainSoon() throws IOException {
        try (Model load = new Model(6)) {
            load.start(cluster.nodes(), Seed.of(0).random());
            Pause.until(SETTLE_MILLIS_MAX, () -> load.done() > 500);
            String key = "failover";
            NodeProcess leader = leaderOf(key);
            NodeProcess other = another(leader);
            awaitWrite(other, key, 1, SETTLE_MILLIS_MAX);
            leader.kill();
            long millis = awaitWrite(other, key, 2, FAILOVER_MILLIS_MAX);
            System.out.println("leader killed: first write after " + millis + " ms");
            load.stop();
            cluster.startAll();
            load.readAll(other);
            load.requireHolds(cluster.tails());
        }
        cluster.requireNoFault();
    }

    @Test
    void aPausedLeaderAnswersNoStaleReadsWhenItGoesOn() throws IOException {
        Register[] registers = new Register[KEYS];
        NodeProcess paused = leaderOf("stale");
        NodeProcess other = another(paused);
        List<Connection> waiting = new ArrayList<>();
        try (Connection writer = Connection.open(other.port())) {
            for (int i = 0; i < KEYS; i++) {
                registers[i] = new Register();
                write(writer, registers[i], i);
                waiting.add(Connection.open(paused.port()));
                read(waiting.getLast(), registers[i], i); // under the lease it has now
            }
            paused.freeze();
            long begin = System.nanoTime();
            write(writer, registers[0], 0);
            long millis = (System.nanoTime() - begin) / 1_000_000;
            System.out.println("leader paused: first write after " + millis + " ms");
            assertTrue(millis <= FAILOVER_MILLIS_MAX, () -> "first write after " + millis + " ms" + cluster.tails());
            Pause.millis(Math.max(0, FREEZE_MILLIS - millis));
            for (int i = 0; i < KEYS; i++) {
                write(writer, registers[i], i);
            }
            // The reads lie in its sockets when it goes on: nothing gives it time to notice.
            long[] floors = new long[KEYS];
            for (int i = 0; i < KEYS; i++) {
                floors[i] = registers[i].floor();
                waiting.get(i).send(List.of(List.of("GET", key(i)), List.of("GET", key(i))));
            }
            paused.thaw();
            int answered = 0;
            for (int i = 0; i < KEYS; i++) {
                for (int repeat = 0; repeat < 2; repeat++) {
                    if (waiting.get(i).receive() instanceof Answer.Done(Object value)) {
                        answered++;
                        require(registers[i].check(Model.number(value), floors[i]), i);
                    }
                }
            }
            System.out.println("paused leader: " + answered + " reads of " + 2 * KEYS + " answered when it went on");
            for (int i = 0; i < KEYS; i++) {
                write(writer, registers[i], i);
                read(waiting.get(i), registers[i], i);
            }
        } finally {
            paused.thaw();
            waiting.forEach(Connection::close);
        }
        cluster.requireNoFault();
    }

    @Test
    void aFollowerThatWasDownCatchesUpByTheLog() throws IOException {
        Register[] registers = new Register[KEYS];
        NodeProcess down = cluster.node(0);
        down.kill();
        try (Connection writer = Connection.open(cluster.node(1).port())) {
            for (int i = 0; i < KEYS; i++) {
                registers[i] = new Register();
                for (int n = 0; n < 10; n++) {
                    write(writer, registers[i], i);
                }
            }
        }
        down.start();
        down.awaitReady();
        cluster.node(1).kill(); // now nothing is decided without the one that was down
        try (Connection reader = Connection.open(down.port())) {
            for (int i = 0; i < KEYS; i++) {
                read(reader, registers[i], i);
                write(reader, registers[i], i);
                read(reader, registers[i], i);
            }
        }
        cluster.startAll();
        cluster.requireNoFault();
    }

    private static String key(int number) {
        return "{stale}:" + number;
    }

    private static void require(Optional<String> problem, int number) {
        problem.ifPresent(what -> fail(key(number) + " " + what + cluster.tails()));
    }

    /** Writes until it is acknowledged. */
    private static void write(Connection connection, Register register, int number) {
        boolean written = Pause.until(SETTLE_MILLIS_MAX, () -> {
            long value = register.issue(1);
            Answer answer = connection.call("SET", key(number), String.valueOf(value));
            register.answered(value, answer);
            return answer instanceof Answer.Done;
        });
        assertTrue(written, () -> "no write of " + key(number) + cluster.tails());
    }

    /** Reads until it is answered, and checks the answer. */
    private static void read(Connection connection, Register register, int number) {
        boolean read = Pause.until(SETTLE_MILLIS_MAX, () -> {
            long floor = register.floor();
            if (connection.call("GET", key(number)) instanceof Answer.Done(Object value)) {
                require(register.check(Model.number(value), floor), number);
                return true;
            }
            return false;
        });
        assertTrue(read, () -> "no read of " + key(number) + cluster.tails());
    }

    /** Writes through {@code node} until it is acknowledged; returns how long that took. */
    private static long awaitWrite(NodeProcess node, String key, int value, long millisMax) {
        long begin = System.nanoTime();
        boolean written = Pause.until(millisMax, () -> {
            try (Connection connection = Connection.open(node.port())) {
                return connection.call("SET", key, String.valueOf(value)) instanceof Answer.Done;
            } catch (IOException notServing) {
                return false;
            }
        });
        long millis = (System.nanoTime() - begin) / 1_000_000;
        assertTrue(written && millis <= millisMax, () -> "no write within " + millisMax + " ms" + cluster.tails());
        return millis;
    }

    private static NodeProcess leaderOf(String key) {
        List<NodeProcess> found = new ArrayList<>();
        boolean known = Pause.until(SETTLE_MILLIS_MAX, () -> {
            cluster.leaderOf(Slot.of(key.getBytes(StandardCharsets.UTF_8))).ifPresent(found::add);
            return !found.isEmpty();
        });
        assertTrue(known, () -> "nobody leads the range of " + key + cluster.tails());
        return found.getLast();
    }

    private static NodeProcess another(NodeProcess node) {
        return cluster.node((node.index() + 1) % 3);
    }
}
