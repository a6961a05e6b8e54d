package io.kvasir.gateway.type;

/**
 * The bounds of a list's records. Those of {@link #STANDARD} are the only ones that are stored; tests use small ones,
 * which make few elements a tree of several levels.
 *
 * @param inlineBytesMax largest payload of a root that holds its elements itself
 * @param chunkBytesMax most bytes of a chunk with more than one element
 * @param nodeChildrenMax most children of a node of the index
 */
record ListLayout(int inlineBytesMax, int chunkBytesMax, int nodeChildrenMax) {

    /** Chosen by bytes written per operation; see {@code docs/keyspace-root.md}. */
    static final ListLayout STANDARD = new ListLayout(1_024, 1_024, 64);

    ListLayout {
        if (inlineBytesMax < 1 || chunkBytesMax < 1 || nodeChildrenMax < CountTree.CHILDREN_MIN) {
            throw new IllegalArgumentException("bad layout of lists");
        }
    }
}
