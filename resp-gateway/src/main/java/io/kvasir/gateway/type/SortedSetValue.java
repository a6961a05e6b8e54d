package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyHash;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sorted set. Up to {@link #INLINE_BYTES_MAX} bytes it stands in the root ({@link PackedScores}); a larger one has
 * two records for each member and an index that counts:
 *
 * <pre>
 *   01 | XXH32 of the member (4, big-endian) | member: its score
 *   02 | score (8) | member: empty, see {@link CountedIndex}
 *   03 and 04: the nodes of that index
 * </pre>
 *
 * The first kind answers ZSCORE by one read and makes the cursor of ZSCAN exact, as that of HSCAN is; the second gives
 * the order. A sorted set once in records stays there until it is replaced; its root keeps the exact number of members.
 *
 * <p>The root also keeps the most members the set has had and the length of the longest it has had, from which follows
 * whether Redis would keep it as a listpack: as there, it does not become one again when it shrinks. A score of -0 is
 * kept as 0.
 *
 * <p>Changes are complete only with {@link #store}, which every change must be followed by, because the root's version
 * is that of the sorted set (rule K20). Confined to the thread that runs the command. This file is long because each
 * operation has two forms, packed and in records, which stand side by side.
 */
public final class SortedSetValue {

    /** Largest payload of a root that holds its members itself; chosen by bytes written per operation (rule K27). */
    public static final int INLINE_BYTES_MAX = 1_024;

    private static final byte TAG_MEMBER = 1;
    private static final int HASH_BYTES = 4;
    private static final byte FLAG_CEILING = 1;

    /** Bytes claimed for a node that an operation writes: its counts, and now and then its bounds. */
    private static final int NODE_BYTES = 200;

    private final Entry entry;
    private final Transaction transaction;
    private final byte[] stem;
    private final long storedCount;
    private long count;
    private long peak;
    private long longest;
    private Version generation = Version.NONE;
    private @Nullable PackedScores packed;
    private @Nullable CountedIndex index;

    private SortedSetValue(Entry entry) {
        this.entry = entry;
        this.transaction = entry.keyspace().transaction();
        this.stem = entry.stem();
        if (entry.exists()) {
            Root root = entry.root();
            count = root.count();
            generation = root.generation();
            read(root.payload());
        } else {
            packed = new PackedScores(new byte[0]);
        }
        storedCount = count;
    }

    /**
     * Opens {@code userKey} as a sorted set, perhaps absent.
     *
     * @throws CommandError WRONGTYPE if it holds another type
     */
    public static SortedSetValue open(Keyspace keyspace, byte[] userKey) throws CommandError {
        return new SortedSetValue(keyspace.open(userKey).require(RootType.ZSET));
    }

    /**
     * Replaces what {@code entry} holds, whatever it is, by {@code members}, without an expiry; removes the key if
     * there are none.
     *
     * @param members different ones in any order
     * @throws CommandError "ERR value too large…" if they do not fit one command; nothing is written then
     */
    public static void replace(Entry entry, List<ScoredMember> members) throws CommandError {
        if (members.isEmpty()) {
            entry.remove();
            return;
        }
        List<byte[]> positions = new ArrayList<>(members.size());
        long bytes = 0;
        long packedBytes = 0;
        long longest = 0;
        int keyBytes = entry.rootKey().length + Version.BYTES;
        for (ScoredMember member : members) {
            positions.add(ScoreOrder.position(member.score(), member.member()));
            bytes += 2L * (keyBytes + member.member().length + HASH_BYTES + 2 * ScoreOrder.BYTES);
            packedBytes += PackedScores.size(member.member());
            longest = Math.max(longest, member.member().length);
        }
        int header = 1 + Varint.size(members.size()) + Varint.size(longest);
        boolean inline = header + packedBytes <= INLINE_BYTES_MAX;
        entry.keyspace().claim(inline ? 1 : 2L * members.size(), inline ? packedBytes : bytes);
        positions.sort(Arrays::compareUnsigned);
        SortedSetValue value = new SortedSetValue(entry, members.size(), longest);
        entry.dropElements();
        if (inline) {
            value.packed = new PackedScores(pack(positions, (int) packedBytes));
        } else {
            value.build(positions);
        }
        value.storeRoot(0);
    }

    /** Makes the value that replaces the one of {@code entry}. */
    private SortedSetValue(Entry entry, long count, long longest) {
        this.entry = entry;
        this.transaction = entry.keyspace().transaction();
        this.stem = entry.stem();
        this.storedCount = count;
        this.count = count;
        this.peak = count;
        this.longest = longest;
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
        return packed != null;
    }

    /** Returns whether Redis would keep this as a listpack of at most so many members of at most so many bytes. */
    public boolean isListpack(long membersMax, long bytesMax) {
        return peak <= membersMax && longest <= bytesMax;
    }

    /** Returns the score of {@code member}, NaN if it is not there. */
    public double score(byte[] member) {
        PackedScores members = packed;
        if (members != null) {
            return members.find(member) ? members.score() : Double.NaN;
        }
        byte[] score = transaction.get(memberKey(member));
        return score == null ? Double.NaN : ScoreOrder.read(score, 0);
    }

    /**
     * Counts the writing of {@code members}, to be called before the first change of a command.
     *
     * @throws CommandError "ERR value too large…" if they do not fit one command
     */
    public void claim(byte[][] members) throws CommandError {
        int keyBytes = stem.length + 1 + Version.BYTES + 1 + ScoreOrder.BYTES;
        // A set that leaves its root takes the members in it along, and they are not more than its bytes.
        long spilled = packed == null ? 0 : count;
        long bytes = spilled * 2 * keyBytes + INLINE_BYTES_MAX;
        for (byte[] member : members) {
            // The member's score, and the old and the new position.
            bytes += 3L * (keyBytes + member.length) + HASH_BYTES;
        }
        CountedIndex order = index;
        long nodes = order == null
                ? members.length / 32
                : Math.min(members.length, 1 + count / CountedIndex.LIMITS.blockMax()) * order.height();
        entry.keyspace()
                .claim(
                        1 + 2 * spilled + 3L * members.length + 2 * nodes,
                        INLINE_BYTES_MAX + bytes + nodes * (keyBytes + NODE_BYTES));
    }

    /** Says that a command brings {@code members} at once, for which Redis chooses a representation beforehand. */
    public void expect(long members) {
        peak = Math.max(peak, members);
    }

    /**
     * Sets the score of {@code member}.
     *
     * @param old its score so far, NaN if it is not there
     * @param score not NaN
     */
    public void put(byte[] member, double old, double score) {
        boolean isNew = Double.isNaN(old);
        if (isNew) {
            count++;
            peak = Math.max(peak, count);
            longest = Math.max(longest, member.length);
        }
        PackedScores members = packed;
        if (members != null) {
            if (!isNew) {
                members.find(member);
                members.remove();
            }
            members.insert(member, score);
            if (headerBytes() + members.bytes().length > INLINE_BYTES_MAX) {
                spill(members);
            }
            return;
        }
        transaction.put(memberKey(member), ScoreOrder.bytes(score));
        CountedIndex order = order();
        if (!isNew) {
            order.remove(ScoreOrder.position(old, member));
        }
        order.add(ScoreOrder.position(score, member));
    }

    /** Removes {@code member}; returns whether it was there. */
    public boolean remove(byte[] member) {
        PackedScores members = packed;
        if (members != null) {
            if (!members.find(member)) {
                return false;
            }
            members.remove();
        } else {
            double score = score(member);
            if (Double.isNaN(score)) {
                return false;
            }
            transaction.delete(memberKey(member));
            order().remove(ScoreOrder.position(score, member));
        }
        count--;
        return true;
    }

    /** Returns the number of members before {@code member}, which has {@code score}. */
    public long rank(byte[] member, double score) {
        return countBefore(ScoreOrder.position(score, member));
    }

    /** Returns the number of members with a score below {@code score}, or of {@code score} too. */
    public long countBelow(double score, boolean orEqual) {
        return countBefore(orEqual ? ScoreOrder.after(score) : ScoreOrder.bytes(score));
    }

    /**
     * Returns the number of members before {@code member} in a set all of whose members have one score, or up to it.
     * What it returns of another set is as little specified as in Redis.
     */
    public long countBelow(byte[] member, boolean orEqual) {
        if (count == 0) {
            return 0;
        }
        double[] score = {0};
        visit(0, false, (_, first) -> {
            score[0] = first;
            return false;
        });
        byte[] bound = ScoreOrder.position(score[0], member);
        return countBefore(orEqual ? Arrays.copyOf(bound, bound.length + 1) : bound);
    }

    private long countBefore(byte[] bound) {
        PackedScores members = packed;
        return members != null ? members.countBefore(bound) : order().countBefore(bound);
    }

    /** Gets members and scores; the member is a fresh array. */
    @FunctionalInterface
    public interface Visitor {

        /** Takes one member; returns whether to go on. */
        boolean visit(byte[] member, double score);
    }

    /**
     * Visits members in order from number {@code from} on, or against it from the number {@code from} from the end on,
     * until the visitor has enough. Nothing may be changed meanwhile.
     *
     * @param from from 0; visits none from the size on
     */
    public void visit(long from, boolean reverse, Visitor visitor) {
        if (from >= count) {
            return;
        }
        PackedScores members = packed;
        if (members == null) {
            order().visit(
                            reverse ? count - 1 - from : from,
                            reverse,
                            position -> visitor.visit(ScoreOrder.member(position), ScoreOrder.read(position, 0)));
            return;
        }
        List<ScoredMember> all = new ArrayList<>();
        members.rewind();
        while (members.next()) {
            all.add(new ScoredMember(members.member(), members.score()));
        }
        List<ScoredMember> ordered = reverse ? all.reversed() : all;
        for (int i = (int) from; i < ordered.size(); i++) {
            if (!visitor.visit(ordered.get(i).member(), ordered.get(i).score())) {
                return;
            }
        }
    }

    /** Returns up to {@code length} members from number {@code from} on, as {@link #visit} counts. */
    public List<ScoredMember> slice(long from, long length, boolean reverse) {
        List<ScoredMember> slice = new ArrayList<>();
        if (length > 0) {
            visit(from, reverse, (member, score) -> {
                slice.add(new ScoredMember(member, score));
                return slice.size() < length;
            });
        }
        return slice;
    }

    /**
     * Removes {@code length} members from number {@code from} on, which are there. Removing all of them costs no more
     * than removing one.
     *
     * @return the members removed, in order; empty if all are
     * @throws CommandError "ERR value too large…" if so many removals do not fit one command; nothing is written then
     */
    public List<ScoredMember> removeRange(long from, long length) throws CommandError {
        if (length == count) {
            count = 0;
            return List.of();
        }
        List<ScoredMember> removed = new ArrayList<>();
        CommandError[] tooLarge = {null};
        visit(from, false, (member, score) -> {
            removed.add(new ScoredMember(member, score));
            try {
                entry.keyspace().claim(2, 2L * (stem.length + 1 + Version.BYTES + 1 + HASH_BYTES + member.length));
            } catch (CommandError error) {
                tooLarge[0] = error;
                return false;
            }
            return removed.size() < length;
        });
        if (tooLarge[0] != null) {
            throw tooLarge[0];
        }
        boolean head = from == 0;
        boolean tail = from + length == count;
        for (ScoredMember member : removed) {
            remove(member.member());
        }
        CountedIndex order = index;
        if (order != null && head) {
            order.raiseFloor(position(removed.getLast()));
        } else if (order != null && tail) {
            order.lowerCeiling(position(removed.getFirst()));
        }
        return removed;
    }

    private static byte[] position(ScoredMember member) {
        return ScoreOrder.position(member.score(), member.member());
    }

    /** Number of different hashes of members: cursors of {@link #scanPage} are below it. */
    public static final long HASHES = 1L << Integer.SIZE;

    /**
     * Visits the members whose hash is at least {@code fromHash} until the visitor has enough; goes on until the hash
     * changes, so that no member is left behind. A small set is visited whole.
     *
     * @return the hash at which to go on, 0 at the end
     */
    public long scanPage(long fromHash, Visitor visitor) {
        if (packed != null) {
            visit(0, false, (member, score) -> {
                visitor.visit(member, score);
                return true;
            });
            return 0;
        }
        if (fromHash < 0 || fromHash >= HASHES) {
            return 0;
        }
        byte[] prefix = tagKey(TAG_MEMBER, new byte[0]);
        long last = -1;
        boolean enough = false;
        try (Engine.Cursor cursor =
                transaction.scan(hashKey((int) fromHash, new byte[0]), KeyLayout.after(prefix), false)) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                byte[] member = Arrays.copyOfRange(key, prefix.length + HASH_BYTES, key.length);
                long hash = KeyHash.of(member) & 0xFFFF_FFFFL;
                if (enough && hash != last) {
                    return hash;
                }
                last = hash;
                enough |= !visitor.visit(member, ScoreOrder.read(cursor.value(), 0));
            }
        }
        return 0;
    }

    /** Writes the root of a changed sorted set; removes the key if no member is left. */
    public void store() {
        if (count > 0) {
            storeRoot(entry.expiryMillis());
        } else if (storedCount > 0) {
            entry.remove();
        }
    }

    private void storeRoot(long expiryMillis) {
        CountedIndex order = index;
        if (order != null) {
            order.flush();
        }
        entry.put(new Root(RootType.ZSET, expiryMillis, generation, count, payload()));
    }

    // The payload of the root.

    private void read(byte[] payload) {
        byte flags = payload[0];
        int at = 1;
        peak = Varint.read(payload, at);
        at += Varint.size(peak);
        longest = Varint.read(payload, at);
        at += Varint.size(longest);
        if (generation.equals(Version.NONE)) {
            packed = new PackedScores(Arrays.copyOfRange(payload, at, payload.length));
            return;
        }
        long height = Varint.read(payload, at);
        at += Varint.size(height);
        long nextNode = Varint.read(payload, at);
        at += Varint.size(nextNode);
        long length = Varint.read(payload, at);
        at += Varint.size(length);
        byte[] floor = Arrays.copyOfRange(payload, at, at + (int) length);
        at += (int) length;
        byte[] ceiling = (flags & FLAG_CEILING) == 0 ? null : Arrays.copyOfRange(payload, at, payload.length);
        index = new CountedIndex(
                transaction, elementPrefix(), CountedIndex.LIMITS, (int) height, (int) nextNode, floor, ceiling);
    }

    private int headerBytes() {
        return 1 + Varint.size(peak) + Varint.size(longest);
    }

    private byte[] payload() {
        int header = headerBytes();
        CountedIndex order = index;
        PackedScores members = packed;
        if (members != null) {
            byte[] payload = header(header + members.bytes().length);
            System.arraycopy(members.bytes(), 0, payload, header, members.bytes().length);
            return payload;
        }
        if (order == null) {
            throw new IllegalStateException("a sorted set has members or an index");
        }
        byte[] floor = order.floor();
        byte[] ceiling = order.ceiling();
        int numbers = Varint.size(order.height()) + Varint.size(order.nextNode()) + Varint.size(floor.length);
        byte[] payload = header(header + numbers + floor.length + (ceiling == null ? 0 : ceiling.length));
        payload[0] = ceiling == null ? 0 : FLAG_CEILING;
        int at = Varint.write(payload, header, order.height());
        at = Varint.write(payload, at, order.nextNode());
        at = Varint.write(payload, at, floor.length);
        System.arraycopy(floor, 0, payload, at, floor.length);
        if (ceiling != null) {
            System.arraycopy(ceiling, 0, payload, at + floor.length, ceiling.length);
        }
        return payload;
    }

    private byte[] header(int length) {
        byte[] payload = new byte[length];
        Varint.write(payload, Varint.write(payload, 1, peak), longest);
        return payload;
    }

    // Records.

    private CountedIndex order() {
        CountedIndex order = index;
        if (order == null) {
            throw new IllegalStateException("a small sorted set has no index");
        }
        return order;
    }

    private void spill(PackedScores members) {
        List<byte[]> positions = new ArrayList<>();
        members.rewind();
        while (members.next()) {
            positions.add(ScoreOrder.position(members.score(), members.member()));
        }
        packed = null;
        build(positions);
    }

    private void build(List<byte[]> positions) {
        generation = entry.keyspace().newGeneration();
        for (byte[] position : positions) {
            transaction.put(memberKey(ScoreOrder.member(position)), Arrays.copyOf(position, ScoreOrder.BYTES));
        }
        index = CountedIndex.build(transaction, elementPrefix(), CountedIndex.LIMITS, positions);
    }

    private static byte[] pack(List<byte[]> positions, int length) {
        byte[] bytes = new byte[length];
        int at = 0;
        for (byte[] position : positions) {
            System.arraycopy(position, 0, bytes, at, ScoreOrder.BYTES);
            int memberLength = position.length - ScoreOrder.BYTES;
            at = Varint.write(bytes, at + ScoreOrder.BYTES, memberLength);
            System.arraycopy(position, ScoreOrder.BYTES, bytes, at, memberLength);
            at += memberLength;
        }
        return bytes;
    }

    private byte[] elementPrefix() {
        return KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, generation);
    }

    private byte[] memberKey(byte[] member) {
        return hashKey(KeyHash.of(member), member);
    }

    private byte[] hashKey(int hash, byte[] member) {
        byte[] suffix = new byte[HASH_BYTES + member.length];
        suffix[0] = (byte) (hash >>> 24);
        suffix[1] = (byte) (hash >>> 16);
        suffix[2] = (byte) (hash >>> 8);
        suffix[3] = (byte) hash;
        System.arraycopy(member, 0, suffix, HASH_BYTES, member.length);
        return tagKey(TAG_MEMBER, suffix);
    }

    private byte[] tagKey(byte tag, byte[] suffix) {
        byte[] prefix = elementPrefix();
        byte[] key = Arrays.copyOf(prefix, prefix.length + 1 + suffix.length);
        key[prefix.length] = tag;
        System.arraycopy(suffix, 0, key, prefix.length + 1, suffix.length);
        return key;
    }
}
