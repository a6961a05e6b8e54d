package io.kvasir.region.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.AddressBook.Address;
import io.kvasir.region.link.Link.Channel;
import io.kvasir.region.link.Link.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GrpcLinkTest {

    private static final StoreId ONE = new StoreId(1);
    private static final StoreId TWO = new StoreId(2);

    private final AddressBook addresses = new AddressBook();
    private final List<GrpcLink> links = new ArrayList<>();
    private final List<String> changes = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void closeLinks() {
        links.forEach(GrpcLink::close);
    }

    @Test
    void answersEachRequestWithItsOwnResponse() throws Exception {
        GrpcLink one = open(ONE, "c");
        open(TWO, "c")
                .serve(
                        Channel.COMMAND,
                        (from, request, respond) -> respond.accept((from + ":" + new String(request)).getBytes()));
        awaitUp(one, TWO);
        List<CompletableFuture<Object>> answers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            answers.add(ask(one, TWO, Channel.COMMAND, "r" + i, 5_000));
        }
        for (int i = 0; i < answers.size(); i++) {
            assertEquals("s1:r" + i, answers.get(i).get(5, TimeUnit.SECONDS));
        }
    }

    @Test
    void deliversRequestsInTheOrderSent() throws Exception {
        GrpcLink one = open(ONE, "c");
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch all = new CountDownLatch(2_000);
        open(TWO, "c").serve(Channel.RAFT, (from, request, respond) -> {
            seen.add(new String(request));
            all.countDown();
        });
        awaitUp(one, TWO);
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            sent.add("m" + i);
            one.send(TWO, Channel.RAFT, ("m" + i).getBytes(), 5_000, (response, failure) -> {});
        }
        assertTrue(all.await(5, TimeUnit.SECONDS));
        assertEquals(sent, seen);
    }

    @Test
    void carriesALongPayload() throws Exception {
        GrpcLink one = open(ONE, "c");
        open(TWO, "c").serve(Channel.COMMAND, (from, request, respond) -> respond.accept(request));
        awaitUp(one, TWO);
        byte[] payload = new byte[9 << 20];
        payload[payload.length - 1] = 7;
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        one.send(TWO, Channel.COMMAND, payload, 10_000, (response, failure) -> answer.complete(response));
        assertArrayEquals(payload, answer.get(10, TimeUnit.SECONDS));
    }

    @Test
    void saysWhenThereIsNoAnswerInTimeOrNobodyServes() throws Exception {
        GrpcLink one = open(ONE, "c");
        open(TWO, "c").serve(Channel.LEASE, (from, request, respond) -> {});
        awaitUp(one, TWO);
        assertTrue(failure(ask(one, TWO, Channel.LEASE, "x", 100)).sent());
        assertFalse(failure(ask(one, TWO, Channel.COMMAND, "x", 100)).sent());
    }

    @Test
    void failsWhatIsOutstandingWhenThePeerDiesAndReachesItAgainAtItsNewAddress() throws Exception {
        GrpcLink one = open(ONE, "c");
        GrpcLink two = open(TWO, "c");
        BlockingQueue<Consumer<byte[]>> waiting = new LinkedBlockingQueue<>();
        two.serve(Channel.COMMAND, (from, request, respond) -> waiting.add(respond));
        awaitUp(one, TWO);
        CompletableFuture<Object> outstanding = ask(one, TWO, Channel.COMMAND, "x", 60_000);
        waiting.take();
        two.close();
        assertTrue(failure(outstanding).sent());
        assertFalse(failure(ask(one, TWO, Channel.COMMAND, "x", 60_000)).sent());
        open(TWO, "c").serve(Channel.COMMAND, (from, request, respond) -> respond.accept(request));
        awaitUp(one, TWO);
        assertEquals("y", ask(one, TWO, Channel.COMMAND, "y", 5_000).get(5, TimeUnit.SECONDS));
        assertEquals(List.of("s2 true", "s2 false", "s2 true"), changes);
    }

    @Test
    void refusesAStoreOfAnotherCluster() throws Exception {
        GrpcLink one = open(ONE, "c");
        GrpcLink foreign = open(TWO, "other");
        foreign.serve(Channel.COMMAND, (from, request, respond) -> respond.accept(request));
        long end = System.nanoTime() + 500_000_000L;
        while (System.nanoTime() < end) {
            assertFalse(one.isUp(TWO));
            assertFalse(foreign.isUp(ONE));
            LockSupport.parkNanos(10_000_000);
        }
        assertFalse(failure(ask(one, TWO, Channel.COMMAND, "x", 100)).sent());
        assertEquals(List.of(), changes);
    }

    @Test
    void servesItself() throws Exception {
        GrpcLink one = open(ONE, "c");
        one.serve(Channel.COMMAND, (from, request, respond) -> respond.accept(request));
        one.serve(Channel.LEASE, (from, request, respond) -> {});
        assertEquals("me", ask(one, ONE, Channel.COMMAND, "me", 1_000).get(1, TimeUnit.SECONDS));
        assertTrue(failure(ask(one, ONE, Channel.LEASE, "me", 50)).sent());
    }

    private GrpcLink open(StoreId store, String cluster) throws IOException {
        PeerListener listener = (peer, up) -> {
            if (store.equals(ONE)) {
                changes.add(peer + " " + up);
            }
        };
        GrpcLink link =
                GrpcLink.open(new LinkSettings(store, cluster, "127.0.0.1", 0), addresses, System::nanoTime, listener);
        addresses.put(store, new Address("127.0.0.1", link.port()));
        links.add(link);
        return link;
    }

    private static CompletableFuture<Object> ask(
            GrpcLink from, StoreId to, Channel channel, String text, int timeoutMillis) {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        from.send(to, channel, text.getBytes(), timeoutMillis, (response, failure) -> {
            Object result = response == null ? failure : new String(response);
            assertTrue(answer.complete(result), "answered twice");
        });
        return answer;
    }

    private static Failure failure(CompletableFuture<Object> answer) throws Exception {
        return (Failure) answer.get(5, TimeUnit.SECONDS);
    }

    private static void awaitUp(GrpcLink from, StoreId to) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!from.isUp(to)) {
            assertTrue(System.nanoTime() < end, "not up");
            LockSupport.parkNanos(5_000_000);
        }
    }
}
