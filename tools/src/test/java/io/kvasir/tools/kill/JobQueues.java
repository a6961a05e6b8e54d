package io.kvasir.tools.kill;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Queues of jobs in several ranges. Some clients put jobs there; others wait for one to be moved to the list of what is
 * done (BLMOVE), or take it from whichever of two queues has one (BLPOP over ranges). No job is given to two clients or
 * twice in the lists, and one that was put is in a list unless a client took it, or may have (rule K31). Safe for any
 * thread.
 */
final class JobQueues implements AutoCloseable {

    private static final int QUEUES = 4;
    private static final long RECONNECT_MILLIS = 50;

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger issued = new AtomicInteger();
    private final Set<String> put = ConcurrentHashMap.newKeySet();
    private final Set<String> maybePut = ConcurrentHashMap.newKeySet();
    private final Set<String> moved = ConcurrentHashMap.newKeySet();
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    private final AtomicLong maybeTaken = new AtomicLong();
    private final AtomicLong maybeMoved = new AtomicLong();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    private interface Work {

        Answer step(Connection connection, RandomGenerator random);
    }

    /** Starts {@code each} clients of each kind, spread over {@code nodes}. */
    void start(List<NodeProcess> nodes, int each, RandomGenerator random) {
        for (int i = 0; i < each; i++) {
            start(nodes, random, this::put);
            start(nodes, random, this::move);
            start(nodes, random, this::take);
        }
    }

    private void start(List<NodeProcess> nodes, RandomGenerator random, Work work) {
        int port = nodes.get(threads.size() % nodes.size()).port();
        RandomGenerator own = new SplittableRandom(random.nextLong());
        threads.add(Thread.ofPlatform().name("job " + threads.size()).start(() -> work(port, own, work)));
    }

    private void work(int port, RandomGenerator random, Work work) {
        while (!over) {
            try (Connection connection = Connection.open(port)) {
                while (!over && !connection.isBroken()) {
                    switch (work.step(connection, random)) {
                        case Answer.Done _, Answer.Undetermined _ -> {}
                        case Answer.NoEffect _ -> Pause.until(RECONNECT_MILLIS, () -> over);
                        case Answer.Wrong(String error) -> violations.add(error);
                    }
                }
            } catch (IOException nobodyListens) {
                Pause.until(RECONNECT_MILLIS, () -> over);
            }
        }
    }

    private Answer put(Connection connection, RandomGenerator random) {
        String job = "job" + issued.incrementAndGet();
        Answer answer = connection.call("RPUSH", todo(random.nextInt(QUEUES)), job);
        switch (answer) {
            case Answer.Done _ -> put.add(job);
            case Answer.Undetermined _ -> maybePut.add(job);
            case Answer.NoEffect _, Answer.Wrong _ -> {}
        }
        Pause.until(random.nextInt(20), () -> over);
        return answer;
    }

    private Answer move(Connection connection, RandomGenerator random) {
        int queue = random.nextInt(QUEUES);
        Answer answer =
                connection.call("BLMOVE", todo(queue), done(queue), "LEFT", "RIGHT", "0." + random.nextInt(1, 10));
        if (answer instanceof Answer.Done(String job) && !moved.add(job)) {
            violations.add(job + " was moved by two clients");
        }
        if (answer instanceof Answer.Undetermined) {
            maybeMoved.incrementAndGet();
        }
        return answer;
    }

    private Answer take(Connection connection, RandomGenerator random) {
        int queue = random.nextInt(QUEUES);
        Answer answer = connection.call("BLPOP", todo(queue), todo((queue + 1) % QUEUES), "0." + random.nextInt(1, 10));
        if (answer instanceof Answer.Done(List<?> found)
                && !found.isEmpty()
                && !taken.add(String.valueOf(found.get(1)))) {
            violations.add(found + " was taken by two clients");
        }
        if (answer instanceof Answer.Undetermined) {
            maybeTaken.incrementAndGet();
        }
        return answer;
    }

    private static String todo(int queue) {
        return "{jobs:" + queue + "}todo";
    }

    private static String done(int queue) {
        return "{jobs:" + queue + "}done";
    }

    /** Compares the lists, read through {@code node}, with what the clients know; nobody else works any more. */
    void account(NodeProcess node) throws IOException {
        Set<String> left = new HashSet<>();
        Set<String> done = new HashSet<>();
        try (Connection connection = Connection.open(node.port())) {
            for (int queue = 0; queue < QUEUES; queue++) {
                for (String key : List.of(todo(queue), done(queue))) {
                    if (!(connection.call("LRANGE", key, "0", "-1") instanceof Answer.Done found)) {
                        throw new IOException(key + " cannot be read at " + node);
                    }
                    for (Object value : found.list()) {
                        String job = String.valueOf(value);
                        if (left.contains(job) || done.contains(job) || taken.contains(job)) {
                            violations.add(job + " of " + key + " is there twice, or was taken");
                        }
                        if (!put.contains(job) && !maybePut.contains(job)) {
                            violations.add(job + " of " + key + " was refused");
                        }
                        (key.equals(done(queue)) ? done : left).add(job);
                    }
                }
            }
        }
        moved.stream()
                .filter(job -> !done.contains(job))
                .forEach(job -> violations.add(job + " was moved, but is not where it was moved to"));
        long missing = put.stream()
                .filter(job -> !left.contains(job) && !done.contains(job) && !taken.contains(job))
                .count();
        if (missing > maybeTaken.get()) {
            violations.add(missing + " jobs are gone, and only " + maybeTaken + " clients may have taken one");
        }
        long untold = done.stream().filter(job -> !moved.contains(job)).count();
        if (untold > maybeMoved.get()) {
            violations.add(untold + " jobs were moved for nobody, and only " + maybeMoved + " clients do not know");
        }
    }

    /** Returns how many jobs were given to clients. */
    long served() {
        return moved.size() + taken.size();
    }

    Queue<String> violations() {
        return violations;
    }

    /** Ends all clients and waits until they are gone. */
    void stop() {
        over = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    @Override
    public String toString() {
        return put.size() + " jobs put, " + moved.size() + " moved, " + taken.size() + " taken; may be "
                + maybePut.size() + " put, " + maybeMoved + " moved, " + maybeTaken + " taken";
    }
}
