package io.kvasir.txn;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which instance each database was when a transaction last learned of it. Guesses alone: every range that is read
 * checks them at the transaction's timestamp, and says what is right. Safe for any thread.
 */
final class InstanceGuesses {

    private final Map<Integer, Integer> byDatabase = new ConcurrentHashMap<>();

    int of(int database) {
        return byDatabase.getOrDefault(database, database);
    }

    void learn(int database, int instance) {
        byDatabase.put(database, instance);
    }
}
