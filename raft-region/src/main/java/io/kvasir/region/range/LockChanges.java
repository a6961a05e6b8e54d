package io.kvasir.region.range;

import io.kvasir.proto.key.OwnedKey;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.store.engine.Family;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What entries that are applied together make of the locks, for the table that mirrors them: those that are there in
 * the end come before the entries are visible, those that are not go after (rule K16). A transaction that is rolled
 * back and prewritten again may release and take the same lock in one entry; the last word counts. Confined to the
 * applying thread.
 */
final class LockChanges {

    /** The last effect on each record. */
    private final Map<ByteBuffer, Effect> last = new LinkedHashMap<>();

    /** Notes the effects of {@code entry}, which follows those noted before. */
    void add(Entry entry) {
        for (CommandEffects command : entry.commands()) {
            for (Effect effect : command.effects()) {
                if (effect instanceof Effect.Put(Family family, byte[] key, byte[] _) && family == Family.LOCK) {
                    last.put(ByteBuffer.wrap(key), effect);
                } else if (effect instanceof Effect.Delete(Family family, byte[] key) && family == Family.LOCK) {
                    last.put(ByteBuffer.wrap(key), effect);
                }
            }
        }
    }

    /** Adds to {@code locks} those that are there in the end. */
    void show(LockTable locks) {
        for (Effect effect : last.values()) {
            if (effect instanceof Effect.Put(Family _, byte[] key, byte[] value)) {
                locks.put(LockTable.decode(key, value));
            }
        }
    }

    /** Removes from {@code locks} those that are not. */
    void hide(LockTable locks) {
        for (Effect effect : last.values()) {
            if (effect instanceof Effect.Delete(Family _, byte[] key)) {
                locks.remove(OwnedKey.stemOf(key), OwnedKey.ownerOf(key));
            }
        }
    }
}
