package io.kvasir.proto.control;

import io.kvasir.proto.id.StoreId;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A registered store.
 *
 * @param address host:port of its link, 1 to {@link #ADDRESS_LENGTH_MAX} characters
 * @param nonce drawn afresh at each start of the store's process
 * @param labels where it stands (zone, rack, host), at most {@link #LABELS_MAX}
 */
public record StoreEntry(StoreId id, String address, long nonce, Map<String, String> labels) {

    public static final int ADDRESS_LENGTH_MAX = 256;
    public static final int LABELS_MAX = 16;
    public static final int LABEL_LENGTH_MAX = 64;

    public StoreEntry {
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
        if (address.isEmpty() || address.length() > ADDRESS_LENGTH_MAX) {
            throw new IllegalArgumentException("store address of " + address.length() + " characters");
        }
        if (labels.size() > LABELS_MAX) {
            throw new IllegalArgumentException("store with " + labels.size() + " labels");
        }
        labels.forEach((name, value) -> {
            if (name.isEmpty() || name.length() > LABEL_LENGTH_MAX || value.length() > LABEL_LENGTH_MAX) {
                throw new IllegalArgumentException(
                        "store label longer than " + LABEL_LENGTH_MAX + " or without a name");
            }
        });
    }
}
