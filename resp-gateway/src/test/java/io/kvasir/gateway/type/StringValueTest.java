package io.kvasir.gateway.type;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.Version;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class StringValueTest {

    private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);

    private final MapTransaction transaction = new MapTransaction(1);

    @Test
    void randomWritesAndReadsAgreeWithAnArray() throws CommandError {
        SplittableRandom random = new SplittableRandom(3);
        byte[] model = new byte[0];
        for (int i = 0; i < 400; i++) {
            transaction.begin();
            int offset = random.nextInt(random.nextInt(10) == 0 ? 70_000 : 40_000);
            if (random.nextInt(30) == 0) {
                model = new byte[random.nextInt(2_000)];
                random.nextBytes(model);
                open().replace(model.clone());
            } else {
                byte[] data = new byte[random.nextInt(random.nextInt(5) == 0 ? 20_000 : 50)];
                random.nextBytes(data);
                open().write(offset, data);
                if (data.length > 0) {
                    model = Arrays.copyOf(model, Math.max(model.length, offset + data.length));
                    System.arraycopy(data, 0, model, offset, data.length);
                }
            }
            assertArrayEquals(model, open().bytes());
            int from = random.nextInt(model.length + 10);
            int to = from + random.nextInt(40_000);
            int end = Math.min(to, model.length);
            assertArrayEquals(from < end ? Arrays.copyOfRange(model, from, end) : new byte[0], open().range(from, to));
            transaction.check();
        }
    }

    @Test
    void aChangeInALargeValueWritesItsChunkAndTheRootAlone() throws CommandError {
        open().replace(new byte[2_000_000]);
        transaction.begin();
        open().write(1_000_000, new byte[] {1});
        assertTrue(transaction.writtenBytes() < StringValue.CHUNK_BYTES + 200, "wrote " + transaction.writtenBytes());
    }

    @Test
    void aHoleCostsNoChunks() throws CommandError {
        open().write(StringValue.LENGTH_MAX - 1, new byte[] {7});
        assertEquals(2, transaction.size());
        assertEquals(StringValue.LENGTH_MAX, open().length());
        assertEquals(7, open().byteAt(StringValue.LENGTH_MAX - 1));
        assertEquals(0, open().byteAt(12_345));
        transaction.begin();
        open().entry().remove();
        assertEquals(0, transaction.size());
    }

    @Test
    void aValueBeyondTheGreatestLengthIsRefused() throws CommandError {
        open().write(StringValue.LENGTH_MAX - 1, new byte[] {7});
        CommandError error =
                assertThrows(CommandError.class, () -> open().write(StringValue.LENGTH_MAX, new byte[] {1}));
        assertEquals(
                "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
                error.reply().text());
    }

    @Test
    void manyWritesIntoOneChunkAreClaimedOnce() throws CommandError {
        StringValue string = open();
        string.replace(new byte[10_000]);
        for (int i = 0; i < 1_000; i++) {
            string.write(i, new byte[] {1});
        }
        assertEquals(10_000, string.length());
    }

    @Test
    void k11ALongWriteIntoALargeValueMakesANewGenerationOfIt() throws CommandError {
        open().write(0, new byte[40_000]);
        Version before = open().entry().root().generation();
        open().write(7, new byte[100]);
        assertEquals(before, open().entry().root().generation(), "a short one goes in place");
        byte[] data = new byte[StringValue.IN_PLACE_BYTES_MAX + 1];
        Arrays.fill(data, (byte) 3);
        transaction.begin();
        open().write(20_000, data);
        assertNotEquals(before, open().entry().root().generation());
        byte[] expected = new byte[20_000 + data.length];
        Arrays.fill(expected, 20_000, expected.length, (byte) 3);
        assertArrayEquals(expected, open().bytes());
        transaction.check();
    }

    private StringValue open() throws CommandError {
        return Keyspace.of(transaction, 0).string(KEY);
    }
}
