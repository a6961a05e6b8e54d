package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.region.KeyLock;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.store.engine.Family;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What entries applied together make of the table of locks. */
final class LockChangesTest {

    private static final byte[] STEM = "stem".getBytes(StandardCharsets.US_ASCII);

    private final LockTable locks = new LockTable();
    private final KeyLock lock = KeyLock.of(STEM, 7, true, new byte[] {1});
    private final Effect take = new Effect.Put(Family.LOCK, LockTable.keyOf(lock), LockTable.encode(lock));
    private final Effect release = new Effect.Delete(Family.LOCK, LockTable.keyOf(lock));

    private void apply(Effect... effects) {
        LockChanges changes = new LockChanges();
        for (Effect effect : effects) {
            changes.add(new Entry(
                    new RegionId(1),
                    Epoch.FIRST,
                    new ChainLink(1, 1, 1),
                    5,
                    1,
                    List.of(new CommandEffects(0, Optional.empty(), Optional.empty(), List.of(effect), List.of()))));
        }
        changes.show(locks);
        changes.hide(locks);
    }

    @Test
    void aLockThatIsReleasedAndTakenAgainIsThere() {
        apply(take);
        apply(release, take);
        assertEquals(1, locks.of(STEM).size());
    }

    @Test
    void aLockThatIsTakenAndReleasedIsNot() {
        apply(take, release);
        assertEquals(List.of(), locks.of(STEM));
        apply(take);
        apply(release, take, release);
        assertEquals(List.of(), locks.of(STEM));
    }
}
