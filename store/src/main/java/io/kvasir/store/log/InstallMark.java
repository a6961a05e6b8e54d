package io.kvasir.store.log;

/**
 * The mark of a snapshot install that has begun and is not known to have ended (rule K10).
 *
 * @param index last index that the snapshot contains
 * @param term term of the entry at {@code index}
 */
public record InstallMark(long index, long term) {

    public InstallMark {
        if (index < 0 || term < 0) {
            throw new IllegalArgumentException("negative position: index " + index + ", term " + term);
        }
    }
}
