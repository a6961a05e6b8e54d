package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.store.engine.Family;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a command changes, as every replica applies it without thinking: the one set for user data, locks, fates and the
 * range's own state. Arrays are not copied and must not be changed.
 */
public sealed interface Effect {

    /** Puts {@code value} at {@code key}; in {@link Family#NEWEST} apply puts the command's version before it. */
    record Put(Family family, byte[] key, byte[] value) implements Effect {}

    /** Deletes the record at {@code key}. */
    record Delete(Family family, byte[] key) implements Effect {}

    /** Deletes the records from {@code from} inclusive to {@code to} exclusive. */
    record DeleteRange(Family family, byte[] from, byte[] to) implements Effect {}

    /** Adds {@code delta} to the number of root records of {@code instance} in this range. */
    record AddKeys(int instance, long delta) implements Effect {}

    /**
     * Makes {@code database} map to {@code instance} (rule K19), and retires the instance it leaves if no other
     * database is mapped to that.
     */
    record MapInstance(int database, int instance) implements Effect {}

    /** Forgets the retired {@code instance} and its number of keys: this range holds none of its records any more. */
    record ForgetInstance(int instance) implements Effect {}

    /**
     * Makes every replica compute, under the number {@code id}, a checksum of what it holds right after this entry
     * (rule K26); 0 for none.
     */
    record RecordChecksum(long id) implements Effect {}

    /**
     * Keeps the past of {@code database} (rule K8) for {@code millis} from this entry on, or not at all if that is 0.
     * If it is kept already, what stood before {@code horizon} is known no more, and what only that needs is dropped.
     */
    record KeepPast(int database, long millis, long horizon) implements Effect {}

    /**
     * Splits the range: it keeps what comes before the start of {@code child}, which takes the rest. The only effect of
     * its entry.
     *
     * @param child the new range; its epoch is the one that the narrowed range gets
     * @param keys how many root records it takes along, by database instance (rule K33)
     */
    record Split(RegionDescriptor child, SortedMap<Integer, Long> keys) implements Effect {

        public Split {
            keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
        }
    }

    /**
     * Says that {@code voters} are the range's, as the configurations before this entry in its log have it; without
     * effect unless the range was at the {@link io.kvasir.proto.id.Epoch#confVersion} before {@code confVersion}.
     */
    record Members(long confVersion, List<ReplicaId> voters) implements Effect {

        public Members {
            voters = List.copyOf(voters);
        }
    }
}
