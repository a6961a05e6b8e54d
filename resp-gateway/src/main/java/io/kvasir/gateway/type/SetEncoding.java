package io.kvasir.gateway.type;

import io.kvasir.gateway.command.NumberText;

/**
 * How Redis 7.2 would keep a set; what OBJECT ENCODING answers. It only ever goes on to a later one while members are
 * added, and stays when they are removed (redis t_set.c, setTypeAddAux). The numbers are stored.
 */
public enum SetEncoding {
    INTSET("intset"),
    LISTPACK("listpack"),
    HASHTABLE("hashtable");

    /** Redis keeps no more integers than this in an intset, whatever the setting. */
    private static final long INTSET_ENTRIES_MAX = 1 << 30;

    private final String replyName;

    SetEncoding(String replyName) {
        this.replyName = replyName;
    }

    /** Returns the name as OBJECT ENCODING answers it. */
    public String replyName() {
        return replyName;
    }

    /** Returns the encoding of a new set whose first member is {@code member} (setTypeCreate). */
    static SetEncoding created(byte[] member, long expected, Thresholds thresholds) {
        if (NumberText.isLong(member) && expected <= thresholds.setIntegers()) {
            return INTSET;
        }
        return expected <= thresholds.setEntries() ? LISTPACK : HASHTABLE;
    }

    /** Returns the encoding before {@code expected} members are added to an existing set (setTypeMaybeConvert). */
    SetEncoding prepared(long expected, Thresholds thresholds) {
        boolean converted =
                switch (this) {
                    case INTSET -> expected > thresholds.setIntegers();
                    case LISTPACK -> expected > thresholds.setEntries();
                    case HASHTABLE -> false;
                };
        return converted ? HASHTABLE : this;
    }

    /**
     * Returns the encoding after a new member.
     *
     * @param countBefore number of members without it
     */
    SetEncoding added(byte[] member, long countBefore, Thresholds thresholds) {
        boolean fits = countBefore < thresholds.setEntries() && member.length <= thresholds.setBytes();
        return switch (this) {
            case INTSET -> {
                if (NumberText.isLong(member)) {
                    long most = Math.min(INTSET_ENTRIES_MAX, thresholds.setIntegers());
                    yield countBefore + 1 > most ? HASHTABLE : INTSET;
                }
                yield fits ? LISTPACK : HASHTABLE;
            }
            case LISTPACK -> fits ? LISTPACK : HASHTABLE;
            case HASHTABLE -> HASHTABLE;
        };
    }

    /** Returns this, or the encoding that Redis turns the intersection of sets into (maybeConvertToIntset). */
    SetEncoding ofIntersection(boolean onlyIntegers, long count, Thresholds thresholds) {
        return onlyIntegers && count <= Math.min(INTSET_ENTRIES_MAX, thresholds.setIntegers()) ? INTSET : this;
    }
}
