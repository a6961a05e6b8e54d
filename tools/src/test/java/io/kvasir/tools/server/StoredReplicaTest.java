package io.kvasir.tools.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.wire.MalformedBytes;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The bytes of docs/keyspace.md, "The state that a split makes". */
final class StoredReplicaTest {

    private static final RegionDescriptor REGION = new RegionDescriptor(
            new RegionId(8),
            KeyLayout.slotStart(8_192),
            new byte[0],
            new Epoch(1, 2),
            List.of(new ReplicaId(new StoreId(1), 9)));

    @Test
    void bytesAreAsSpecified() {
        StoredReplica placed = new StoredReplica(REGION, Optional.empty());
        StoredReplica split = new StoredReplica(REGION, Optional.of(new StoredReplica.Birth(new RegionId(7), 1_000)));
        for (StoredReplica replica : List.of(placed, split)) {
            assertEquals(replica, StoredReplica.decode(replica.encode()));
        }
        assertEquals("010802200000010201010907e807", HexFormat.of().formatHex(split.encode()));
        assertEquals("0108022000000102010109", HexFormat.of().formatHex(placed.encode()));
    }

    @Test
    void whatIsCutShortIsRefused() {
        byte[] bytes = HexFormat.of().parseHex("010802200000010201010907");
        assertThrows(MalformedBytes.class, () -> StoredReplica.decode(bytes));
    }
}
