package io.kvasir.store.engine;

/**
 * The bounds of a {@link RocksEngine}.
 *
 * @param cacheBytes block cache, in bytes: data, index and filter blocks, and the memtables, which are charged to it;
 *     the engine's one memory budget. 16 MiB to 1 TiB, default 512 MiB
 * @param memtableBytes part of {@code cacheBytes} that unflushed writes may take, in bytes, all families together;
 *     writes stall when the flushes cannot keep it. 4 MiB to half of {@code cacheBytes}, default 128 MiB
 * @param backgroundThreadsMax most threads that flush and compact; 1 to 64, default 2
 * @param backgroundWriteBytesPerSecond most bytes that flushes and compactions write, in bytes per second; flushes go
 *     first. 1 MiB to 1 TiB, default 256 MiB
 * @param openFilesMax most table files open at a time; 64 to 1,000,000, default 2,048
 * @param tableFileBytes a table file is ended at about this size, in bytes; 1 MiB to 1 GiB, default 64 MiB
 * @param blockBytes data block before compression, in bytes; 1 KiB to 1 MiB, default 8 KiB
 * @param filterBitsPerKey bits of the bloom filter for each key; 1 to 32, default 10
 */
public record EngineSettings(
        long cacheBytes,
        long memtableBytes,
        int backgroundThreadsMax,
        long backgroundWriteBytesPerSecond,
        int openFilesMax,
        long tableFileBytes,
        int blockBytes,
        int filterBitsPerKey) {

    private static final long MIB = 1L << 20;

    /** The defaults of every field. */
    public static final EngineSettings DEFAULT =
            new EngineSettings(512 * MIB, 128 * MIB, 2, 256 * MIB, 2_048, 64 * MIB, 8 << 10, 10);

    public EngineSettings {
        require("cacheBytes", cacheBytes, 16 * MIB, MIB * MIB);
        require("memtableBytes", memtableBytes, 4 * MIB, cacheBytes / 2);
        require("backgroundThreadsMax", backgroundThreadsMax, 1, 64);
        require("backgroundWriteBytesPerSecond", backgroundWriteBytesPerSecond, MIB, MIB * MIB);
        require("openFilesMax", openFilesMax, 64, 1_000_000);
        require("tableFileBytes", tableFileBytes, MIB, 1024 * MIB);
        require("blockBytes", blockBytes, 1 << 10, MIB);
        require("filterBitsPerKey", filterBitsPerKey, 1, 32);
    }

    /** Returns the defaults within {@code cacheBytes} of memory, a quarter of it for unflushed writes. */
    public static EngineSettings within(long cacheBytes) {
        return new EngineSettings(
                cacheBytes,
                cacheBytes / 4,
                DEFAULT.backgroundThreadsMax,
                DEFAULT.backgroundWriteBytesPerSecond,
                DEFAULT.openFilesMax,
                DEFAULT.tableFileBytes,
                DEFAULT.blockBytes,
                DEFAULT.filterBitsPerKey);
    }

    private static void require(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " " + value + " is not from " + min + " to " + max);
        }
    }
}
