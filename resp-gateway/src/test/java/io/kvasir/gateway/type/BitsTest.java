package io.kvasir.gateway.type;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.gateway.command.CommandError;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BitsTest {

    private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);

    private final MapTransaction transaction = new MapTransaction(1);

    @Test
    void countsAndPositionsAgreeWithABitSetOverSeveralWindows() throws CommandError {
        SplittableRandom random = new SplittableRandom(5);
        int length = 5_000_000;
        BitSet model = new BitSet();
        Bits bits = new Bits(Keyspace.of(transaction, 0).string(KEY));
        bits.growTo(length - 1);
        for (int i = 0; i < 40; i++) {
            int offset = random.nextInt(length);
            model.set(offset);
            bits.setField(offset, 1, 1);
        }
        for (int i = 0; i < 20; i++) {
            int first = random.nextInt(length);
            int last = first + random.nextInt(length - first);
            assertEquals(model.get(first, last + 1).cardinality(), bits.count(first, last));
            int one = model.nextSetBit(first);
            assertEquals(one < 0 || one > last ? -1 : one, bits.find(1, first, last));
            int zero = model.nextClearBit(first);
            assertEquals(zero > last ? -1 : zero, bits.find(0, first, last));
        }
    }
}
