package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.region.KeyLock;
import org.jspecify.annotations.Nullable;

/**
 * Hears of locks that commands wait for, some ten times a second while one does, and hands it on to whoever resolves
 * them. Safe for any thread; called by the range's owner, which must not be held up.
 */
public final class LockWatch {

    /** Learns of a lock that stands in the way of a command in {@code region}. */
    @FunctionalInterface
    public interface Resolver {

        void met(RegionDescriptor region, KeyLock lock);
    }

    private volatile @Nullable Resolver resolver;

    /** Sets who resolves locks from now on. */
    public void resolveBy(Resolver newResolver) {
        resolver = newResolver;
    }

    void met(RegionDescriptor region, KeyLock lock) {
        Resolver now = resolver;
        if (now != null) {
            now.met(region, lock);
        }
    }
}
