package io.kvasir.gateway.pubsub;

import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one client subscribes to. Changed by the client's event loop alone; {@link #send} and {@link #count} may be
 * called by any thread.
 */
public final class Subscriber {

    private final Consumer<Reply> sink;
    private final Map<Topic, Set<String>> names = new EnumMap<>(Topic.class);

    private volatile int channels;
    private volatile int patterns;
    private volatile int shards;
    private @Nullable Subscribers home;

    /** @param sink takes the messages, in the order in which they are sent; called by any thread, it must not wait */
    public Subscriber(Consumer<Reply> sink) {
        this.sink = sink;
    }

    /** Returns to how many topics of a kind it subscribes. */
    public int count(Topic topic) {
        return switch (topic) {
            case CHANNEL -> channels;
            case PATTERN -> patterns;
            case SHARD -> shards;
        };
    }

    /** Returns whether it subscribes to anything. */
    public boolean isActive() {
        return channels + patterns + shards > 0;
    }

    /** Sends {@code message} out of band. */
    public void send(Reply message) {
        sink.accept(message);
    }

    /** Ends all subscriptions; nothing is answered. */
    public void leaveAll() {
        Subscribers from = home;
        if (from != null) {
            for (Topic topic : Topic.values()) {
                names(topic).forEach(name -> from.remove(topic, name, this));
            }
        }
    }

    /** Returns the names of all subscriptions of a kind, one char a byte, in the order in which they were made. */
    List<String> names(Topic topic) {
        return new ArrayList<>(names.getOrDefault(topic, Set.of()));
    }

    boolean note(Topic topic, String name, Subscribers at) {
        home = at;
        boolean added = names.computeIfAbsent(topic, _ -> new LinkedHashSet<>()).add(name);
        recount(topic);
        return added;
    }

    boolean forget(Topic topic, String name) {
        boolean removed = names.getOrDefault(topic, Set.of()).remove(name);
        recount(topic);
        return removed;
    }

    private void recount(Topic topic) {
        int count = names.getOrDefault(topic, Set.of()).size();
        switch (topic) {
            case CHANNEL -> channels = count;
            case PATTERN -> patterns = count;
            case SHARD -> shards = count;
        }
    }
}
