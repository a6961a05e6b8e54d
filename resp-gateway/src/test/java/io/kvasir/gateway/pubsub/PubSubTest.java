package io.kvasir.gateway.pubsub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.gateway.pubsub.PeerQuestion.Kind;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.reply.ReplyCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets which message, without sockets; between nodes it is tried by the clients' tests. */
final class PubSubTest {

    private final PubSub pubSub = new PubSub();
    private final List<String> heard = new ArrayList<>();

    private Subscriber subscriber(String name) {
        return new Subscriber(message -> heard.add(name + text(message)));
    }

    private static String text(Reply message) {
        StringBuilder text = new StringBuilder();
        ((Reply.Push) message).elements().forEach(word -> text.append(' ')
                .append(new String(((Reply.Bulk) word).bytes(), StandardCharsets.US_ASCII)));
        return text.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private long publish(Topic topic, String channel, String message) {
        List<Long> receivers = new ArrayList<>();
        pubSub.publish(topic, bytes(channel), bytes(message), receivers::add);
        return receivers.getFirst();
    }

    @Test
    void aMessageGoesToTheChannelAndToEveryPatternThatMatches() {
        Subscriber a = subscriber("a");
        Subscriber b = subscriber("b");
        pubSub.subscribe(a, Topic.CHANNEL, bytes("news"));
        pubSub.subscribe(a, Topic.PATTERN, bytes("n*"));
        pubSub.subscribe(b, Topic.PATTERN, bytes("*s"));
        pubSub.subscribe(b, Topic.SHARD, bytes("news"));
        assertEquals(3, publish(Topic.CHANNEL, "news", "x"));
        assertEquals("a message news x", heard.getFirst());
        assertEquals(
                List.of("a pmessage n* news x", "b pmessage *s news x"),
                heard.stream().skip(1).sorted().toList());
        heard.clear();
        assertEquals(1, publish(Topic.SHARD, "news", "y"));
        assertEquals(List.of("b smessage news y"), heard);
    }

    @Test
    void whoHasLeftHearsNothingAndLeavesNoTrace() {
        Subscriber a = subscriber("a");
        pubSub.subscribe(a, Topic.CHANNEL, bytes("c"));
        pubSub.subscribe(a, Topic.PATTERN, bytes("*"));
        assertEquals(1, pubSub.namesHere(Topic.PATTERN));
        a.leaveAll();
        assertFalse(a.isActive());
        assertEquals(0, publish(Topic.CHANNEL, "c", "x"));
        assertEquals(0, pubSub.namesHere(Topic.CHANNEL) + pubSub.namesHere(Topic.PATTERN));
        assertEquals(List.of(), heard);
    }

    @Test
    void subscribingTwiceIsSubscribingOnce() {
        Subscriber a = subscriber("a");
        pubSub.subscribe(a, Topic.CHANNEL, bytes("c"));
        pubSub.subscribe(a, Topic.CHANNEL, bytes("c"));
        assertEquals(1, a.count(Topic.CHANNEL));
        assertEquals(1, publish(Topic.CHANNEL, "c", "x"));
    }

    @Test
    void messagesOfAScriptAreSentInOrderBeforeItsReplyWhereverItStands() {
        pubSub.subscribe(subscriber("a"), Topic.CHANNEL, bytes("c"));
        Reply published = new Reply.Published(
                Reply.OK,
                List.of(
                        PubSub.message(Topic.CHANNEL, bytes("c"), bytes("1")),
                        PubSub.message(Topic.CHANNEL, bytes("c"), bytes("2"))));
        Reply read = ReplyCodec.decode(ReplyCodec.encode(published));
        assertEquals(Reply.OK, pubSub.release(read));
        assertEquals(
                Reply.array(List.of(Reply.ONE, Reply.OK)), pubSub.release(Reply.array(List.of(Reply.ONE, published))));
        assertEquals(List.of("a message c 1", "a message c 2", "a message c 1", "a message c 2"), heard);
    }

    @Test
    void questionsAreWhatTheSpecificationSays() {
        PeerQuestion question = new PeerQuestion(Kind.DELIVER, Topic.SHARD, List.of(bytes("c"), bytes("hi")));
        assertArrayEquals(HexFormat.of().parseHex("010103020163026869"), question.encode());
        PeerQuestion read = PeerQuestion.decode(question.encode());
        assertEquals(Topic.SHARD, read.topic());
        assertArrayEquals(bytes("hi"), read.words().get(1));
        PeerQuestion interest = new PeerQuestion(Kind.WANTS_EVENTS, Topic.CHANNEL, List.of());
        assertArrayEquals(HexFormat.of().parseHex("01040100"), interest.encode());
        assertEquals(Kind.WANTS_EVENTS, PeerQuestion.decode(interest.encode()).kind());
        assertThrows(
                IllegalArgumentException.class,
                () -> PeerQuestion.decode(HexFormat.of().parseHex("0101030101" + "63")));
    }
}
