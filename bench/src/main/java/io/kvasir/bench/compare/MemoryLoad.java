package io.kvasir.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What one client of {@link Memory} writes, and later reads. Value {@code i} is a string {@code v:client:i}, every
 * tenth a field of a hash {@code h:client:j} of {@value #FIELDS} such fields; its bytes do not compress, and begin with
 * {@code i}. Confined to one thread at a time.
 */
final class MemoryLoad {

    /** Values are of 1 KiB to twice {@value #VALUE_BYTES_MEAN} less that, all lengths alike. */
    static final int VALUE_BYTES_MEAN = 8 << 10;

    static final int FIELDS = 16;

    private static final int VALUE_BYTES_MIN = 1 << 10;
    private static final int HASH_EVERY = 10;
    private static final int WRITES_PIPELINED = 32;
    private static final int READS_PIPELINED = 8;
    private static final int NOISE_BYTES = 4 << 20;

    /** Skew of the reads: 0.99 is that of YCSB. */
    private static final double ZIPF = 0.99;

    private static final int STAMP_CHARS = 12;

    private final int client;
    private final Connection connection;
    private final SplittableRandom random;
    private final byte[] noise = new byte[NOISE_BYTES];

    /** Values that are acknowledged; read by others. */
    private volatile long written;

    private volatile long writtenBytes;
    private volatile long read;

    MemoryLoad(int client, Connection connection) {
        this.client = client;
        this.connection = connection;
        random = new SplittableRandom(client);
        random.nextBytes(noise);
    }

    long writtenBytes() {
        return writtenBytes;
    }

    long read() {
        return read;
    }

    /** Writes values until {@code bytes} of them are acknowledged. */
    void write(long bytes) throws IOException {
        while (writtenBytes < bytes) {
            long sent = 0;
            for (int i = 0; i < WRITES_PIPELINED; i++) {
                sent += send(written + i);
            }
            for (int i = 0; i < WRITES_PIPELINED; i++) {
                connection.await();
            }
            written += WRITES_PIPELINED;
            writtenBytes += sent;
        }
    }

    /** Reads values, few of them often and most hardly ever, until {@code deadlineNanos}. */
    void read(long deadlineNanos) throws IOException {
        long[] asked = new long[READS_PIPELINED];
        while (System.nanoTime() < deadlineNanos) {
            for (int i = 0; i < READS_PIPELINED; i++) {
                asked[i] = draw();
                connection.sendBytes(
                        isField(asked[i])
                                ? new byte[][] {text("HGET"), hash(asked[i]), text(String.valueOf(asked[i]))}
                                : new byte[][] {text("GET"), key(asked[i])});
            }
            for (long each : asked) {
                String stamp = stamp(each);
                if (connection
                        .awaitBulk()
                        .filter(value -> value.startsWith(stamp))
                        .isEmpty()) {
                    throw new BenchException("value " + each + " of client " + client + " was lost");
                }
            }
            read += READS_PIPELINED;
        }
    }

    private long send(long index) throws IOException {
        byte[] value = value(index);
        if (isField(index)) {
            connection.sendBytes(text("HSET"), hash(index), text(String.valueOf(index)), value);
        } else {
            connection.sendBytes(text("SET"), key(index), value);
        }
        return value.length;
    }

    /** Noise from a random place, so that no two values are alike, behind a stamp that says whose it is. */
    private byte[] value(long index) {
        int length = random.nextInt(VALUE_BYTES_MIN, 2 * VALUE_BYTES_MEAN - VALUE_BYTES_MIN + 1);
        int from = random.nextInt(NOISE_BYTES - length);
        byte[] value = Arrays.copyOfRange(noise, from, from + length);
        byte[] stamp = text(stamp(index));
        System.arraycopy(stamp, 0, value, 0, stamp.length);
        return value;
    }

    /**
     * Returns a value's number, of those written: a continuous approximation of Zipf's law by inversion, with ranks
     * scattered over all numbers, so that what is read often does not lie together.
     */
    private long draw() {
        double rank = Math.pow((Math.pow((double) written, 1 - ZIPF) - 1) * random.nextDouble() + 1, 1 / (1 - ZIPF));
        return Math.floorMod(((long) rank) * 0x9E3779B97F4A7C15L, written);
    }

    private static boolean isField(long index) {
        return index % HASH_EVERY == HASH_EVERY - 1;
    }

    private byte[] key(long index) {
        return text("v:" + client + ":" + index);
    }

    private byte[] hash(long index) {
        return text("h:" + client + ":" + index / HASH_EVERY / FIELDS);
    }

    private static String stamp(long index) {
        String digits = String.valueOf(index);
        return "0".repeat(STAMP_CHARS - digits.length()) + digits;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
