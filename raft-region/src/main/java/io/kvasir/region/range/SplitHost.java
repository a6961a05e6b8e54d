package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;

/**
 * Where the replicas live that splits make. Two implementations: a store on disk, and a simulated one. Called by the
 * applying thread of the range that is split.
 */
public interface SplitHost {

    /**
     * Makes the replica of {@code child} here exist, durably, with an empty log that goes on after
     * {@link RangeState#SPLIT}; called before the split is written, so that where its state is a replica is. One that
     * exists is left as it is, whatever its log and vote (rule K9). Waits for the disk.
     *
     * @param parent the range that is split
     * @param index raft index of the split in its parent
     * @return false if it was destroyed here: then its records are no longer wanted
     */
    boolean create(RegionDescriptor child, RegionId parent, long index);

    /**
     * The state of {@code child} is here: its replica is to be started. Returns at once.
     *
     * @param leads whether its parent is led here, so that the new replica is to lead at once (rule K3)
     */
    void start(RegionDescriptor child, boolean leads);
}
