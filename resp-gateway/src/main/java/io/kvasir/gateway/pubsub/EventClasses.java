package io.kvasir.gateway.pubsub;

import io.kvasir.gateway.type.KeyspaceEvent;

/**
 * Which keyspace events a gateway's clients hear of (redis notify.c).
 *
 * @param byKey whether channels named after keys hear of them
 * @param byEvent whether channels named after events do
 * @param letters the classes
 */
public record EventClasses(boolean byKey, boolean byEvent, String letters) {

    /** What 'A' stands for: all classes but those of misses and of new keys. */
    private static final String ALL = "g$lshzxetd";

    /** Returns what a valid {@code notify-keyspace-events} means. */
    public static EventClasses parse(String setting) {
        return new EventClasses(setting.indexOf('K') >= 0, setting.indexOf('E') >= 0, setting.replace("A", ALL));
    }

    /** Returns whether any event is for anybody. */
    public boolean any() {
        return (byKey || byEvent) && letters.chars().anyMatch(letter -> "KE".indexOf(letter) < 0);
    }

    boolean has(KeyspaceEvent event) {
        return letters.indexOf(event.classLetter()) >= 0;
    }
}
