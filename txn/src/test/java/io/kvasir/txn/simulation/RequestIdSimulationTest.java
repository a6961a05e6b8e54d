package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import io.kvasir.region.range.Range;
import io.kvasir.region.retry.RequestRecord;
import io.kvasir.txn.Router;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Clients that name each write and send it again, at any gateway, until they are told that it took effect, and now and
 * then once more or twice at once (rule K21), while leaders change, links break, proposals get lost and coordinators
 * die. Then every write has taken effect exactly once. {@code -Dkvasir.seed=N} replays a seed.
 */
@Tag("simulation")
class RequestIdSimulationTest {

    private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long SECONDS = 6;
    private static final int REGIONS = 3;
    private static final int KEYS = 6;
    private static final int CLIENTS = 6;

    @Test
    void k21WritesWithAnIdTakeEffectOnceHoweverOftenTheyAreSent() {
        Long replay = Long.getLong("kvasir.seed");
        if (replay != null) {
            new History(replay).check();
            return;
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        long seed = 1;
        int writes = 0;
        int retries = 0;
        do {
            History history = new History(seed);
            try {
                history.check();
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
            writes += history.writes;
            retries += history.retries;
            seed++;
        } while (System.nanoTime() < end);
        System.out.println("request ids: " + (seed - 1) + " seeds, " + writes + " writes, " + retries + " retries");
        assertTrue(retries > 0, "nothing was ever sent again");
    }

    /** One run. */
    private static final class History {

        private final SimulatedCluster cluster;
        private final Simulation simulation;

        /** By key: ids that clients were told have been appended. */
        private final Map<String, List<Long>> acknowledged = new TreeMap<>();

        private final Set<Long> open = new HashSet<>();
        private long nextId = 1;
        private long nextSession = 100;
        private boolean stopped;
        private int writes;
        private int retries;

        /** A named write, and what it was answered first. */
        private final class Write {

            private final long id = nextId++;
            private final List<String> keys;
            private Optional<Reply> answer = Optional.empty();

            Write(List<String> keys) {
                this.keys = keys;
            }

            void send(Runnable then) {
                Router gateway = cluster.gateways.get(simulation.random.nextInt(SimulatedCluster.STORES));
                List<byte[]> arguments = new ArrayList<>();
                keys.forEach(key -> arguments.add(key.getBytes(StandardCharsets.US_ASCII)));
                arguments.add(TestProcedure.text(id));
                Request request = new Request(
                        TestProcedure.APPEND.name(),
                        1,
                        0,
                        nextSession++,
                        0,
                        Optional.of(new RequestId(id, 0, id)),
                        0,
                        arguments.toArray(byte[][]::new));
                gateway.execute(request, TestProcedure.APPEND.parse(request), reply -> answered(reply, then));
            }

            private void answered(Reply reply, Runnable then) {
                switch (reply) {
                    case Reply.Array _ -> {
                        answer.ifPresent(first -> assertEquals(text(first), text(reply), "answers to write " + id));
                        answer = Optional.of(reply);
                        tookEffect();
                        then.run();
                    }
                    case Reply.Error(String error)
                    when error.startsWith("APPLIED") -> { // lists grow, and long replies are not kept
                        tookEffect();
                        then.run();
                    }
                    case Reply.Error(String error)
                    when error.startsWith("TRYAGAIN")
                            || error.startsWith("UNDETERMINED")
                            || error.startsWith("ERR internal") -> {
                        retries++;
                        simulation.at(simulation.delay() * 5, () -> send(then));
                    }
                    default -> fail("reply " + reply);
                }
            }

            private void tookEffect() {
                if (open.remove(id)) {
                    writes++;
                    keys.forEach(key -> acknowledged
                            .computeIfAbsent(key, none -> new ArrayList<>())
                            .add(id));
                }
            }
        }

        History(long seed) {
            cluster = new SimulatedCluster(seed, REGIONS);
            simulation = cluster.simulation;
            cluster.strands.deadly(200);
            for (int client = 0; client < CLIENTS; client++) {
                simulation.at(simulation.delay(), this::next);
            }
        }

        private void next() {
            if (stopped) {
                return;
            }
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                keys.add("key" + i);
            }
            Collections.shuffle(keys, new java.util.Random(simulation.random.nextLong()));
            Write write = new Write(keys.subList(0, 1 + simulation.random.nextInt(2)));
            open.add(write.id);
            Runnable onceMore = () -> simulation.at(simulation.delay(), this::next);
            boolean again = simulation.chance(3);
            write.send(again ? () -> write.send(onceMore) : onceMore);
            if (simulation.chance(5)) {
                write.send(() -> {}); // a hasty client
            }
        }

        /** Reads all lists into {@code last}; the oracle may fail to answer at any time. */
        private void readLists(byte[][] keys, List<List<Long>> last) {
            Request lists = TestProcedure.LISTS.request(nextSession++, keys);
            cluster.gateways.getFirst().execute(lists, TestProcedure.LISTS.parse(lists), reply -> {
                switch (reply) {
                    case Reply.Array(List<Reply> all) -> all.forEach(list -> last.add(numbers(list)));
                    case Reply.Error(String error)
                    when error.startsWith("TRYAGAIN") -> simulation.at(simulation.delay(), () -> readLists(keys, last));
                    default -> fail("reply " + reply);
                }
            });
        }

        void check() {
            simulation.run(RUN_NANOS);
            stopped = true;
            cluster.calm();
            simulation.run(TimeUnit.SECONDS.toNanos(40));
            assertEquals(Set.of(), open, "writes that were never answered");
            assertTrue(writes > 50, "only " + writes + " writes");
            List<List<Long>> last = new ArrayList<>();
            byte[][] keys = new byte[KEYS][];
            Arrays.setAll(keys, i -> ("key" + i).getBytes(StandardCharsets.US_ASCII));
            readLists(keys, last);
            simulation.run(TimeUnit.SECONDS.toNanos(30));
            assertEquals(KEYS, last.size(), "the lists cannot be read in the end");
            for (int i = 0; i < KEYS; i++) {
                List<Long> found = last.get(i).stream().sorted().toList();
                List<Long> expected = acknowledged.getOrDefault("key" + i, List.of()).stream()
                        .sorted()
                        .toList();
                assertEquals(expected, found, "writes to key" + i);
            }
            for (Range range : cluster.ranges) {
                assertEquals(0, range.queued(), "commands left without an answer");
            }
            long records = 0;
            for (int region = 0; region < REGIONS; region++) {
                records += cluster.ranges.get(region).keys(RequestRecord.INSTANCE);
            }
            assertEquals(writes, records, "records of ids");
        }

        private static String text(Reply reply) {
            StringBuilder text = new StringBuilder();
            ((Reply.Array) reply).elements().forEach(one -> text.append(numbers(one)));
            return text.toString();
        }

        private static List<Long> numbers(Reply list) {
            List<Long> numbers = new ArrayList<>();
            String text = new String(((Reply.Bulk) list).bytes(), StandardCharsets.US_ASCII);
            for (String number : text.split(",")) {
                if (!number.isEmpty()) {
                    numbers.add(Long.parseLong(number));
                }
            }
            return numbers;
        }
    }
}
