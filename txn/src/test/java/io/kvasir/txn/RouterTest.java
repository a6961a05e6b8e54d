package io.kvasir.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RouterTest {

    private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);
    private static final int FLUSHED = 70_000;

    @Test
    void k19AKeyOfACutSlotIsLookedForUnderItsDatabasesInstance() {
        byte[] cut = KeyLayout.stem(1_000, KEY); // between database 0 and the instances given out
        RegionDescriptor low = region(1, new byte[0], cut);
        RegionDescriptor high = region(2, cut, new byte[0]);
        RouteTable table = new RouteTable(List.of(low, high));
        assertEquals(low, Router.regionOf(table, 0, KEY, (region, database) -> database));
        assertEquals(high, Router.regionOf(table, 0, KEY, (region, database) -> FLUSHED));
    }

    private static RegionDescriptor region(long id, byte[] start, byte[] end) {
        return new RegionDescriptor(
                new RegionId(id), start, end, Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1)));
    }
}
