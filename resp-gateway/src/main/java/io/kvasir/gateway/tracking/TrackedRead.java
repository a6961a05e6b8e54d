package io.kvasir.gateway.tracking;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A command under way that reads keys for a client which may keep what it is answered. It stands in the table from
 * before it is evaluated until its reply is written; a key that it is not found at then has changed meanwhile.
 */
public final class TrackedRead implements Interest {

    final Tracker tracker;
    final Set<String> keys;

    /** Keys that the client itself has changed meanwhile, of which it does not want to hear. */
    final Set<String> forgiven = ConcurrentHashMap.newKeySet(1);

    TrackedRead(Tracker tracker, Collection<String> keys) {
        this.tracker = tracker;
        this.keys = new LinkedHashSet<>(keys);
    }
}
