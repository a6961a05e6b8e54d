package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a number of clients wrote and may read; they share it. Safe for any thread. */
final class Model implements AutoCloseable {

    static final int COUNTERS = 6;

    /** How long a read after the faults may be refused, and how long a client may need to notice that it is over. */
    private static final long SETTLE_MILLIS_MAX = 60_000;

    private static final int LARGE_REPEATS = 8_000;
    private static final int VIOLATIONS_MAX = 20;

    private final int clients;
    private final Map<String, Register> registers = new ConcurrentHashMap<>();
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();
    private final Map<String, Journal> journals = new ConcurrentHashMap<>();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong noEffect = new AtomicLong();
    private final AtomicLong undetermined = new AtomicLong();
    private volatile boolean over;

    Model(int clients) {
        this.clients = clients;
    }

    /** Starts the clients, spread over the gateways of {@code nodes}. */
    void start(List<NodeProcess> nodes, RandomGenerator random) {
        for (int id = 0; id < clients; id++) {
            RandomGenerator own = new java.util.SplittableRandom(random.nextLong());
            Client client = new Client(id, nodes.get(id % nodes.size()).port(), this, own);
            threads.add(Thread.ofVirtual().name("client-" + id).start(() -> {
                try {
                    client.run();
                } catch (RuntimeException fault) {
                    violated("client", String.valueOf(fault));
                }
            }));
        }
    }

    int clients() {
        return clients;
    }

    boolean isOver() {
        return over;
    }

    /** Returns how many commands took effect so far. */
    long done() {
        return done.get();
    }

    @Override
    public void close() {
        stop();
    }

    /** Ends the clients; what they saw can be checked then. */
    void stop() {
        over = true;
        if (!Pause.until(SETTLE_MILLIS_MAX, () -> threads.stream().noneMatch(Thread::isAlive))) {
            violated("clients", "do not end");
        }
        threads.clear();
    }

    static String register(int client, int number) {
        return "r:" + client + ":" + number;
    }

    static String counter(int number) {
        return "c:" + number;
    }

    static String hash(int client) {
        return "h:" + client;
    }

    static String journal(int client, int number) {
        return "j:" + client + ":" + number;
    }

    static String large(int client) {
        return "l:" + client;
    }

    /** Returns some ten thousand to hundred thousand characters that tell {@code number} throughout. */
    static String largeValue(long number) {
        return (number + ",").repeat(LARGE_REPEATS);
    }

    static String pair(int client) {
        return "{p:" + client + "}";
    }

    static String pairA(int client) {
        return pair(client) + "a";
    }

    static String pairB(int client) {
        return pair(client) + "b";
    }

    Register registerAt(String key) {
        return registers.computeIfAbsent(key, ignored -> new Register());
    }

    Counter counterAt(String key) {
        return counters.computeIfAbsent(key, ignored -> new Counter());
    }

    Journal journalAt(String key) {
        return journals.computeIfAbsent(key, ignored -> new Journal());
    }

    static long number(@Nullable Object value) {
        return value == null ? 0 : Long.parseLong((String) value);
    }

    void require(String key, Optional<String> problem) {
        problem.ifPresent(what -> violated(key, what));
    }

    void violated(String key, String what) {
        if (violations.size() < VIOLATIONS_MAX) {
            violations.add(key + " " + what);
        }
    }

    void checkLarge(String key, @Nullable Object value, long floorBefore) {
        String text = value == null ? "" : (String) value;
        long number = value == null ? 0 : Long.parseLong(text.substring(0, text.indexOf(',')));
        if (value != null && !text.equals(largeValue(number))) {
            violated(key, "is torn: " + text.length() + " characters of number " + number);
        }
        require(key, registerAt(key).check(number, floorBefore));
    }

    void checkPair(int client, List<?> values, long floorBefore) {
        String key = pair(client);
        long a = number(values.get(0));
        if (a != number(values.get(1))) {
            violated(key, "is half written: " + values);
        }
        require(key, registerAt(key).check(a, floorBefore));
    }

    void count(Answer answer) {
        switch (answer) {
            case Answer.Done ignored -> done.incrementAndGet();
            case Answer.NoEffect ignored -> noEffect.incrementAndGet();
            case Answer.Undetermined ignored -> undetermined.incrementAndGet();
            case Answer.Wrong(String error) -> violated("a client", "was answered: " + error);
        }
    }

    /** Fails if anything wrong was seen so far. */
    void requireHolds(String context) {
        if (!violations.isEmpty()) {
            fail(context + "\n" + String.join("\n", violations));
        }
    }

    /** Reads all keys through the gateway of {@code node}, checks them, and returns them; nothing may be under way. */
    Map<String, Object> readAll(NodeProcess node) {
        try (Connection connection = Connection.open(node.port())) {
            Map<String, Object> all = new TreeMap<>();
            for (int id = 0; id < clients; id++) {
                for (int i = 0; i < Client.REGISTERS; i++) {
                    readRegister(connection, register(id, i), all);
                }
                readHash(connection, id, all);
                readPair(connection, id, all);
                Object text = read(connection, "GET", large(id));
                checkLarge(large(id), text, registerAt(large(id)).floor());
                put(all, large(id), text);
            }
            for (String key : counters.keySet()) {
                readCounter(connection, key, all);
            }
            for (String key : journals.keySet()) {
                Object text = read(connection, "GET", key);
                require(key, journalAt(key).check(text == null ? "" : (String) text));
                put(all, key, text);
            }
            return all;
        } catch (IOException notServing) {
            return fail(node + " does not serve" + node.tail(), notServing);
        }
    }

    /** Fails unless the gateway of {@code node} counts {@code size} keys. */
    void requireSize(NodeProcess node, int size) {
        try (Connection connection = Connection.open(node.port())) {
            assertEquals((long) size, read(connection, "DBSIZE"), () -> "DBSIZE at " + node);
        } catch (IOException notServing) {
            fail(node + " does not serve" + node.tail(), notServing);
        }
    }

    private void readRegister(Connection connection, String key, Map<String, Object> all) {
        Register register = registerAt(key);
        long floor = register.floor();
        Object value = read(connection, "GET", key);
        require(key, register.check(number(value), floor));
        put(all, key, value);
    }

    private void readCounter(Connection connection, String key, Map<String, Object> all) {
        Object value = read(connection, "GET", key);
        require(key, counterAt(key).check(number(value)));
        put(all, key, value);
    }

    private void readHash(Connection connection, int id, Map<String, Object> all) {
        Map<String, String> fields = new TreeMap<>();
        List<?> flat = (List<?>) requireValue(read(connection, "HGETALL", hash(id)));
        for (int i = 0; i < flat.size(); i += 2) {
            fields.put((String) flat.get(i), (String) flat.get(i + 1));
        }
        for (int i = 0; i < Client.FIELDS; i++) {
            String place = hash(id) + " f" + i;
            Register register = registerAt(place);
            require(place, register.check(number(fields.get("f" + i)), register.floor()));
        }
        put(all, hash(id), fields.isEmpty() ? null : fields);
    }

    private void readPair(Connection connection, int id, Map<String, Object> all) {
        long floor = registerAt(pair(id)).floor();
        List<?> values = (List<?>) requireValue(read(connection, "MGET", pairA(id), pairB(id)));
        checkPair(id, values, floor);
        put(all, pairA(id), values.get(0));
        put(all, pairB(id), values.get(1));
    }

    private static void put(Map<String, Object> all, String key, @Nullable Object value) {
        if (value != null) {
            all.put(key, value);
        }
    }

    private static Object requireValue(@Nullable Object value) {
        return value == null ? fail("nil instead of a value") : value;
    }

    /** Reads until the answer is no refusal. */
    private static @Nullable Object read(Connection connection, String... words) {
        List<Answer> answers = new ArrayList<>();
        boolean read = Pause.until(SETTLE_MILLIS_MAX, () -> {
            answers.add(connection.call(words));
            return !(answers.getLast() instanceof Answer.NoEffect);
        });
        if (read && answers.getLast() instanceof Answer.Done(Object value)) {
            return value;
        }
        return fail(String.join(" ", words) + ": " + answers.getLast());
    }

    @Override
    public String toString() {
        return "done=" + done + " noEffect=" + noEffect + " undetermined=" + undetermined;
    }
}
