package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.hyperloglog.HyperLogLog;
import org.jspecify.annotations.Nullable;

/**
 * A HyperLogLog at a user key: a string with the bytes of {@link HyperLogLog}, as in Redis. Every change must be
 * followed by {@link #store}. Confined to the thread that runs the command.
 */
public final class HyperLogLogValue {

    public static final CommandError CORRUPT = new CommandError("INVALIDOBJ Corrupted HLL object detected");

    private static final CommandError NONE = new CommandError("WRONGTYPE Key is not a valid HyperLogLog string value.");

    private final StringValue string;
    private final long sparseBytesMax;
    private @Nullable HyperLogLog value;

    private HyperLogLogValue(StringValue string, long sparseBytesMax, @Nullable HyperLogLog value) {
        this.string = string;
        this.sparseBytesMax = sparseBytesMax;
        this.value = value;
    }

    /**
     * Opens {@code userKey} as a HyperLogLog, perhaps absent.
     *
     * @throws CommandError WRONGTYPE if it holds anything else
     */
    public static HyperLogLogValue open(Keyspace keyspace, byte[] userKey) throws CommandError {
        StringValue string = keyspace.string(userKey);
        long sparseBytesMax = keyspace.thresholds().sparseBytes();
        HyperLogLog value =
                string.exists() ? HyperLogLog.of(string.bytes(), sparseBytesMax).orElseThrow(() -> NONE) : null;
        return new HyperLogLogValue(string, sparseBytesMax, value);
    }

    public Entry entry() {
        return string.entry();
    }

    public boolean exists() {
        return value != null;
    }

    /** Returns the value, a new one if the key does not exist. */
    public HyperLogLog value() {
        HyperLogLog existing = value;
        if (existing == null) {
            existing = HyperLogLog.empty(sparseBytesMax);
            value = existing;
        }
        return existing;
    }

    /** Writes the value and keeps the expiry. */
    public void store() throws CommandError {
        byte[] bytes = value().bytes();
        if (string.exists() && string.length() == bytes.length) {
            string.write(0, bytes);
        } else {
            string.replace(bytes);
        }
    }
}
