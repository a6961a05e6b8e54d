package io.kvasir.region.placement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.control.Envelope;
import io.kvasir.proto.control.TimestampGrant;
import io.kvasir.proto.control.TimestampQuestion;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.time.TimestampSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class LinkTimestampSourceTest {

    private static final List<StoreId> STORES = List.of(new StoreId(1), new StoreId(2), new StoreId(3));

    private final ManualLink link = new ManualLink(9);
    private final LinkTimestampSource source =
            new LinkTimestampSource(new LeaderRoute(link, Link.Channel.TIMESTAMP, STORES, null, link, link), link);
    private final List<Long> got = new ArrayList<>();

    @Test
    void callersThatComeWhileARequestIsOutShareTheNext() {
        source.fetch(got::add);
        ManualLink.Sent first = link.take();
        assertArrayEquals(new TimestampQuestion.Issue(1).encode(), first.request());
        source.fetch(got::add);
        source.fetch(got::add);
        assertTrue(link.silent());
        first.answer(grant(100, 1, 0));
        assertEquals(List.of(100L), got);
        ManualLink.Sent second = link.take();
        assertArrayEquals(new TimestampQuestion.Issue(2).encode(), second.request());
        second.answer(grant(200, 2, 0));
        assertEquals(List.of(100L, 200L, 201L), got);
        assertEquals(201, source.newestIssued());
    }

    @Test
    void aRepeatedRequestServesOnlyThoseItWasMadeFor() {
        source.fetch(got::add);
        link.take().fail();
        source.fetch(got::add);
        link.passMillis(LeaderRoute.RETRY_MILLIS);
        ManualLink.Sent again = link.take();
        assertEquals(new StoreId(2), again.to());
        assertArrayEquals(new TimestampQuestion.Issue(1).encode(), again.request());
        again.answer(grant(100, 1, 0));
        assertEquals(List.of(100L), got);
    }

    @Test
    void aNamedLeaderIsFollowedAtOnce() {
        source.fetch(got::add);
        link.take().answer(Envelope.notLeader(Optional.of(new StoreId(3))));
        ManualLink.Sent redirected = link.take();
        assertEquals(new StoreId(3), redirected.to());
        redirected.answer(grant(100, 1, 0));
        source.fetch(got::add);
        assertEquals(new StoreId(3), link.take().to());
    }

    @Test
    void storesThatNameEachOtherAreNotAskedInALoop() {
        source.fetch(got::add);
        int asked = 0;
        while (!link.silent()) {
            ManualLink.Sent sent = link.take();
            asked++;
            sent.answer(Envelope.notLeader(Optional.of(new StoreId(3 - sent.to().value()))));
        }
        assertEquals(LeaderRoute.REDIRECTS_AT_ONCE_MAX + 1, asked);
    }

    @Test
    void aLeaderThatCannotTellIsAskedAgain() {
        source.fetch(got::add);
        link.take().answer(Envelope.unknown());
        assertTrue(link.silent());
        link.passMillis(LeaderRoute.RETRY_MILLIS);
        assertEquals(new StoreId(1), link.take().to());
    }

    @Test
    void waitingEndsWithUnavailable() {
        source.fetch(got::add);
        for (int i = 0; i < LinkTimestampSource.WAIT_MILLIS_MAX / LeaderRoute.RETRY_MILLIS && got.isEmpty(); i++) {
            link.take().fail();
            link.passMillis(LeaderRoute.RETRY_MILLIS);
        }
        assertEquals(List.of(TimestampSource.UNAVAILABLE), got);
        source.fetch(got::add);
        link.take().answer(grant(5, 1, 0));
        assertEquals(5, got.getLast());
    }

    @Test
    void aBoundIsKeptForLessThanItsHoldTimeFromTheSending() {
        assertEquals(0, source.bound());
        source.fetch(got::add);
        ManualLink.Sent sent = link.take();
        link.passMillis(400);
        sent.answer(grant(100, 1, 9_000));
        assertEquals(9_000, source.bound());
        link.passMillis(89);
        assertEquals(9_000, source.bound());
        link.passMillis(1);
        assertEquals(0, source.bound());
    }

    @Test
    void aBoundThatCameTooLateIsNoBound() {
        source.fetch(got::add);
        ManualLink.Sent sent = link.take();
        link.passMillis(500);
        sent.answer(grant(100, 1, 9_000));
        assertEquals(0, source.bound());
    }

    @Test
    void aCallerMayFetchAgainInItsCallbackWithoutEnd() {
        AtomicLong next = new AtomicLong(1);
        LinkTimestampSource local = localSource(next);
        fetchAgain(local, 100_000);
        assertEquals(100_000, got.size());
        assertEquals(100_000, new HashSet<>(got).size());
    }

    @Test
    @Timeout(20)
    void manyThreadsEachGetTheirOwn() throws InterruptedException {
        LinkTimestampSource local = localSource(new AtomicLong(1));
        int threads = 4;
        int each = 20_000;
        Set<Long> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch done = new CountDownLatch(threads * each);
        for (int t = 0; t < threads; t++) {
            Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    local.fetch(timestamp -> {
                        seen.add(timestamp);
                        done.countDown();
                    });
                }
            });
        }
        assertTrue(done.await(20, TimeUnit.SECONDS));
        assertEquals(threads * each, seen.size());
    }

    private void fetchAgain(LinkTimestampSource local, int times) {
        local.fetch(timestamp -> {
            got.add(timestamp);
            if (times > 1) {
                fetchAgain(local, times - 1);
            }
        });
    }

    /** A source whose oracle is in this process. */
    private static LinkTimestampSource localSource(AtomicLong next) {
        ManualLink here = new ManualLink(1);
        Link.Handler oracle = (from, request, respond) -> {
            int count = ((TimestampQuestion.Issue) TimestampQuestion.decode(request)).count();
            respond.accept(grant(next.getAndAdd(count), count, 0));
        };
        return new LinkTimestampSource(new LeaderRoute(here, Link.Channel.TIMESTAMP, STORES, oracle, here, here), here);
    }

    private static byte[] grant(long first, int count, long bound) {
        return Envelope.answered(new TimestampGrant(first, count, bound, 500).encode());
    }
}
