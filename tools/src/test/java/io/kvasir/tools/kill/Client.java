package io.kvasir.tools.kill;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A client with keys of its own that does one random thing after another at one gateway, and says what it saw. Confined
 * to one thread.
 *
 * <p>Its keys: registers {@code r:client:i}, fields of a hash {@code h:client}, the pair {@code {p:client}a} and
 * {@code {p:client}b} that is always written together, journals {@code j:client:i}, and {@code l:client}, whose values
 * are large enough to fill segments of the log and memtables.
 */
final class Client {

    static final int REGISTERS = 12;
    static final int FIELDS = 8;

    private static final int JOURNAL_ENTRIES_MAX = 300;
    private static final int PIPELINE = 16;
    private static final long RECONNECT_MILLIS = 50;

    private final int id;
    private final int port;
    private final Model model;
    private final RandomGenerator random;
    private int connections;
    private int journal;
    private int journalEntries;
    private Answer newest = new Answer.NoEffect("nothing sent");

    Client(int id, int port, Model model, RandomGenerator random) {
        this.id = id;
        this.port = port;
        this.model = model;
        this.random = random;
    }

    /** Works until the model says that it is over; connects again whenever the connection is lost. */
    void run() {
        while (!model.isOver()) {
            try (Connection connection = Connection.open(port)) {
                connections++;
                while (!model.isOver() && !connection.isBroken()) {
                    step(connection);
                }
            } catch (IOException nobodyListens) {
                Pause.until(RECONNECT_MILLIS, model::isOver);
            }
        }
    }

    private void step(Connection connection) {
        switch (random.nextInt(14)) {
            case 0, 1, 2 -> set(connection);
            case 3, 4 -> increment(connection);
            case 5 -> setField(connection);
            case 6 -> append(connection);
            case 7 -> setPair(connection);
            case 8 -> readPair(connection);
            case 9 -> pipeline(connection);
            case 10 -> setLarge(connection);
            case 11 -> readLarge(connection);
            default -> readAnother(connection);
        }
        model.count(newest);
        if (newest instanceof Answer.NoEffect) {
            Pause.until(RECONNECT_MILLIS, model::isOver);
        }
    }

    private Answer call(Connection connection, String... words) {
        newest = connection.call(words);
        return newest;
    }

    private void set(Connection connection) {
        String key = Model.register(id, random.nextInt(REGISTERS));
        Register register = model.registerAt(key);
        long number = register.issue(connections);
        register.answered(number, call(connection, "SET", key, String.valueOf(number)));
    }

    private void setLarge(Connection connection) {
        String key = Model.large(id);
        Register register = model.registerAt(key);
        long number = register.issue(connections);
        register.answered(number, call(connection, "SET", key, Model.largeValue(number)));
    }

    private void readLarge(Connection connection) {
        String key = Model.large(random.nextInt(model.clients()));
        long floor = model.registerAt(key).floor();
        if (call(connection, "GET", key) instanceof Answer.Done done) {
            model.checkLarge(key, done.value(), floor);
        }
    }

    private void increment(Connection connection) {
        String key = Model.counter(random.nextInt(Model.COUNTERS));
        Counter counter = model.counterAt(key);
        long floor = counter.issue();
        model.require(key, counter.answered(call(connection, "INCR", key), floor));
    }

    private void setField(Connection connection) {
        String field = "f" + random.nextInt(FIELDS);
        Register register = model.registerAt(Model.hash(id) + " " + field);
        long number = register.issue(connections);
        register.answered(number, call(connection, "HSET", Model.hash(id), field, String.valueOf(number)));
    }

    private void append(Connection connection) {
        if (++journalEntries == JOURNAL_ENTRIES_MAX) {
            journalEntries = 0;
            journal++;
        }
        String key = Model.journal(id, journal);
        Journal entries = model.journalAt(key);
        int number = entries.issue(connections);
        entries.answered(number, call(connection, "APPEND", key, number + ";"));
    }

    private void setPair(Connection connection) {
        Register pair = model.registerAt(Model.pair(id));
        long number = pair.issue(connections);
        String value = String.valueOf(number);
        pair.answered(number, call(connection, "MSET", Model.pairA(id), value, Model.pairB(id), value));
    }

    private void readPair(Connection connection) {
        int other = random.nextInt(model.clients());
        Register pair = model.registerAt(Model.pair(other));
        long floor = pair.floor();
        if (call(connection, "MGET", Model.pairA(other), Model.pairB(other)) instanceof Answer.Done done) {
            model.checkPair(other, done.list(), floor);
        }
    }

    private void readAnother(Connection connection) {
        String key = Model.register(random.nextInt(model.clients()), random.nextInt(REGISTERS));
        Register register = model.registerAt(key);
        long floor = register.floor();
        if (call(connection, "GET", key) instanceof Answer.Done done) {
            model.require(key, register.check(Model.number(done.value()), floor));
        }
    }

    /** Writes of one register and increments in one piece; reads among them see the write before them. */
    private void pipeline(Connection connection) {
        String key = Model.register(id, random.nextInt(REGISTERS));
        Register register = model.registerAt(key);
        List<List<String>> commands = new ArrayList<>();
        long first = 0;
        for (int i = 0; i < PIPELINE; i++) {
            if (i % 2 == 0) {
                long number = register.issue(connections);
                first = first == 0 ? number : first;
                commands.add(List.of("SET", key, String.valueOf(number)));
            } else {
                commands.add(List.of("GET", key));
            }
        }
        List<Answer> answers = connection.pipeline(commands);
        for (int i = 0; i < PIPELINE; i += 2) {
            long number = first + i / 2;
            Answer written = answers.get(i);
            register.answered(number, written);
            if (written instanceof Answer.Done && answers.get(i + 1) instanceof Answer.Done(Object value)) {
                long read = Model.number(value);
                if (read != number) {
                    model.violated(key, "reads " + read + " after " + number + " in one pipeline");
                }
            }
            model.count(written);
        }
        newest = answers.getLast();
    }
}
