package io.kvasir.store.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The bytes of one simulated file: what readers see, and what a power cut would leave. Guarded by its disk. */
final class Inode {

    private record Write(int offset, byte[] bytes) {}

    private byte[] visible = new byte[0];
    private int visibleSize;
    private byte[] durable = new byte[0];
    private int durableSize;
    /** Writes that a sync would make durable, oldest first. */
    private final List<Write> dirty = new ArrayList<>();

    int size() {
        return visibleSize;
    }

    void write(byte[] bytes, int offset) {
        visible = put(visible, bytes, offset, bytes.length);
        visibleSize = Math.max(visibleSize, offset + bytes.length);
        dirty.add(new Write(offset, bytes));
    }

    /** Returns up to {@code length} bytes at {@code offset}, fewer at the end of the file. */
    byte[] read(int length, long offset) {
        int start = (int) Math.min(offset, visibleSize);
        return Arrays.copyOfRange(visible, start, Math.min(visibleSize, start + length));
    }

    void synced() {
        dirty.forEach(this::makeDurable);
        dirty.clear();
        durableSize = Math.max(durableSize, visibleSize);
        durable = put(durable, new byte[0], durableSize, 0);
    }

    /** Some writes reached the medium; the others stay visible but are forgotten by the next sync. */
    void syncFailed(SplittableRandom random) {
        for (Write write : dirty) {
            if (random.nextInt(3) == 0) {
                makeDurable(write);
            }
        }
        dirty.clear();
    }

    void corrupt(int offset, byte mask) {
        visible[offset] ^= mask;
        if (offset < durable.length) {
            durable[offset] ^= mask;
        }
    }

    /** Leaves what was synced, and of each sector written since one of its later contents. */
    void powerCut(SplittableRandom random) {
        int survival = random.nextInt(4);
        TreeMap<Integer, List<Write>> bySector = new TreeMap<>();
        for (Write write : dirty) {
            int end = write.offset + write.bytes.length;
            for (int at = write.offset / SimulatedDisk.SECTOR_BYTES * SimulatedDisk.SECTOR_BYTES;
                    at < end;
                    at += SimulatedDisk.SECTOR_BYTES) {
                bySector.computeIfAbsent(at, sector -> new ArrayList<>()).add(write);
            }
        }
        bySector.forEach((sector, writes) -> {
            int kept =
                    switch (survival) {
                        case 0 -> writes.size();
                        case 1 -> 0;
                        default -> random.nextInt(writes.size() + 1);
                    };
            for (int i = 0; i < kept; i++) {
                keep(writes.get(i), sector, SimulatedDisk.SECTOR_BYTES);
            }
            if (kept < writes.size() && survival == 3 && random.nextInt(4) == 0) {
                keep(writes.get(kept), sector, random.nextInt(SimulatedDisk.SECTOR_BYTES));
            }
        });
        if (random.nextBoolean()) {
            durableSize = Math.max(durableSize, visibleSize);
            durable = put(durable, new byte[0], durableSize, 0);
        }
        dirty.clear();
        visible = Arrays.copyOf(durable, durableSize);
        visibleSize = durableSize;
    }

    /** Makes the part of {@code write} durable that lies in the first {@code length} bytes of {@code sector}. */
    private void keep(Write write, int sector, int length) {
        int start = Math.max(write.offset, sector);
        int end = Math.min(write.offset + write.bytes.length, sector + length);
        if (start < end) {
            makeDurable(new Write(start, Arrays.copyOfRange(write.bytes, start - write.offset, end - write.offset)));
        }
    }

    private void makeDurable(Write write) {
        durable = put(durable, write.bytes, write.offset, write.bytes.length);
        durableSize = Math.max(durableSize, write.offset + write.bytes.length);
    }

    private static byte[] put(byte[] target, byte[] bytes, int offset, int length) {
        int end = offset + length;
        byte[] grown = end <= target.length ? target : Arrays.copyOf(target, Math.max(end, target.length * 2));
        System.arraycopy(bytes, 0, grown, offset, length);
        return grown;
    }
}
