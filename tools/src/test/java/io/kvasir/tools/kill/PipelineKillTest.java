package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.tools.process.RedisProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rule K28: random pipelines at three nodes are answered as redis-server answers them, while nodes are killed and
 * paused so that leaders move. Compared are all replies up to the first of a key that the server says it could not
 * give; that key is given up, with what is there, for a new one.
 */
@Tag("kill")
final class PipelineKillTest {

    private static final int CLIENTS = 6;
    private static final int FAULTS_MIN = 3;
    private static final long PIPELINES_MILLIS_MAX = 3_600_000;
    private static final long FREEZE_MILLIS = 2_500;

    @TempDir
    private Path folder;

    private final AtomicLong pipelines = new AtomicLong();
    private final AtomicLong compared = new AtomicLong();
    private final AtomicLong givenUp = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    @Test
    void pipelinesAreAnsweredAsRedisDoesWhileLeadersMove() throws Exception {
        Seed seed = Seed.of(200);
        Optional<RedisProcess> started = RedisProcess.start(folder);
        assumeTrue(started.isPresent(), "no redis-server to compare with");
        RandomGenerator random = seed.random();
        try (RedisProcess redis = started.orElseThrow();
                Cluster cluster = new Cluster(folder.resolve("nodes"), 3, 3)) {
            cluster.startAll();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int port = cluster.node(i % 3).port();
                Pipelines work = new Pipelines(i, new java.util.SplittableRandom(random.nextLong()));
                clients.add(Thread.ofVirtual().start(() -> work.run(port, redis.port())));
            }
            long begin = System.nanoTime();
            int faults = 0;
            while ((pipelines.get() < seed.rounds() || faults < FAULTS_MIN) && wrong.isEmpty()) {
                fault(cluster, faults++, random);
                assertTrue(System.nanoTime() - begin < PIPELINES_MILLIS_MAX * 1_000_000, () -> seed + cluster.tails());
            }
            over = true;
            for (Thread client : clients) {
                client.join();
            }
            System.out.println("pipelines: " + seed + " " + pipelines + " pipelines, " + compared
                    + " replies compared, " + givenUp + " keys given up, " + faults + " faults, "
                    + (System.nanoTime() - begin) / 1_000_000_000 + " s");
            assertEquals(List.of(), List.copyOf(wrong), seed::toString);
            assertTrue(compared.get() > givenUp.get() * 3, () -> "too few replies were compared: " + compared);
            cluster.requireEqualReplicas();
            cluster.requireNoFault();
        }
    }

    /** Kills a node and starts it again, or makes it stand still for longer than a lease. */
    private static void fault(Cluster cluster, int number, RandomGenerator random) {
        Pause.millis(1_000 + random.nextInt(1_000));
        NodeProcess victim = cluster.node(random.nextInt(cluster.nodes().size()));
        if (number % 2 == 0) {
            victim.kill();
            Pause.millis(random.nextInt(1_000));
            cluster.startAll();
        } else {
            victim.freeze();
            Pause.millis(FREEZE_MILLIS);
            victim.thaw();
        }
    }

    /** One client with keys of its own, at a gateway and at redis-server. Confined to its thread. */
    private final class Pipelines {

        private static final int KEYS = 10;
        private static final int COMMANDS_MAX = 30;
        private static final int WRONG_MAX = 10;

        private final int id;
        private final RandomGenerator random;
        private final int[] generations = new int[KEYS];

        Pipelines(int id, RandomGenerator random) {
            this.id = id;
            this.random = random;
        }

        void run(int kvasirPort, int redisPort) {
            try (Connection redis = Connection.open(redisPort)) {
                while (!over) {
                    try (Connection kvasir = Connection.open(kvasirPort)) {
                        while (!over && !kvasir.isBroken()) {
                            step(kvasir, redis);
                        }
                    } catch (IOException nobodyListens) {
                        Pause.until(50, () -> over);
                    }
                }
            } catch (IOException | RuntimeException failed) {
                wrong.add("client " + id + ": " + failed);
            }
        }

        private void step(Connection kvasir, Connection redis) {
            List<List<String>> commands = new ArrayList<>();
            List<Integer> keys = new ArrayList<>();
            int count = random.nextInt(1, COMMANDS_MAX + 1);
            for (int i = 0; i < count; i++) {
                int key = random.nextInt(KEYS);
                keys.add(key);
                commands.add(command("p:" + id + ":" + key + ":" + generations[key]));
            }
            List<Answer> here = kvasir.pipeline(commands);
            List<Answer> there = redis.pipeline(commands);
            boolean[] lost = new boolean[KEYS];
            for (int i = 0; i < count; i++) {
                int key = keys.get(i);
                lost[key] |= here.get(i) instanceof Answer.NoEffect || here.get(i) instanceof Answer.Undetermined;
                if (lost[key]) {
                    continue;
                }
                compared.incrementAndGet();
                if (!here.get(i).equals(there.get(i)) && wrong.size() < WRONG_MAX) {
                    wrong.add(commands.get(i) + ", number " + i + " of " + commands + " at client " + id + ": "
                            + here.get(i) + " instead of " + there.get(i));
                }
            }
            for (int key = 0; key < KEYS; key++) {
                if (lost[key]) {
                    generations[key]++;
                    givenUp.incrementAndGet();
                }
            }
            pipelines.incrementAndGet();
        }

        /** Returns a command whose reply depends on all that was done to {@code key} and on nothing else. */
        private List<String> command(String key) {
            String value = String.valueOf(random.nextInt(100));
            String small = String.valueOf(random.nextInt(6));
            return switch (random.nextInt(26)) {
                case 0, 1 -> List.of("SET", key, value);
                case 2 -> List.of("SET", key, value, "GET");
                case 3, 4 -> List.of("GET", key);
                case 5, 6 -> List.of("INCR", key);
                case 7 -> List.of("DECRBY", key, small);
                case 8, 9 -> List.of("APPEND", key, value);
                case 10 -> List.of("STRLEN", key);
                case 11 -> List.of("SETNX", key, value);
                case 12 -> List.of("SETRANGE", key, small, value);
                case 13 -> List.of("GETDEL", key);
                case 14 -> List.of("DEL", key);
                case 15 -> List.of("EXISTS", key);
                case 16 -> List.of("TYPE", key);
                case 17, 18 -> List.of("HSET", key, small, value);
                case 19 -> List.of("HGET", key, small);
                case 20 -> List.of("HINCRBY", key, small, value);
                case 21 -> List.of("HDEL", key, small);
                case 22 -> List.of("HLEN", key);
                case 23 -> List.of("SETBIT", key, value, String.valueOf(random.nextInt(2)));
                case 24 -> List.of("BITCOUNT", key);
                default -> List.of("GETRANGE", key, "0", value);
            };
        }
    }
}
