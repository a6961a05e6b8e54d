package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class DiskLowTest {

    @TempDir
    private Path directory;

    @Test
    void otherStoresHearOfADiskThatIsNearlyFullAndOfItsEnd() throws Exception {
        try (Cluster cluster = new Cluster(directory, 2)) {
            Cluster.Store first = cluster.stores().get(0);
            Cluster.Store second = cluster.stores().get(1);
            first.host.campaign(Cluster.REGION);
            cluster.awaitLeader(); // so that nobody asks who leads: only beats are under way
            first.host.diskLow(true);
            Await.until(() -> second.host.isDiskLow(first.replica.store()), "the low disk is heard of");
            assertFalse(first.host.isDiskLow(second.replica.store()));
            first.host.diskLow(false);
            Await.until(() -> !second.host.isDiskLow(first.replica.store()), "its end is heard of");
        }
    }

    @Test
    void aFrameSaysWhetherTheSendersDiskIsLow() {
        List<LeaseFrame.Item> items = List.of(new LeaseFrame.Item(new RegionId(3), 1, 5, true));
        LeaseFrame low = new LeaseFrame(LeaseFrame.Kind.CONFIRM, true, 1_500, items);
        assertEquals(low, LeaseFrame.decode(low.encode()));
        assertTrue(LeaseFrame.decode(low.encode()).diskLow());
        LeaseFrame ample = new LeaseFrame(LeaseFrame.Kind.POLL, false, 0, items);
        assertEquals(ample, LeaseFrame.decode(ample.encode()));
    }
}
