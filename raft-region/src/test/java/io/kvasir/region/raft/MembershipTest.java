package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class MembershipTest {

    private static final ReplicaId A = new ReplicaId(new StoreId(1), 1);
    private static final ReplicaId B = new ReplicaId(new StoreId(2), 7);
    private static final ReplicaId C = new ReplicaId(new StoreId(3), 1);
    private static final ReplicaId D = new ReplicaId(new StoreId(4), 1);

    @Test
    void aQuorumIsMoreThanHalfOfEachSet() {
        Membership two = Membership.initial(Set.of(A, B));
        assertFalse(two.quorum(Set.of(A)::contains));
        assertTrue(two.quorum(Set.of(A, B)::contains));
        Membership joint = new Membership(4, Set.of(A, D), Set.of(A, B, C));
        assertFalse(joint.quorum(Set.of(A, B, C)::contains));
        assertFalse(joint.quorum(Set.of(A, D)::contains));
        assertTrue(joint.quorum(Set.of(A, B, D)::contains));
        assertEquals(Set.of(A, B, C, D), joint.all());
        assertTrue(joint.votesInAll(A));
        assertFalse(joint.votesInAll(D));
    }

    @Test
    void theInstantOfAQuorumIsTheOldestThatItNeeds() {
        Membership three = Membership.initial(Set.of(A, B, C));
        assertNull(three.quorumInstant(Map.of(A, 5L)));
        assertEquals(5, three.quorumInstant(Map.of(A, 5L, B, 9L)));
        assertEquals(7, three.quorumInstant(Map.of(A, 5L, B, 9L, C, 7L)));
        // The clock has wrapped around between these.
        assertEquals(Long.MAX_VALUE, three.quorumInstant(Map.of(A, Long.MAX_VALUE, B, Long.MIN_VALUE)));
        assertNull(new Membership(4, Set.of(A), Set.of(A, B)).quorumInstant(Map.of(A, 5L)));
    }

    @Test
    void anotherIncarnationOfAReplicaDoesNotCount() {
        ReplicaId again = new ReplicaId(B.store(), B.incarnation() + 1);
        assertFalse(Membership.initial(Set.of(A, B)).quorum(Set.of(A, again)::contains));
    }

    @Test
    void aConfigurationEntrySurvivesItsEncoding() {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_CONFIGURATION);
        entry.setId(new LogId(12, 3));
        entry.setPeers(PeerNames.peers(List.of(A, B)));
        entry.setOldPeers(PeerNames.peers(List.of(A, C)));
        entry.setLearners(PeerNames.peers(List.of(D)));
        LogEntry decoded = ConfigurationCodec.decode(12, 3, ConfigurationCodec.encode(entry));
        assertEquals(entry.getPeers(), decoded.getPeers());
        assertEquals(entry.getOldPeers(), decoded.getOldPeers());
        assertEquals(entry.getLearners(), decoded.getLearners());
        assertNull(decoded.getOldLearners());
        assertEquals(new Membership(12, Set.of(A, B), Set.of(A, C)), ConfigurationCodec.membership(decoded));
    }
}
