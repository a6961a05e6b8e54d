package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.id.RegionId;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What is left in the engine of replicas that the log engine has a tombstone of (rule K9). Stateless. */
public final class ReplicaRemains {

    private ReplicaRemains() {}

    /**
     * Deletes the records of every range that keeps a descriptor here and is none of {@code lives}. Waits for the disk;
     * nothing that overlaps them may be started meanwhile.
     */
    public static void wipe(Engine engine, Predicate<RegionId> lives) {
        for (RegionDescriptor left : leftOver(engine, lives)) {
            new RangeInstall(engine).wipe(left);
            try (Engine.Batch batch = engine.newBatch()) {
                batch.delete(Family.RANGE, RangeState.descriptorKey(left.id()));
                engine.write(batch);
            }
            engine.flush();
        }
    }

    private static List<RegionDescriptor> leftOver(Engine engine, Predicate<RegionId> lives) {
        List<RegionDescriptor> found = new ArrayList<>();
        byte[] from = new byte[0];
        while (true) {
            RegionId region;
            try (Engine.Cursor records = engine.cursor(Family.RANGE, from, new byte[0], false, false)) {
                if (!records.next()) {
                    return found;
                }
                region = new RegionId(ByteBuffer.wrap(records.key()).getLong());
            }
            byte[] descriptor = engine.get(Family.RANGE, RangeState.descriptorKey(region));
            if (descriptor != null && !lives.test(region)) {
                found.add(RegionDescriptorCodec.decode(descriptor));
            }
            from = RangeState.end(region);
        }
    }
}
