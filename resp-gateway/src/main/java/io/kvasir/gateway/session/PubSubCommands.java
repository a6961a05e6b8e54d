package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.FAST;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.MAY_REPLICATE;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.PUBSUB;
import static io.kvasir.gateway.command.CommandFlag.SENTINEL;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.glob.Glob;
import io.kvasir.gateway.pubsub.PubSub;
import io.kvasir.gateway.pubsub.Subscriber;
import io.kvasir.gateway.pubsub.Topic;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** PUBLISH, SUBSCRIBE, PUBSUB and their relatives (redis pubsub.c). */
final class PubSubCommands {

    private final PubSub pubSub;

    PubSubCommands(PubSub pubSub) {
        this.pubSub = pubSub;
    }

    List<Command> all() {
        return List.of(
                publish("PUBLISH", Topic.CHANNEL, "2.0.0", FAST, LOADING, MAY_REPLICATE, PUBSUB, SENTINEL, STALE),
                publish("SPUBLISH", Topic.SHARD, "7.0.0", FAST, LOADING, MAY_REPLICATE, PUBSUB, STALE),
                subscribe("SUBSCRIBE", Topic.CHANNEL, "2.0.0", LOADING, NOSCRIPT, PUBSUB, SENTINEL, STALE),
                subscribe("PSUBSCRIBE", Topic.PATTERN, "2.0.0", LOADING, NOSCRIPT, PUBSUB, SENTINEL, STALE),
                subscribe("SSUBSCRIBE", Topic.SHARD, "7.0.0", LOADING, NOSCRIPT, PUBSUB, STALE),
                unsubscribe("UNSUBSCRIBE", Topic.CHANNEL, "2.0.0", LOADING, NOSCRIPT, PUBSUB, SENTINEL, STALE),
                unsubscribe("PUNSUBSCRIBE", Topic.PATTERN, "2.0.0", LOADING, NOSCRIPT, PUBSUB, SENTINEL, STALE),
                unsubscribe("SUNSUBSCRIBE", Topic.SHARD, "7.0.0", LOADING, NOSCRIPT, PUBSUB, STALE),
                Rows.container("PUBSUB", "2.8.0"),
                deferred(row("PUBSUB CHANNELS", -2, "2.8.0", LOADING, PUBSUB, STALE), channels(Topic.CHANNEL)),
                deferred(row("PUBSUB SHARDCHANNELS", -2, "7.0.0", LOADING, PUBSUB, STALE), channels(Topic.SHARD)),
                deferred(row("PUBSUB NUMSUB", -2, "2.8.0", LOADING, PUBSUB, STALE), counts(Topic.CHANNEL)),
                deferred(row("PUBSUB SHARDNUMSUB", -2, "7.0.0", LOADING, PUBSUB, STALE), counts(Topic.SHARD)),
                deferred(row("PUBSUB NUMPAT", 2, "2.8.0", LOADING, PUBSUB, STALE), this::countPatterns),
                Rows.immediate(row("PUBSUB HELP", 2, "6.2.0", LOADING, STALE), (_, _) -> help()));
    }

    private static CommandSpec row(String name, int arity, String since, CommandFlag... flags) {
        return Rows.row(name, arity, since, flags);
    }

    private static CommandSpec row(Topic topic, String name, int arity, String since, CommandFlag... flags) {
        CommandSpec row = row(name, arity, since, flags);
        return topic == Topic.SHARD ? row.keys(new KeySpec.Range(1, arity < 0 ? -1 : 1, 1, KeySpec.Access.READ)) : row;
    }

    private static Command deferred(CommandSpec spec, SessionCommand.DeferredCode code) {
        return new SessionCommand.Deferred(spec, code);
    }

    private Command publish(String name, Topic topic, String since, CommandFlag... flags) {
        return deferred(
                row(topic, name, 3, since, flags),
                (_, arguments, whenDone) -> pubSub.publish(
                        topic, arguments.next(), arguments.next(), count -> whenDone.accept(Reply.of(count))));
    }

    private Command subscribe(String name, Topic topic, String since, CommandFlag... flags) {
        return Rows.immediate(row(topic, name, -2, since, flags), (session, arguments) -> {
            Subscriber subscriber = session.subscriber();
            Reply reply = Reply.NULL;
            while (arguments.hasNext()) {
                byte[] channel = arguments.next();
                pubSub.subscribe(subscriber, topic, channel);
                reply = confirmed(subscriber, topic, topic.added(), Reply.bulk(channel));
                if (arguments.hasNext()) {
                    subscriber.send(reply);
                }
            }
            return reply;
        });
    }

    private Command unsubscribe(String name, Topic topic, String since, CommandFlag... flags) {
        return Rows.immediate(row(topic, name, -1, since, flags), (session, arguments) -> {
            Subscriber subscriber = session.subscriber();
            List<byte[]> channels = new ArrayList<>();
            while (arguments.hasNext()) {
                channels.add(arguments.next());
            }
            if (channels.isEmpty()) {
                channels.addAll(PubSub.names(subscriber, topic));
            }
            if (channels.isEmpty()) {
                return confirmed(subscriber, topic, topic.removed(), Reply.NULL);
            }
            for (int i = 0; ; i++) {
                pubSub.unsubscribe(subscriber, topic, channels.get(i));
                Reply reply = confirmed(subscriber, topic, topic.removed(), Reply.bulk(channels.get(i)));
                if (i == channels.size() - 1) {
                    return reply;
                }
                subscriber.send(reply);
            }
        });
    }

    /** Returns the message about one subscription: with it go how many there are now, shards apart from the rest. */
    private static Reply confirmed(Subscriber subscriber, Topic topic, String word, Reply channel) {
        int count = topic == Topic.SHARD
                ? subscriber.count(Topic.SHARD)
                : subscriber.count(Topic.CHANNEL) + subscriber.count(Topic.PATTERN);
        return new Reply.Push(List.of(Reply.bulk(word), channel, Reply.of(count)));
    }

    private SessionCommand.DeferredCode channels(Topic topic) {
        return (_, arguments, whenDone) -> {
            Glob glob = new Glob(arguments.hasNext() ? arguments.next() : new byte[] {'*'});
            if (arguments.hasNext()) {
                throw Rows.wrongWords("PUBSUB", topic == Topic.SHARD ? "SHARDCHANNELS" : "CHANNELS");
            }
            pubSub.names(topic, names -> {
                List<Reply> found = new ArrayList<>();
                names.stream().filter(glob::matches).forEach(name -> found.add(Reply.bulk(name)));
                whenDone.accept(Reply.array(found));
            });
        };
    }

    private SessionCommand.DeferredCode counts(Topic topic) {
        return (_, arguments, whenDone) -> {
            List<byte[]> names = new ArrayList<>();
            while (arguments.hasNext()) {
                names.add(arguments.next());
            }
            pubSub.counts(topic, names, counts -> {
                List<Reply> found = new ArrayList<>();
                for (int i = 0; i < counts.length; i++) {
                    found.add(Reply.bulk(names.get(i)));
                    found.add(Reply.of(counts[i]));
                }
                whenDone.accept(Reply.array(found));
            });
        };
    }

    private void countPatterns(Session session, Arguments arguments, Consumer<Reply> whenDone) throws CommandError {
        arguments.end();
        pubSub.names(Topic.PATTERN, names -> whenDone.accept(Reply.of(names.size())));
    }

    private static Reply help() {
        return Rows.help(
                "PUBSUB",
                "CHANNELS [<pattern>]",
                "    Return the currently active channels matching a <pattern> (default: '*').",
                "NUMPAT",
                "    Return number of subscriptions to patterns.",
                "NUMSUB [<channel> ...]",
                "    Return the number of subscribers for the specified channels, excluding",
                "    pattern subscriptions(default: no channels).",
                "SHARDCHANNELS [<pattern>]",
                "    Return the currently active shard level channels matching a <pattern> (default: '*').",
                "SHARDNUMSUB [<shardchannel> ...]",
                "    Return the number of subscribers for the specified shard level channel(s)");
    }
}
