package io.kvasir.gateway.rdb;

/**
 * CRC-64 of Jones, as Redis uses it: polynomial ad93d23594c935a9, reflected, starting at 0 and not inverted at the end.
 * Its value of the nine characters 123456789 is e9c6d914c4b8d9ca. Stateless.
 */
public final class Crc64 {

    /** The polynomial with its bits in reverse order. */
    private static final long REFLECTED = 0x95AC9329AC4BC9B5L;

    /** Entry {@code [n][b]} is the remainder of byte {@code b} followed by {@code n} zero bytes. */
    private static final long[][] TABLES = new long[8][256];

    static {
        for (int b = 0; b < 256; b++) {
            long remainder = b;
            for (int bit = 0; bit < 8; bit++) {
                remainder = remainder >>> 1 ^ ((remainder & 1) != 0 ? REFLECTED : 0);
            }
            TABLES[0][b] = remainder;
        }
        for (int zeros = 1; zeros < 8; zeros++) {
            for (int b = 0; b < 256; b++) {
                long before = TABLES[zeros - 1][b];
                TABLES[zeros][b] = before >>> 8 ^ TABLES[0][(int) before & 0xFF];
            }
        }
    }

    private Crc64() {}

    /** Returns the checksum of what {@code crc} is the checksum of, 0 for nothing, followed by the bytes given. */
    public static long update(long crc, byte[] bytes, int from, int to) {
        long remainder = crc;
        int at = from;
        for (; to - at >= 8; at += 8) {
            long word = remainder ^ LittleEndian.number(bytes, at, 8);
            remainder = 0;
            for (int i = 0; i < 8; i++) {
                remainder ^= TABLES[7 - i][(int) (word >>> 8 * i) & 0xFF];
            }
        }
        for (; at < to; at++) {
            remainder = remainder >>> 8 ^ TABLES[0][(int) (remainder ^ bytes[at]) & 0xFF];
        }
        return remainder;
    }
}
