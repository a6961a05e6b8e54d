package io.kvasir.gateway.type;

import io.kvasir.region.Transaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Draws random fields of a hash. Of up to {@link #READ_WHOLE_MAX} fields, or where a good part of them is wanted, all
 * are read and drawn from with equal chance. Of more, a field is drawn by a random place among the hashes: one of the
 * {@link #NEAR} fields that follow it, so that a field behind a wide gap is not much likelier than others.
 *
 * <p>Confined to the thread that runs the command.
 */
public final class HashDraw {

    /** Fields up to which a hash is read whole. */
    static final int READ_WHOLE_MAX = 1_024;

    /** Part of the fields from which on all are read: one in this number. */
    private static final int READ_WHOLE_PART = 3;

    /** Draws for one new field after which all fields are read after all. */
    private static final int TRIES_PER_FIELD_MAX = 32;

    /** Neighbours of which one is drawn; as many as redis dict.c, dictGetFairRandomKey, looks at. */
    private static final int NEAR = 15;

    /** A field with its value. */
    public record Field(byte[] name, byte[] value) {}

    private final HashValue hash;
    private final Transaction transaction;

    public HashDraw(HashValue hash) {
        this.hash = hash;
        this.transaction = hash.entry().keyspace().transaction();
    }

    /** Returns one field of the hash, which has some. */
    public Field one() {
        return hash.size() <= READ_WHOLE_MAX ? pick(all()) : near();
    }

    /** Returns {@code count} different fields, all if there are not more. */
    public List<Field> distinct(long count) {
        if (count >= hash.size()) {
            return all();
        }
        if (readsWhole(count)) {
            return distinctOf(all(), (int) count);
        }
        List<Field> drawn = new ArrayList<>();
        Set<ByteBuffer> names = new HashSet<>();
        for (long tries = count * TRIES_PER_FIELD_MAX; tries > 0 && drawn.size() < count; tries--) {
            Field field = near();
            if (names.add(ByteBuffer.wrap(field.name()))) {
                drawn.add(field);
            }
        }
        return drawn.size() == count ? drawn : distinctOf(all(), (int) count);
    }

    /** Returns {@code count} fields of the hash, which has some; one may come several times. */
    public List<Field> repeated(long count) {
        List<Field> drawn = new ArrayList<>();
        List<Field> all = readsWhole(count) ? all() : List.of();
        for (long i = 0; i < count; i++) {
            drawn.add(all.isEmpty() ? near() : pick(all));
        }
        return drawn;
    }

    private boolean readsWhole(long count) {
        return hash.size() <= READ_WHOLE_MAX || count > hash.size() / READ_WHOLE_PART;
    }

    private List<Field> all() {
        List<Field> all = new ArrayList<>();
        hash.forEach((name, value) -> all.add(new Field(name, value))); // add returns true: go on
        return all;
    }

    private List<Field> distinctOf(List<Field> all, int count) {
        for (int i = 0; i < count; i++) {
            Collections.swap(all, i, i + below(all.size() - i));
        }
        return all.subList(0, count);
    }

    private Field near() {
        long from = transaction.random() >>> Integer.SIZE;
        List<Field> found = new ArrayList<>(NEAR);
        HashValue.Visitor take = (name, value) -> {
            found.add(new Field(name, value));
            return found.size() < NEAR;
        };
        hash.scan(from, HashValue.HASHES, take);
        if (found.size() < NEAR) {
            hash.scan(0, from, take);
        }
        return pick(found);
    }

    private Field pick(List<Field> fields) {
        return fields.get(below(fields.size()));
    }

    private int below(int bound) {
        return (int) Math.unsignedMultiplyHigh(transaction.random(), bound);
    }
}
