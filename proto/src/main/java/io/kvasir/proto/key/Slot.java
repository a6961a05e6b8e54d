package io.kvasir.proto.key;

/**
 * The hash slot of a user key: CRC16 (XMODEM) of its hash tag modulo 16384, as Redis Cluster computes it ("Redis
 * cluster specification, key distribution model").
 *
 * <p>The hash tag is what stands between the first <code>{</code> and the first <code>}</code> after it, if that is not
 * empty; otherwise the whole key. Stateless and safe for any thread.
 */
public final class Slot {

    /** Number of slots; slots are 0 to {@code COUNT - 1}. */
    public static final int COUNT = 16_384;

    private static final int[] CRC16 = new int[256];

    static {
        for (int i = 0; i < 256; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            }
            CRC16[i] = crc & 0xFFFF;
        }
    }

    private Slot() {}

    /** Returns the slot of {@code userKey}, 0 to 16383. */
    public static int of(byte[] userKey) {
        int from = 0;
        int to = userKey.length;
        int open = indexOf(userKey, (byte) '{', 0);
        if (open >= 0) {
            int close = indexOf(userKey, (byte) '}', open + 1);
            if (close > open + 1) {
                from = open + 1;
                to = close;
            }
        }
        return crc16(userKey, from, to) & (COUNT - 1);
    }

    private static int crc16(byte[] bytes, int from, int to) {
        int crc = 0;
        for (int i = from; i < to; i++) {
            crc = ((crc << 8) ^ CRC16[((crc >>> 8) ^ bytes[i]) & 0xFF]) & 0xFFFF;
        }
        return crc;
    }

    private static int indexOf(byte[] bytes, byte wanted, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
