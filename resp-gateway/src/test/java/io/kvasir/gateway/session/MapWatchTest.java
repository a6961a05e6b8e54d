package io.kvasir.gateway.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MapWatchTest {

    /** Slot 12182, which the second node leads. */
    private static final byte[] FOO = "foo".getBytes(StandardCharsets.US_ASCII);

    /** Slot 5061, which this node leads. */
    private static final byte[] BAR = "bar".getBytes(StandardCharsets.US_ASCII);

    private final MapWatch watch = new MapWatch();

    @Test
    void k36AClientThatKeepsMissingTheLeaderIsSentMovedNowAndThen() {
        int moved = 0;
        for (int i = 1; i <= 8 * MapWatch.EVERY; i++) {
            Reply.Error answer = watch.look(List.of(FOO), () -> view(true), false);
            if (answer != null) {
                moved++;
                assertEquals(new Reply.Error("MOVED 12182 h2:7002"), answer);
                assertEquals(0, i % (2 * MapWatch.EVERY), "at command " + i);
            }
        }
        assertEquals(4, moved);
    }

    @Test
    void aClientOfTlsIsSentToThePortOfTls() {
        assertEquals(new Reply.Error("MOVED 12182 h2:8002"), MapWatch.moved(List.of(FOO), () -> view(true), true));
    }

    @Test
    void k36AClientThatMissesOnceOrNamesSeveralSlotsIsLeftAlone() {
        for (int i = 0; i < 16 * MapWatch.EVERY; i++) {
            boolean miss = i / MapWatch.EVERY % 2 == 0;
            assertNull(watch.look(List.of(miss ? FOO : BAR), () -> view(true), false));
            assertNull(watch.look(List.of(), () -> view(true), false));
        }
        for (int i = 0; i < 4 * MapWatch.EVERY; i++) {
            assertNull(watch.look(List.of(FOO, BAR), () -> view(true), false));
        }
    }

    @Test
    void k36NobodyIsSentToANodeThatCannotBeReached() {
        for (int i = 0; i < 4 * MapWatch.EVERY; i++) {
            assertNull(watch.look(List.of(FOO), () -> view(false), false));
        }
    }

    private static ClusterView view(boolean reachable) {
        return new ClusterView(
                1,
                0,
                List.of(
                        new ClusterView.Node(
                                "a".repeat(40),
                                "h1",
                                7001,
                                8001,
                                17001,
                                true,
                                List.of(new ClusterView.SlotRange(0, 8191))),
                        new ClusterView.Node(
                                "b".repeat(40),
                                "h2",
                                7002,
                                8002,
                                17002,
                                reachable,
                                List.of(new ClusterView.SlotRange(8192, 16_383)))));
    }
}
