package io.kvasir.gateway.type;

/**
 * The settings by which Redis chooses how it stores a value, of which commands let users see something: what OBJECT
 * ENCODING answers, and the form of a HyperLogLog. A command goes by those of the gateway that its client is connected
 * to; where they are not the default they travel with it. Immutable.
 *
 * @param hashEntries most fields of a hash in a listpack
 * @param hashBytes longest field or value of a hash in a listpack
 * @param setIntegers most members of a set of integers that is kept as an intset
 * @param setEntries most members of a set in a listpack
 * @param setBytes longest member of a set in a listpack
 * @param zsetEntries most members of a sorted set in a listpack
 * @param zsetBytes longest member of a sorted set in a listpack
 * @param sparseBytes longest HyperLogLog in the sparse form, in bytes
 * @param listSize limit of a list that Redis keeps in a listpack: a number of elements, or below 0 a level of bytes,
 *     from -1 for 4 KiB to -5 for 64 KiB
 * @param streamBytes bytes of a node of a stream beyond which the next begins, 0 for no bound
 * @param streamEntries most entries of a node of a stream, 0 for no bound
 */
public record Thresholds(
        long hashEntries,
        long hashBytes,
        long setIntegers,
        long setEntries,
        long setBytes,
        long zsetEntries,
        long zsetBytes,
        long sparseBytes,
        long listSize,
        long streamBytes,
        long streamEntries) {

    private static final int NUMBERS = 11;

    /** The defaults of Redis 7.2. */
    public static final Thresholds DEFAULT = new Thresholds(512, 64, 512, 128, 64, 128, 64, 3_000, -2, 4_096, 100);

    /** Returns this as its numbers, varints in the order of the fields. */
    public byte[] encode() {
        long[] numbers = {
            hashEntries,
            hashBytes,
            setIntegers,
            setEntries,
            setBytes,
            zsetEntries,
            zsetBytes,
            sparseBytes,
            listSize,
            streamBytes,
            streamEntries
        };
        int length = 0;
        for (long number : numbers) {
            length += Varint.size(number);
        }
        byte[] bytes = new byte[length];
        int at = 0;
        for (long number : numbers) {
            at = Varint.write(bytes, at, number);
        }
        return bytes;
    }

    /**
     * Returns what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException if {@code bytes} end before the last number
     */
    public static Thresholds decode(byte[] bytes) {
        long[] numbers = new long[NUMBERS];
        int at = 0;
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Varint.read(bytes, at);
            at += Varint.size(numbers[i]);
        }
        return new Thresholds(
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5],
                numbers[6],
                numbers[7],
                numbers[8],
                numbers[9],
                numbers[10]);
    }
}
