package io.kvasir.gateway.pubsub;

/** What a client subscribes to; numbers are part of the wire format and never reused. */
public enum Topic {
    CHANNEL(1, "message", "subscribe", "unsubscribe"),
    /** A pattern of the names of channels. */
    PATTERN(2, "pmessage", "psubscribe", "punsubscribe"),
    /** A channel with names of its own, which cluster clients publish to by slot. */
    SHARD(3, "smessage", "ssubscribe", "sunsubscribe");

    final int number;

    /** First word of a message. */
    final String message;

    private final String added;
    private final String removed;

    Topic(int number, String message, String added, String removed) {
        this.number = number;
        this.message = message;
        this.added = added;
        this.removed = removed;
    }

    /** Returns the first word of the reply that says a subscription was added. */
    public String added() {
        return added;
    }

    /** Returns the first word of the reply that says a subscription was removed. */
    public String removed() {
        return removed;
    }

    static Topic of(int number) {
        for (Topic topic : values()) {
            if (topic.number == number) {
                return topic;
            }
        }
        throw new IllegalArgumentException("no topic has number " + number);
    }
}
