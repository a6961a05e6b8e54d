package io.kvasir.gateway.pubsub;

import io.kvasir.gateway.glob.Glob;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who of this gateway's clients subscribes to what (redis pubsub.c). Names have one char a byte. Safe for any thread;
 * of one subscriber, by its event loop alone.
 */
final class Subscribers {

    private record Listeners(Glob glob, Set<Subscriber> all) {}

    private final Map<Topic, ConcurrentHashMap<String, Listeners>> byName = new EnumMap<>(Topic.class);

    Subscribers() {
        for (Topic topic : Topic.values()) {
            byName.put(topic, new ConcurrentHashMap<>());
        }
    }

    void add(Topic topic, String name, Subscriber subscriber) {
        if (subscriber.note(topic, name, this)) {
            of(topic).compute(name, (_, listeners) -> {
                Listeners these = listeners != null
                        ? listeners
                        : new Listeners(new Glob(bytes(name)), ConcurrentHashMap.newKeySet());
                these.all.add(subscriber);
                return these;
            });
        }
    }

    /** Returns whether it was subscribed to. */
    boolean remove(Topic topic, String name, Subscriber subscriber) {
        if (!subscriber.forget(topic, name)) {
            return false;
        }
        of(topic).computeIfPresent(name, (_, listeners) -> {
            listeners.all.remove(subscriber);
            return listeners.all.isEmpty() ? null : listeners;
        });
        return true;
    }

    /** Sends a message to all it is for, and returns to how many. */
    long deliver(Topic topic, byte[] channel, byte[] payload) {
        long receivers = 0;
        Listeners direct = of(topic).get(text(channel));
        if (direct != null) {
            Reply message =
                    new Reply.Push(List.of(Reply.bulk(topic.message), Reply.bulk(channel), Reply.bulk(payload)));
            receivers += send(direct.all, message);
        }
        if (topic == Topic.CHANNEL) {
            for (Map.Entry<String, Listeners> each : of(Topic.PATTERN).entrySet()) {
                if (each.getValue().glob.matches(channel)) {
                    Reply message = new Reply.Push(List.of(
                            Reply.bulk(Topic.PATTERN.message),
                            Reply.bulk(bytes(each.getKey())),
                            Reply.bulk(channel),
                            Reply.bulk(payload)));
                    receivers += send(each.getValue().all, message);
                }
            }
        }
        return receivers;
    }

    private static long send(Set<Subscriber> subscribers, Reply message) {
        long sent = 0;
        for (Subscriber subscriber : subscribers) {
            subscriber.send(message);
            sent++;
        }
        return sent;
    }

    /** Returns the names somebody subscribes to. */
    List<String> names(Topic topic) {
        return List.copyOf(of(topic).keySet());
    }

    /** Returns how many names somebody subscribes to. */
    int namesCount(Topic topic) {
        return of(topic).size();
    }

    /** Returns how many subscribe to {@code name}. */
    long count(Topic topic, String name) {
        Listeners listeners = of(topic).get(name);
        return listeners == null ? 0 : listeners.all.size();
    }

    private ConcurrentHashMap<String, Listeners> of(Topic topic) {
        return byName.computeIfAbsent(topic, _ -> new ConcurrentHashMap<>());
    }

    static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }
}
