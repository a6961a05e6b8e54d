package io.kvasir.gateway.pubsub;

import io.kvasir.gateway.pubsub.PeerQuestion.Kind;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.reply.ReplyCodec;
import io.kvasir.region.link.Link;
import io.kvasir.region.range.ApplyListeners;
import io.kvasir.region.range.ListenerSwitch;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import io.kvasir.region.time.TimestampSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishing and subscribing over all gateways of a cluster, keyspace events included. A message goes to the
 * subscribers here and, by the link, to those of every other gateway that can be reached, in the order of publishing
 * for each publisher. It is delivered at most once, as in Redis: a gateway that is cut off for a moment misses it.
 *
 * <p>Safe for any thread. Until {@link #connect} there are no other gateways.
 */
public final class PubSub {

    /** How long another gateway's answer is waited for, in ms; one that does not come counts for nothing. */
    private static final int ANSWER_MILLIS_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(PubSub.class);

    private final Subscribers subscribers = new Subscribers();
    private volatile @Nullable Peers peers;
    private volatile @Nullable Events events;
    private volatile Consumer<Runnable> readUsers = Runnable::run;

    private record Peers(Link link, Supplier<? extends Collection<StoreId>> stores) {}

    private record Events(Supplier<EventClasses> classes, EventInterest interest, Timer timer) {}

    /**
     * Tells subscribers of keyspace events from now on.
     *
     * @param ranges the ranges with a replica here
     * @param applied where to hear of what they apply
     * @param listeners switched on while any gateway wants events
     * @param classes the events that this gateway's clients may hear of; must not wait
     */
    public void hearEvents(
            RangeTable ranges,
            ApplyListeners applied,
            ListenerSwitch listeners,
            Supplier<EventClasses> classes,
            TimestampSource time,
            Ticker ticker,
            Timer timer) {
        KeyspaceEvents heard = new KeyspaceEvents(ranges, classes, subscribers);
        Events these = new Events(classes, new EventInterest(ticker, listeners), timer);
        events = these;
        applied.add(heard);
        begin(heard, time, timer);
        repeatInterest();
    }

    /** Counts what is committed from now on; before there is a timestamp, nothing. */
    private static void begin(KeyspaceEvents heard, TimestampSource time, Timer timer) {
        time.fetch(timestamp -> {
            if (timestamp == TimestampSource.UNAVAILABLE) {
                timer.after(EventInterest.REPEAT_MILLIS, () -> begin(heard, time, timer));
            } else {
                heard.from(timestamp);
            }
        });
    }

    /** The classes of events that clients here hear of may have changed. */
    public void classesChanged() {
        Events these = events;
        if (these == null) {
            return;
        }
        boolean wanted = these.classes.get().any();
        these.interest.here(wanted);
        Peers known = peers;
        if (!wanted || known == null) {
            return;
        }
        byte[] question = new PeerQuestion(Kind.WANTS_EVENTS, Topic.CHANNEL, List.of()).encode();
        for (StoreId store : known.stores().get()) {
            if (!store.equals(known.link().self()) && known.link().isUp(store)) {
                known.link().send(store, Link.Channel.PUBSUB, question, ANSWER_MILLIS_MAX, (_, _) -> {});
            }
        }
    }

    private void repeatInterest() {
        Events these = events;
        if (these != null) {
            classesChanged();
            these.timer.after(EventInterest.REPEAT_MILLIS, this::repeatInterest);
        }
    }

    /** Finds the other gateways from now on among {@code stores}, which may name this one; called once. */
    public void connect(Link link, Supplier<? extends Collection<StoreId>> stores) {
        peers = new Peers(link, stores);
        link.serve(Link.Channel.PUBSUB, (from, request, respond) -> {
            PeerQuestion question;
            try {
                question = PeerQuestion.decode(request);
            } catch (IllegalArgumentException malformed) {
                LOG.warn("malformed question about subscribers, from={}", from, malformed);
                respond.accept(ReplyCodec.encode(Reply.EMPTY_ARRAY));
                return;
            }
            Events these = events;
            if (question.kind() == Kind.WANTS_EVENTS && these != null) {
                these.interest.heardFrom(from);
            }
            if (question.kind() == Kind.USERS_CHANGED) {
                readUsers.accept(() -> respond.accept(ReplyCodec.encode(Reply.ZERO)));
            } else {
                respond.accept(ReplyCodec.encode(answer(question)));
            }
        });
    }

    /** Has {@code reader} read the users, and run what it is given then, whenever another gateway says they changed. */
    public void onUsersChanged(Consumer<Runnable> reader) {
        readUsers = reader;
    }

    /** Tells all other gateways that users have changed; {@code whenDone} is run once they answered, on any thread. */
    public void announceUsers(Runnable whenDone) {
        ask(new PeerQuestion(Kind.USERS_CHANGED, Topic.CHANNEL, List.of()), _ -> whenDone.run());
    }

    /** Subscribes; messages that are published from now on arrive. */
    public void subscribe(Subscriber subscriber, Topic topic, byte[] name) {
        subscribers.add(topic, Subscribers.text(name), subscriber);
    }

    /** Ends a subscription; returns whether there was one. */
    public boolean unsubscribe(Subscriber subscriber, Topic topic, byte[] name) {
        return subscribers.remove(topic, Subscribers.text(name), subscriber);
    }

    /** Returns the names of all of a client's subscriptions of a kind. */
    public static List<byte[]> names(Subscriber subscriber, Topic topic) {
        return subscriber.names(topic).stream().map(Subscribers::bytes).toList();
    }

    /** Returns how many names this gateway's clients subscribe to. */
    public int namesHere(Topic topic) {
        return subscribers.namesCount(topic);
    }

    /**
     * Sends a message to all subscribers.
     *
     * @param topic a channel of which kind
     * @param whenSent gets the number of receivers at the gateways that answered, once, on any thread
     */
    public void publish(Topic topic, byte[] channel, byte[] payload, Consumer<Long> whenSent) {
        ask(new PeerQuestion(Kind.DELIVER, topic, List.of(channel, payload)), answers -> {
            long receivers = 0;
            for (Reply each : answers) {
                receivers += each instanceof Reply.Int(long count) ? count : 0;
            }
            whenSent.accept(receivers);
        });
    }

    /** Finds the names that anybody subscribes to, in order; on any thread. */
    public void names(Topic topic, Consumer<List<byte[]>> whenKnown) {
        ask(new PeerQuestion(Kind.NAMES, topic, List.of()), answers -> {
            Set<String> names = new TreeSet<>();
            for (Reply each : answers) {
                elements(each).forEach(name -> {
                    if (name instanceof Reply.Bulk(byte[] bytes)) {
                        names.add(Subscribers.text(bytes));
                    }
                });
            }
            whenKnown.accept(names.stream().map(Subscribers::bytes).toList());
        });
    }

    /** Counts who subscribes to each of {@code names}; on any thread. */
    public void counts(Topic topic, List<byte[]> names, Consumer<long[]> whenKnown) {
        ask(new PeerQuestion(Kind.COUNTS, topic, names), answers -> {
            long[] counts = new long[names.size()];
            for (Reply each : answers) {
                List<Reply> numbers = elements(each);
                for (int i = 0; i < Math.min(counts.length, numbers.size()); i++) {
                    counts[i] += numbers.get(i) instanceof Reply.Int(long count) ? count : 0;
                }
            }
            whenKnown.accept(counts);
        });
    }

    /** Sends the messages that a script has published, now that it has taken effect, and returns its reply. */
    public Reply release(Reply reply) {
        return switch (reply) {
            case Reply.Published(Reply own, List<Reply> messages) -> {
                messages.forEach(this::releaseMessage);
                yield own;
            }
            case Reply.Array(List<Reply> elements)
            when elements.stream().anyMatch(each -> each instanceof Reply.Published) -> {
                List<Reply> released = new ArrayList<>();
                elements.forEach(each -> released.add(release(each)));
                yield Reply.array(released);
            }
            default -> reply;
        };
    }

    /** Returns what {@link #release} takes for a message. */
    public static Reply message(Topic topic, byte[] channel, byte[] payload) {
        return Reply.array(List.of(Reply.of(topic.number), Reply.bulk(channel), Reply.bulk(payload)));
    }

    private void releaseMessage(Reply message) {
        if (message instanceof Reply.Array(List<Reply> parts)
                && parts.size() == 3
                && parts.get(0) instanceof Reply.Int(long topic)
                && parts.get(1) instanceof Reply.Bulk(byte[] channel)
                && parts.get(2) instanceof Reply.Bulk(byte[] payload)) {
            publish(Topic.of((int) topic), channel, payload, _ -> {});
        } else {
            throw new IllegalStateException("not a message: " + message);
        }
    }

    private static List<Reply> elements(Reply reply) {
        return reply instanceof Reply.Array(List<Reply> elements) ? elements : List.of();
    }

    private Reply answer(PeerQuestion question) {
        List<byte[]> words = question.words();
        Topic topic = question.topic();
        return switch (question.kind()) {
            case WANTS_EVENTS, USERS_CHANGED -> Reply.ZERO;
            case DELIVER -> Reply.of(subscribers.deliver(topic, words.get(0), words.get(1)));
            case NAMES -> {
                List<Reply> names = new ArrayList<>();
                subscribers.names(topic).forEach(name -> names.add(Reply.bulk(Subscribers.bytes(name))));
                yield Reply.array(names);
            }
            case COUNTS -> {
                List<Reply> counts = new ArrayList<>();
                words.forEach(name -> counts.add(Reply.of(subscribers.count(topic, Subscribers.text(name)))));
                yield Reply.array(counts);
            }
        };
    }

    /** Asks all gateways, this one included, and hands over what they answer. */
    private void ask(PeerQuestion question, Consumer<List<Reply>> whenAnswered) {
        Peers known = peers;
        List<StoreId> others = known == null
                ? List.of()
                : known.stores().get().stream()
                        .filter(store -> !store.equals(known.link().self())
                                && known.link().isUp(store))
                        .toList();
        if (known == null || others.isEmpty()) {
            whenAnswered.accept(List.of(answer(question)));
            return;
        }
        AtomicReferenceArray<Reply> answers = new AtomicReferenceArray<>(others.size() + 1);
        AtomicInteger missing = new AtomicInteger(answers.length());
        byte[] bytes = question.encode();
        for (int i = 0; i < others.size(); i++) {
            int place = i;
            known.link().send(others.get(i), Link.Channel.PUBSUB, bytes, ANSWER_MILLIS_MAX, (response, _) -> {
                answers.set(place, response == null ? Reply.NULL : ReplyCodec.decode(response));
                finish(answers, missing, whenAnswered);
            });
        }
        answers.set(others.size(), answer(question));
        finish(answers, missing, whenAnswered);
    }

    private static void finish(
            AtomicReferenceArray<Reply> answers, AtomicInteger missing, Consumer<List<Reply>> whenAnswered) {
        if (missing.decrementAndGet() == 0) {
            List<Reply> all = new ArrayList<>();
            for (int i = 0; i < answers.length(); i++) {
                all.add(answers.get(i));
            }
            whenAnswered.accept(all);
        }
    }
}
