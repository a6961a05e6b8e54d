package io.kvasir.tools.config;

/**
 * How the memory of one node is divided. Rule: 144 MiB and a thirty-second of the total stay for what the JVM and the
 * native libraries use beyond any budget (classes, code, thread stacks, collector, malloc); of the rest 52 % is the
 * Java heap, 17 % direct buffers and 31 % RocksDB (block cache, memtables, table readers).
 *
 * @param totalBytes the whole, at least {@link #TOTAL_BYTES_MIN}
 * @param heapBytes the Java heap, {@code -Xmx}
 * @param directBytes direct buffers, {@code -XX:MaxDirectMemorySize}
 * @param rocksBytes what RocksDB may hold
 */
public record MemorySplit(long totalBytes, long heapBytes, long directBytes, long rocksBytes) {

    /** Below this a node cannot run. */
    public static final long TOTAL_BYTES_MIN = 512 * Sizes.MIB;

    private static final long OVERHEAD_BYTES = 144 * Sizes.MIB;

    public MemorySplit {
        if (heapBytes < 1 || directBytes < 1 || rocksBytes < 1 || heapBytes + directBytes + rocksBytes > totalBytes) {
            throw new IllegalArgumentException("parts of " + totalBytes + " bytes do not fit");
        }
    }

    /** Returns the parts of {@code totalBytes}, rounded down to whole MiB. */
    public static MemorySplit of(long totalBytes) {
        if (totalBytes < TOTAL_BYTES_MIN) {
            throw new ConfigException(Sizes.text(totalBytes) + " of memory are too few for a node (at least "
                    + Sizes.text(TOTAL_BYTES_MIN) + ")");
        }
        long rest = totalBytes - OVERHEAD_BYTES - totalBytes / 32;
        return new MemorySplit(totalBytes, wholeMib(rest, 52), wholeMib(rest, 17), wholeMib(rest, 31));
    }

    private static long wholeMib(long bytes, int percent) {
        return bytes / 100 * percent / Sizes.MIB * Sizes.MIB;
    }
}
