package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.store.engine.Engine;
import java.util.Map;

/**
 * A split as one replica applies it: its records go into the write of its entry, then the replica's own state follows,
 * then the child's replica starts. Confined to the applying thread.
 */
final class SplitChange {

    private final ReplicaState state;
    private final RegionDescriptor parent;
    private final RegionDescriptor narrowed;
    private final Effect.Split split;
    private final long index;
    private final Map<Integer, Long> kept;
    private boolean childLives;

    /** @param index raft index of the entry */
    SplitChange(ReplicaState state, Effect.Split split, long index) {
        this.state = state;
        this.split = split;
        this.index = index;
        parent = state.descriptor();
        narrowed = SplitRecords.narrowed(parent, split);
        kept = SplitRecords.keptKeys(state.keys(), split);
    }

    /** Makes the child's replica exist and adds what both ranges know of themselves to {@code batch}. */
    void write(Engine engine, Engine.Batch batch, long timestamp, SplitHost host) {
        childLives = host.create(split.child(), parent.id(), index);
        SplitRecords.writeParent(engine, batch, narrowed, kept, split);
        if (childLives) {
            SplitRecords.writeChild(engine, batch, parent.id(), timestamp, split);
        }
    }

    /** The write is visible: narrows the replica's state and returns what it knows of instances then. */
    InstanceState finish(InstanceState before) {
        state.split(narrowed, split.child());
        return new InstanceState(kept, before.mapped(), before.retired());
    }

    /** @param leads whether the parent is led here */
    void startChild(Engine engine, SplitHost host, boolean leads) {
        if (childLives) {
            host.start(split.child(), leads);
        } else {
            new RangeInstall(engine).wipe(split.child());
        }
    }
}
