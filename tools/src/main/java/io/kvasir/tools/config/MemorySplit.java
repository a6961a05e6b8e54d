package io.kvasir.tools.config;

/**
 * How the memory of one node is divided. Rule: 152 MiB and a thirty-second of the total stay for what the JVM and the
 * native libraries use beyond any budget (classes, code, thread stacks, collector, malloc; 8 MiB of it for ranges that
 * splits add); of the rest 52 % is the Java heap, 17 % direct buffers and 31 % RocksDB (block cache, memtables, table
 * readers). A replica of a range has three threads of its own, whose stacks take {@value #REPLICA_STACK_BYTES} bytes
 * together (measured), before that division; and some heap, which bounds how many fit.
 *
 * @param totalBytes the whole, at least {@link #TOTAL_BYTES_MIN}
 * @param heapBytes the Java heap, {@code -Xmx}
 * @param directBytes direct buffers, {@code -XX:MaxDirectMemorySize}
 * @param rocksBytes what RocksDB may hold
 */
public record MemorySplit(long totalBytes, long heapBytes, long directBytes, long rocksBytes) {

    /** Below this a node cannot run. */
    public static final long TOTAL_BYTES_MIN = 512 * Sizes.MIB;

    private static final long OVERHEAD_BYTES = 152 * Sizes.MIB;
    private static final long REPLICA_STACK_BYTES = 276 * Sizes.KIB;
    private static final long REPLICA_HEAP_BYTES = 128 * Sizes.KIB;
    private static final int HEAP_PERCENT = 52;
    private static final long HEAP_BYTES_MIN = 64 * Sizes.MIB;

    public MemorySplit {
        if (heapBytes < 1 || directBytes < 1 || rocksBytes < 1 || heapBytes + directBytes + rocksBytes > totalBytes) {
            throw new IllegalArgumentException("parts of " + totalBytes + " bytes do not fit");
        }
    }

    /** Returns the parts of {@code totalBytes}, rounded down to whole MiB, for a node with a few ranges. */
    public static MemorySplit of(long totalBytes) {
        return of(totalBytes, 1);
    }

    /**
     * Returns the parts of {@code totalBytes}, rounded down to whole MiB, for a node with {@code replicas} of ranges.
     */
    public static MemorySplit of(long totalBytes, int replicas) {
        long least = totalBytesMin(replicas);
        if (totalBytes < least) {
            throw new ConfigException(Sizes.text(totalBytes) + " of memory are too few for a node"
                    + (least > TOTAL_BYTES_MIN ? " with " + replicas + " ranges" : "") + " (at least "
                    + Sizes.text(least) + ")");
        }
        long rest = rest(totalBytes, replicas);
        return new MemorySplit(totalBytes, wholeMib(rest, HEAP_PERCENT), wholeMib(rest, 17), wholeMib(rest, 31));
    }

    /** Returns the least memory, in whole MiB, in which a node with {@code replicas} of ranges can run. */
    public static long totalBytesMin(int replicas) {
        long heapBytes = HEAP_BYTES_MIN + replicas * REPLICA_HEAP_BYTES;
        long total = TOTAL_BYTES_MIN;
        while (wholeMib(rest(total, replicas), HEAP_PERCENT) < heapBytes) {
            total += Sizes.MIB;
        }
        return total;
    }

    private static long rest(long totalBytes, int replicas) {
        return totalBytes - OVERHEAD_BYTES - replicas * REPLICA_STACK_BYTES - totalBytes / 32;
    }

    private static long wholeMib(long bytes, int percent) {
        return bytes / 100 * percent / Sizes.MIB * Sizes.MIB;
    }
}
