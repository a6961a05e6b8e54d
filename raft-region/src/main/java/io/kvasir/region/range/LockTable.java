package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.OwnedKey;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeySpan;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The locks of a range in memory. A replica has one that mirrors family {@code lock} as applied: a lock is in it before
 * its entry is visible, and goes after the entry that removes it is (rule K16). The leader has another, as the batches
 * under way leave it. Written by one thread, read by any.
 *
 * <p>A record's key is the stem and the owner; its value is a format version (1), flags (1: shared; 2: on a span), the
 * bounds of the span if it is on one, and the payload. Specified in {@code docs/keyspace.md}.
 */
final class LockTable {

    private static final int FORMAT = 1;
    private static final int SHARED = 1;
    private static final int SPAN = 2;

    /** Values are immutable: none, one lock that is not shared, or shared ones. */
    private final ConcurrentNavigableMap<byte[], List<KeyLock>> byStem =
            new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

    /** Those of {@link #byStem} that are on spans: few, and looked through by every writer. */
    private final ConcurrentNavigableMap<byte[], List<KeyLock>> spans =
            new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

    /** Stems by owner. Confined to the thread that writes. */
    private final Map<Long, NavigableSet<byte[]>> stemsByOwner = new HashMap<>();

    static byte[] keyOf(KeyLock lock) {
        return OwnedKey.of(lock.stem(), lock.owner());
    }

    static byte[] encode(KeyLock lock) {
        KeySpan span = lock.span();
        WireWriter out = new WireWriter(2 + lock.payload().length).u8(FORMAT);
        out.u8((lock.shared() ? SHARED : 0) | (span == null ? 0 : SPAN));
        if (span != null) {
            out.bytes(span.from()).bytes(span.to());
        }
        return out.raw(lock.payload()).toBytes();
    }

    static KeyLock decode(byte[] key, byte[] value) {
        WireReader in = new WireReader(value);
        in.version("lock", FORMAT);
        int flags = in.u8();
        boolean shared = (flags & SHARED) != 0;
        KeySpan span = (flags & SPAN) == 0 ? null : new KeySpan(in.bytes(), in.bytes());
        return new KeyLock(OwnedKey.stemOf(key), OwnedKey.ownerOf(key), shared, span, in.raw(in.remaining()));
    }

    /** Returns the locks of a range among {@code records}, those of family {@code lock}; closes them. */
    static LockTable load(Engine.Cursor records, RegionDescriptor range) {
        LockTable locks = new LockTable();
        try (records) {
            while (records.next()) {
                KeyLock lock = decode(records.key(), records.value());
                if (range.contains(lock.stem())) {
                    locks.put(lock);
                }
            }
        }
        return locks;
    }

    boolean isEmpty() {
        return byStem.isEmpty();
    }

    List<KeyLock> of(byte[] stem) {
        List<KeyLock> locks = byStem.get(stem);
        return locks == null ? List.of() : locks;
    }

    /** Returns the lock that keeps others than its owner from reading {@code key}, null if there is none. */
    @Nullable
    KeyLock exclusive(byte[] key) {
        for (KeyLock lock : of(stemOf(key))) {
            if (!lock.shared()) {
                return lock;
            }
        }
        return null;
    }

    /** Returns any lock on the user key of {@code key}, or on a span that covers it, null if there is none. */
    @Nullable
    KeyLock any(byte[] key) {
        byte[] stem = stemOf(key);
        List<KeyLock> locks = of(stem);
        if (locks.isEmpty()) {
            locks = spansOver(stem);
        }
        return locks.isEmpty() ? null : locks.getFirst();
    }

    /** Returns the locks on spans that cover {@code stem}. */
    List<KeyLock> spansOver(byte[] stem) {
        if (spans.isEmpty()) {
            return List.of();
        }
        List<KeyLock> found = new ArrayList<>();
        for (List<KeyLock> locks : spans.values()) {
            for (KeyLock lock : locks) {
                KeySpan span = lock.span();
                if (span != null && span.covers(stem)) {
                    found.add(lock);
                }
            }
        }
        return found;
    }

    /** Returns the locks of {@code owner}, by stem. For the thread that writes. */
    List<KeyLock> ofOwner(long owner) {
        List<KeyLock> found = new ArrayList<>();
        for (byte[] stem : stemsByOwner.getOrDefault(owner, Collections.emptyNavigableSet())) {
            for (KeyLock lock : of(stem)) {
                if (lock.owner() == owner) {
                    found.add(lock);
                }
            }
        }
        return found;
    }

    /** Returns one lock of each of at most {@code ownersMax} owners. */
    List<KeyLock> byOwner(int ownersMax) {
        Map<Long, KeyLock> found = new LinkedHashMap<>();
        for (List<KeyLock> locks : byStem.values()) {
            for (KeyLock lock : locks) {
                if (found.size() == ownersMax) {
                    return List.copyOf(found.values());
                }
                found.putIfAbsent(lock.owner(), lock);
            }
        }
        return List.copyOf(found.values());
    }

    @Nullable
    KeyLock anyBut(long owner) {
        for (List<KeyLock> locks : byStem.values()) {
            for (KeyLock lock : locks) {
                if (lock.owner() != owner) {
                    return lock;
                }
            }
        }
        return null;
    }

    /** Returns the locks that are not shared on user keys with records from {@code from} to {@code to}, excluded. */
    List<KeyLock> exclusiveWithin(byte[] from, byte[] to) {
        if (byStem.isEmpty()) {
            return List.of();
        }
        List<KeyLock> found = new ArrayList<>();
        int stemLength = KeyLayout.findStemLength(from);
        if (stemLength >= 0 && stemLength < from.length) {
            addExclusive(of(Arrays.copyOf(from, stemLength)), found);
        }
        if (to.length == 0) {
            byStem.tailMap(from, true).values().forEach(locks -> addExclusive(locks, found));
        } else if (Arrays.compareUnsigned(from, to) < 0) {
            byStem.subMap(from, true, to, false).values().forEach(locks -> addExclusive(locks, found));
        }
        return found;
    }

    private static void addExclusive(List<KeyLock> locks, List<KeyLock> found) {
        for (KeyLock lock : locks) {
            if (!lock.shared()) {
                found.add(lock);
            }
        }
    }

    /** Adds {@code lock}, in place of the one of the same owner on the same stem. */
    void put(KeyLock lock) {
        List<KeyLock> locks = new ArrayList<>(of(lock.stem()));
        locks.removeIf(other -> other.owner() == lock.owner());
        locks.add(lock);
        restore(lock.stem(), List.copyOf(locks));
    }

    void remove(byte[] stem, long owner) {
        List<KeyLock> locks = new ArrayList<>(of(stem));
        locks.removeIf(other -> other.owner() == owner);
        restore(stem, List.copyOf(locks));
    }

    /** Puts back what stood at {@code stem}. */
    void restore(byte[] stem, List<KeyLock> locks) {
        for (KeyLock gone : of(stem)) {
            NavigableSet<byte[]> stems = stemsByOwner.get(gone.owner());
            if (stems != null && stems.remove(stem) && stems.isEmpty()) {
                stemsByOwner.remove(gone.owner());
            }
        }
        for (KeyLock lock : locks) {
            stemsByOwner
                    .computeIfAbsent(lock.owner(), none -> new TreeSet<>(Arrays::compareUnsigned))
                    .add(stem);
        }
        if (locks.isEmpty()) {
            byStem.remove(stem);
            spans.remove(stem);
        } else {
            byStem.put(stem, locks);
            if (locks.getFirst().span() != null) {
                spans.put(stem, locks);
            }
        }
    }

    /** Returns whether a lock stands for more than one user key: on a span, or on the map of databases. */
    boolean coversMore() {
        return !spans.isEmpty() || byStem.keySet().stream().anyMatch(OwnedKey::isMapStem);
    }

    /** Forgets the locks on what {@code range} does not hold. */
    void keepWithin(RegionDescriptor range) {
        for (byte[] stem : List.copyOf(byStem.keySet())) {
            if (!range.contains(stem)) {
                restore(stem, List.of());
            }
        }
    }

    /** Becomes a copy of {@code other}. */
    void copy(LockTable other) {
        byStem.clear();
        spans.clear();
        stemsByOwner.clear();
        other.byStem.forEach(this::restore);
    }

    private static byte[] stemOf(byte[] key) {
        return Arrays.copyOf(key, KeyLayout.stemLength(key));
    }
}
