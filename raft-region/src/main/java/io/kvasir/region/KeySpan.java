package io.kvasir.region;

import java.util.Arrays;

/**
 * The user keys whose stems lie from {@code from} to {@code to}, excluded; an empty {@code to} is no bound. Arrays are
 * not copied and must not be changed.
 */
public record KeySpan(byte[] from, byte[] to) {

    /** Returns whether the user key of {@code stem} is one of them. */
    public boolean covers(byte[] stem) {
        return Arrays.compareUnsigned(from, stem) <= 0 && endsAfter(stem);
    }

    /** Returns whether a user key may be in both. */
    public boolean overlaps(KeySpan other) {
        return endsAfter(other.from) && other.endsAfter(from);
    }

    private boolean endsAfter(byte[] key) {
        return to.length == 0 || Arrays.compareUnsigned(key, to) < 0;
    }
}
