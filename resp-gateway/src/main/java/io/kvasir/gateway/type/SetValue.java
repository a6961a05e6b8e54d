package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.Version;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set. Up to {@link #INLINE_BYTES_MAX} bytes it stands in the root ({@link PackedMembers}); a larger one has a record
 * for each member ({@link HashedRecords} by {@link MemberHash}), whose payload is empty. A set once in records stays
 * there until it is replaced; its root keeps the exact number of members.
 *
 * <p>The payload of the root starts with a byte of flags, whose lower 2 bits are the number of the {@link SetEncoding}.
 * Of a set in records the seed of the hashes follows; it stays the same as long as the set exists, so that cursors of
 * SSCAN stay good.
 *
 * <p>Every change must be followed by {@link #store}, because the root's version is that of the set (rule K20).
 * Confined to the thread that runs the command.
 */
public final class SetValue {

    /** Largest payload of a root that holds its members itself; chosen by bytes written per operation (rule K27). */
    public static final int INLINE_BYTES_MAX = 1_024;

    static final byte[] NO_VALUE = new byte[0];

    private static final SetEncoding[] ENCODINGS = SetEncoding.values();
    private static final int ENCODING_MASK = 3;
    private static final int SEED_AT = PackedMembers.START;

    private final Entry entry;
    private final Thresholds thresholds;
    private final long storedCount;
    private final SetEncoding storedEncoding;
    private long count;
    private SetEncoding encoding = SetEncoding.INTSET;
    private long seed;
    private Version generation = Version.NONE;
    private @Nullable PackedMembers inline;
    private @Nullable HashedRecords records;

    private SetValue(Entry entry) {
        this.entry = entry;
        this.thresholds = entry.keyspace().thresholds();
        if (entry.exists()) {
            Root root = entry.root();
            byte[] payload = root.payload();
            count = root.count();
            encoding = ENCODINGS[payload[0] & ENCODING_MASK];
            if (root.isInline()) {
                inline = new PackedMembers(payload);
            } else {
                seed = ByteBuffer.wrap(payload).getLong(SEED_AT);
                generation = root.generation();
                records = records(generation);
            }
        } else {
            inline = new PackedMembers(new byte[PackedMembers.START]);
        }
        storedCount = count;
        storedEncoding = encoding;
    }

    /**
     * Opens {@code userKey} as a set, perhaps absent.
     *
     * @throws CommandError WRONGTYPE if it holds another type
     */
    public static SetValue open(Keyspace keyspace, byte[] userKey) throws CommandError {
        return new SetValue(keyspace.open(userKey).require(RootType.SET));
    }

    public Entry entry() {
        return entry;
    }

    /** Returns the number of members, 0 if the key does not exist. */
    public long size() {
        return count;
    }

    /** Returns whether all members stand in the root, so that reading them costs no more records. */
    public boolean isInline() {
        return inline != null;
    }

    /** Returns what OBJECT ENCODING answers. */
    public SetEncoding encoding() {
        return encoding;
    }

    public boolean contains(byte[] member) {
        PackedMembers members = inline;
        return members != null ? members.find(member) : records().get(member) != null;
    }

    /**
     * Counts the adding of {@code members}, to be called before the first {@link #add} of a command.
     *
     * @throws CommandError "ERR value too large…" if they do not fit one command
     */
    public void claim(byte[]... members) throws CommandError {
        long bytes = 0;
        for (byte[] member : members) {
            bytes += keyBytes(member);
        }
        // A set that leaves its root takes the members in it along, and they are not more than its bytes.
        long spilled = inline == null ? 0 : count;
        entry.keyspace().claim(1 + spilled + members.length, INLINE_BYTES_MAX + spilled * keyBytes(NO_VALUE) + bytes);
    }

    /**
     * Counts the removal of {@code members}, to be called before the first {@link #remove} of a command; a member that
     * is not there counts too.
     *
     * @throws CommandError "ERR value too large…" if they do not fit one command
     */
    public void claimRemoval(byte[]... members) throws CommandError {
        if (inline == null) {
            claim(members);
        }
    }

    /** Tells that {@code expected} members, of which {@code first} is one, are about to be added. */
    public void expect(byte[] first, long expected) {
        encoding = storedCount == 0 && count == 0
                ? SetEncoding.created(first, expected, thresholds)
                : encoding.prepared(expected, thresholds);
    }

    /** Adds {@code member}; returns whether it is new. */
    public boolean add(byte[] member) {
        PackedMembers members = inline;
        if (members == null) {
            if (!records().put(member, NO_VALUE)) {
                return false;
            }
        } else if (members.find(member)) {
            return false;
        } else if (members.bytes().length + PackedMembers.size(member) > INLINE_BYTES_MAX) {
            spill(members).add(member, NO_VALUE);
        } else {
            members.add(member);
        }
        encoding = encoding.added(member, count, thresholds);
        count++;
        return true;
    }

    /** Removes {@code member}; returns whether it was there. */
    public boolean remove(byte[] member) {
        PackedMembers members = inline;
        if (members != null) {
            if (!members.find(member)) {
                return false;
            }
            members.remove();
        } else if (!records().remove(member)) {
            return false;
        }
        count--;
        return true;
    }

    /** Writes the root of a changed set; removes the key if no member is left. */
    public void store() {
        if (count == 0) {
            if (storedCount > 0) {
                entry.remove();
            }
            return;
        }
        store(entry.expiryMillis());
    }

    /** Writes the root if there is something to write: members were added, or the encoding changed. */
    public void storeIfChanged(boolean changed) {
        if (changed || count > 0 && encoding != storedEncoding) {
            store();
        }
    }

    /**
     * Replaces the key, whatever it held, by a set of {@code members}, without an expiry.
     *
     * @param entry of any type, perhaps absent
     * @param members different ones, at least one; what they take must be claimed ({@link #claimReplace})
     * @param encoding how Redis would keep them
     */
    static void replace(Entry entry, Collection<byte[]> members, SetEncoding encoding) {
        boolean kept = entry.exists()
                && entry.root().type() == RootType.SET
                && !entry.root().isInline();
        long seed = kept
                ? ByteBuffer.wrap(entry.root().payload()).getLong(SEED_AT)
                : entry.keyspace().transaction().random();
        entry.dropElements();
        entry.put(rootOf(entry, members, encoding, seed, 0));
    }

    /** Counts {@code member} of a set that is about to replace {@code entry}. */
    static void claimReplace(Entry entry, byte[] member) throws CommandError {
        entry.keyspace().claim(1, HashedRecords.keyBytes(entry.stem()) + member.length);
    }

    /**
     * Leaves only {@code members}, which are some of the set's, by writing them anew and dropping all others at once.
     *
     * @throws CommandError "ERR value too large…" if they do not fit one command; nothing is written then
     */
    public void retain(Collection<byte[]> members) throws CommandError {
        for (byte[] member : members) {
            claimReplace(entry, member);
        }
        encoding = encoding == SetEncoding.INTSET ? SetEncoding.INTSET : SetEncoding.LISTPACK;
        count = 0;
        if (inline != null) {
            inline = new PackedMembers(new byte[PackedMembers.START]);
        } else {
            entry.dropElements();
            generation = entry.keyspace().newGeneration();
            records = records(generation);
        }
        members.forEach(this::add);
    }

    /** Gets members; each is a fresh array. */
    @FunctionalInterface
    public interface Visitor {

        /** Takes one member; returns whether to go on. */
        boolean visit(byte[] member);
    }

    /** Visits all members: of a small set in the order of insertion, else in the order of their hashes. */
    public void forEach(Visitor visitor) {
        PackedMembers members = inline;
        if (members == null) {
            records().forEach((member, nothing) -> visitor.visit(member));
            return;
        }
        members.rewind();
        while (members.next() && visitor.visit(members.member())) {
            // the visitor does the work
        }
    }

    /** Returns all members, in the order of {@link #forEach}. */
    public List<byte[]> members() {
        List<byte[]> members = new ArrayList<>();
        forEach(members::add); // add returns true: go on
        return members;
    }

    /**
     * Visits the members whose hash is at least {@code fromHash} until the visitor has enough; goes on until the hash
     * changes, so that no member is left behind. A small set is visited whole.
     *
     * @return the hash at which to go on, 0 at the end
     */
    public long scanPage(long fromHash, Visitor visitor) {
        if (inline != null) {
            forEach(member -> {
                visitor.visit(member);
                return true;
            });
            return 0;
        }
        return records().scanPage(fromHash, (member, nothing) -> visitor.visit(member));
    }

    /**
     * Returns the records of a set that is not inline.
     *
     * @throws IllegalStateException if it is
     */
    HashedRecords records() {
        HashedRecords existing = records;
        if (existing == null) {
            throw new IllegalStateException("a small set has no records");
        }
        return existing;
    }

    private void store(long expiryMillis) {
        PackedMembers members = inline;
        byte[] payload = members == null ? seedPayload(seed) : members.bytes().clone();
        payload[0] = (byte) encoding.ordinal();
        entry.put(new Root(RootType.SET, expiryMillis, generation, count, payload));
    }

    private HashedRecords spill(PackedMembers members) {
        seed = entry.keyspace().transaction().random();
        generation = entry.keyspace().newGeneration();
        HashedRecords spilled = records(generation);
        inline = null;
        records = spilled;
        members.rewind();
        while (members.next()) {
            spilled.add(members.member(), NO_VALUE);
        }
        return spilled;
    }

    private HashedRecords records(Version generation) {
        return records(entry, generation, seed);
    }

    private static HashedRecords records(Entry entry, Version generation, long seed) {
        MemberHash hash = new MemberHash(seed);
        return new HashedRecords(entry.keyspace().transaction(), entry.stem(), generation, hash::of);
    }

    private static Root rootOf(
            Entry entry, Collection<byte[]> members, SetEncoding encoding, long seed, long expiryMillis) {
        PackedMembers packed = new PackedMembers(new byte[PackedMembers.START]);
        long bytes = PackedMembers.START;
        for (byte[] member : members) {
            bytes += PackedMembers.size(member);
        }
        byte[] payload;
        Version generation = Version.NONE;
        if (bytes <= INLINE_BYTES_MAX) {
            members.forEach(packed::add);
            payload = packed.bytes();
        } else {
            generation = entry.keyspace().newGeneration();
            HashedRecords records = records(entry, generation, seed);
            members.forEach(member -> records.add(member, NO_VALUE));
            payload = seedPayload(seed);
        }
        payload[0] = (byte) encoding.ordinal();
        return new Root(RootType.SET, expiryMillis, generation, members.size(), payload);
    }

    private static byte[] seedPayload(long seed) {
        return ByteBuffer.allocate(SEED_AT + Long.BYTES).putLong(SEED_AT, seed).array();
    }

    private long keyBytes(byte[] member) {
        return (long) HashedRecords.keyBytes(entry.stem()) + member.length;
    }
}
