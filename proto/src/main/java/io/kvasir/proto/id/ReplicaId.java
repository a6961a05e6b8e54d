package io.kvasir.proto.id;

/**
 * One placement of a replica: its store and an incarnation number that the placement driver gives afresh each time a
 * replica is placed (rule K9), so that messages and votes of an earlier replica on the same store never count for it.
 */
public record ReplicaId(StoreId store, int incarnation) implements Comparable<ReplicaId> {

    public ReplicaId {
        if (incarnation < 1) {
            throw new IllegalArgumentException("incarnation " + incarnation + " is below 1");
        }
    }

    @Override
    public int compareTo(ReplicaId other) {
        int byStore = store.compareTo(other.store);
        return byStore != 0 ? byStore : Integer.compare(incarnation, other.incarnation);
    }

    @Override
    public String toString() {
        return store + ":" + incarnation;
    }
}
