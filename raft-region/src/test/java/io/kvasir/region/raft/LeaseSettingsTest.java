package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.region.link.Link;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class LeaseSettingsTest {

    @TempDir
    private Path directory;

    @Test
    void aLeaseIsShorterThanItsGuardAndLongerThanTwoFrames() {
        assertThrows(IllegalArgumentException.class, () -> new LeaseSettings(true, 2_000, 2_000));
        assertThrows(IllegalArgumentException.class, () -> new LeaseSettings(true, 999, 2_000));
        assertThrows(IllegalArgumentException.class, () -> new LeaseSettings(true, 1_500, 120_001));
        assertEquals(new LeaseSettings(true, 1_500, 2_000), LeaseSettings.PRODUCTION);
    }

    @Test
    void k37AVoterPromisesNothingForALeaseThatWouldOutlastItsGuard() throws Exception {
        try (Cluster cluster = new Cluster(directory, 2)) {
            cluster.stores().getFirst().host.campaign(Cluster.REGION);
            Cluster.Store leader = cluster.awaitLeader();
            long term = leader.group.leaderTerm();
            Cluster.Store voter = cluster.stores().stream()
                    .filter(store -> store != leader)
                    .findFirst()
                    .orElseThrow();
            int promised = LeaseFrame.CONFIRMED | LeaseFrame.PROMISED;
            assertArrayEquals(new byte[] {(byte) promised}, ask(leader, voter, term, 1_999));
            assertArrayEquals(new byte[] {LeaseFrame.CONFIRMED}, ask(leader, voter, term, 2_000));
        }
    }

    private static byte[] ask(Cluster.Store from, Cluster.Store to, long term, int leaseMillis) throws Exception {
        List<LeaseFrame.Item> items =
                List.of(new LeaseFrame.Item(Cluster.REGION, to.replica.incarnation(), term, true));
        byte[] frame = new LeaseFrame(LeaseFrame.Kind.CONFIRM, false, leaseMillis, items).encode();
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        from.link.send(
                to.replica.store(), Link.Channel.LEASE, frame, 1_000, (bytes, failure) -> answer.complete(bytes));
        return LeaseFrame.decodeAnswer(answer.get(5, TimeUnit.SECONDS), 1);
    }
}
