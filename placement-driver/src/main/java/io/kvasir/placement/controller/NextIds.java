package io.kvasir.placement.controller;

import io.kvasir.proto.placement.IdKind;

/** The next number of each kind that was never given out. */
public record NextIds(long store, long region, long incarnation, long instance) {

    /**
     * The first database instance given out; those below are the ones that databases map to at the start (database n is
     * instance n).
     */
    public static final long FIRST_INSTANCE = 1 << 16;

    /** Nothing given out. */
    public static final NextIds FIRST = new NextIds(1, 1, 1, FIRST_INSTANCE);

    /** Returns the next number of {@code kind}. */
    long next(IdKind kind) {
        return switch (kind) {
            case ID_KIND_STORE -> store;
            case ID_KIND_REGION -> region;
            case ID_KIND_INCARNATION -> incarnation;
            case ID_KIND_INSTANCE -> instance;
            case ID_KIND_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("unknown kind of id");
        };
    }

    /** Returns these with the next number of {@code kind} replaced, which must not be smaller than it was. */
    NextIds with(IdKind kind, long next) {
        if (next < next(kind)) {
            throw new IllegalArgumentException(kind + " would go back from " + next(kind) + " to " + next);
        }
        return switch (kind) {
            case ID_KIND_STORE -> new NextIds(next, region, incarnation, instance);
            case ID_KIND_REGION -> new NextIds(store, next, incarnation, instance);
            case ID_KIND_INCARNATION -> new NextIds(store, region, next, instance);
            case ID_KIND_INSTANCE -> new NextIds(store, region, incarnation, next);
            case ID_KIND_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("unknown kind of id");
        };
    }

    /** Returns the largest number that {@code kind} may have: what its type on the wire holds. */
    static long max(IdKind kind) {
        return switch (kind) {
            case ID_KIND_STORE, ID_KIND_REGION -> Long.MAX_VALUE - 1;
            case ID_KIND_INCARNATION, ID_KIND_INSTANCE -> Integer.MAX_VALUE - 1;
            case ID_KIND_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("unknown kind of id");
        };
    }
}
