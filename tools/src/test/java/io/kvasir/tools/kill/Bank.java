package io.kvasir.tools.kill;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Money in accounts that lie in several ranges, and tokens in lists and sets that do, moved about by clients in every
 * way there is: MULTI, Lua, WATCH with MSET, LMOVE, SMOVE. Whoever looks at all of them at once must see as much as
 * there was at the beginning, whatever became of the moves. Safe for any thread.
 */
final class Bank implements AutoCloseable {

    private static final int ACCOUNTS = 10;
    private static final int TOKENS = 40;
    private static final long MONEY = 1_000L * ACCOUNTS;
    private static final long RECONNECT_MILLIS = 50;

    private static final String MOVE =
            "redis.call('DECRBY', KEYS[1], ARGV[1])" + " return redis.call('INCRBY', KEYS[2], ARGV[1])";

    private static final List<String> ALL_ACCOUNTS = names("account:");

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong moves = new AtomicLong();
    private final AtomicLong looks = new AtomicLong();
    private final AtomicLong undetermined = new AtomicLong();
    private final AtomicLong withoutEffect = new AtomicLong();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    private static List<String> names(String kind) {
        return IntStream.range(0, ACCOUNTS).mapToObj(i -> kind + i).toList();
    }

    /** Puts the money and the tokens there, through {@code node}; nothing else may run yet. */
    void found(NodeProcess node) throws IOException {
        try (Connection connection = Connection.open(node.port())) {
            List<String> accounts = new ArrayList<>(List.of("MSET"));
            ALL_ACCOUNTS.forEach(account -> accounts.addAll(List.of(account, "1000")));
            must(connection, accounts);
            for (int token = 0; token < TOKENS; token++) {
                must(connection, List.of("RPUSH", "list:" + token % ACCOUNTS, "t" + token));
                must(connection, List.of("SADD", "set:" + token % ACCOUNTS, "t" + token));
            }
        }
    }

    private static void must(Connection connection, List<String> words) {
        if (!(connection.call(words.toArray(String[]::new)) instanceof Answer.Done)) {
            throw new IllegalStateException("the bank cannot be founded: " + words);
        }
    }

    /** Starts {@code clients} clients, each at one of {@code nodes}. */
    void start(List<NodeProcess> nodes, int clients, RandomGenerator random) {
        for (int i = 0; i < clients; i++) {
            int port = nodes.get(i % nodes.size()).port();
            RandomGenerator own = new SplittableRandom(random.nextLong());
            threads.add(Thread.ofPlatform().name("client " + i).start(() -> work(port, own)));
        }
    }

    private void work(int port, RandomGenerator random) {
        while (!over) {
            try (Connection connection = Connection.open(port)) {
                while (!over && !connection.isBroken()) {
                    count(step(connection, random));
                }
            } catch (IOException nobodyListens) {
                Pause.until(RECONNECT_MILLIS, () -> over);
            }
        }
    }

    private void count(Answer answer) {
        switch (answer) {
            case Answer.Done _ -> moves.incrementAndGet();
            case Answer.NoEffect _ -> {
                withoutEffect.incrementAndGet();
                Pause.until(RECONNECT_MILLIS, () -> over);
            }
            case Answer.Undetermined _ -> undetermined.incrementAndGet();
            case Answer.Wrong(String error) -> violations.add(error);
        }
    }

    private Answer step(Connection connection, RandomGenerator random) {
        int from = random.nextInt(ACCOUNTS);
        int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        String amount = String.valueOf(random.nextInt(1, 20));
        return switch (random.nextInt(8)) {
            case 0 ->
                connection
                        .pipeline(List.of(
                                List.of("MULTI"),
                                List.of("DECRBY", "account:" + from, amount),
                                List.of("INCRBY", "account:" + to, amount),
                                List.of("EXEC")))
                        .getLast();
            case 1 -> connection.call("EVAL", MOVE, "2", "account:" + from, "account:" + to, amount);
            case 2 -> moveIfUnchanged(connection, "account:" + from, "account:" + to, Long.parseLong(amount));
            case 3 -> connection.call("LMOVE", "list:" + from, "list:" + to, "LEFT", "RIGHT");
            case 4 -> connection.call("SMOVE", "set:" + from, "set:" + to, "t" + random.nextInt(TOKENS));
            default -> look(connection, random.nextInt(3));
        };
    }

    private static Answer moveIfUnchanged(Connection connection, String from, String to, long amount) {
        if (!(connection.call("WATCH", from, to) instanceof Answer.Done)
                || !(connection.call("MGET", from, to) instanceof Answer.Done read)) {
            return connection.call("UNWATCH");
        }
        String less = String.valueOf(Long.parseLong((String) read.list().getFirst()) - amount);
        String more = String.valueOf(Long.parseLong((String) read.list().get(1)) + amount);
        return connection
                .pipeline(List.of(List.of("MULTI"), List.of("MSET", from, less, to, more), List.of("EXEC")))
                .getLast();
    }

    private Answer look(Connection connection, int what) {
        Answer answer =
                switch (what) {
                    case 0 -> {
                        List<String> words = new ArrayList<>(List.of("MGET"));
                        words.addAll(ALL_ACCOUNTS);
                        yield connection.call(words.toArray(String[]::new));
                    }
                    case 1 -> lengths(connection, "LLEN", "list:");
                    default -> lengths(connection, "SCARD", "set:");
                };
        if (answer instanceof Answer.Done done) {
            long sum = done.list().stream()
                    .mapToLong(value -> value == null ? 0 : Long.parseLong(value.toString()))
                    .sum();
            long expected = what == 0 ? MONEY : TOKENS;
            if (sum != expected) {
                violations.add("the sum of kind " + what + " is " + sum + ", not " + expected + ": " + done.list());
            }
            looks.incrementAndGet();
        }
        return answer;
    }

    private static Answer lengths(Connection connection, String command, String kind) {
        List<List<String>> commands = new ArrayList<>(List.of(List.of("MULTI")));
        names(kind).forEach(name -> commands.add(List.of(command, name)));
        commands.add(List.of("EXEC"));
        return connection.pipeline(commands).getLast();
    }

    /** Looks at everything through {@code node} once, and asks again while that is answered by errors. */
    void lookLast(NodeProcess node, long millisMax) {
        for (int what = 0; what < 3; what++) {
            int kind = what;
            boolean answered = Pause.until(millisMax, () -> {
                try (Connection connection = Connection.open(node.port())) {
                    return look(connection, kind) instanceof Answer.Done;
                } catch (IOException notYet) {
                    return false;
                }
            });
            if (!answered) {
                violations.add("nothing can be read at " + node);
            }
        }
    }

    /** Returns how many commands took effect. */
    long done() {
        return moves.get();
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
        return moves + " moves and looks, " + looks + " looks, " + withoutEffect + " without effect, " + undetermined
                + " undetermined";
    }
}
