package io.kvasir.gateway.command.bitmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.gateway.command.CommandError;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class FieldTypeTest {

    @Test
    void narrowTypesAgreeWithArithmeticThatCannotOverflow() {
        for (int width = 1; width <= 6; width++) {
            check(new FieldType(true, width), -(1L << width - 1), (1L << width - 1) - 1);
            check(new FieldType(false, width), 0, (1L << width) - 1);
        }
    }

    @Test
    void theWidestTypesOverflowAtTheEndsOfALong() {
        FieldType i64 = new FieldType(true, 64);
        assertEquals(0, i64.overflow(Long.MAX_VALUE - 1, 1));
        assertEquals(1, i64.overflow(Long.MAX_VALUE, 1));
        assertEquals(-1, i64.overflow(Long.MIN_VALUE, -1));
        assertEquals(Long.MIN_VALUE, i64.wrap(Long.MAX_VALUE, 1));
        FieldType u63 = new FieldType(false, 63);
        assertEquals(0, u63.overflow(Long.MAX_VALUE, 0));
        assertEquals(1, u63.overflow(Long.MAX_VALUE, 1));
        assertEquals(1, u63.overflow(-1, 0));
        assertEquals(0, u63.wrap(Long.MAX_VALUE, 1));
    }

    @Test
    void typesThatDoNotExistAreRefused() throws CommandError {
        assertEquals(new FieldType(true, 64), parse("i64"));
        assertEquals(new FieldType(false, 63), parse("u63"));
        for (String text : new String[] {"", "i", "u", "i0", "i65", "u64", "x8", "I8", "u08", "u-1", "8"}) {
            assertThrows(CommandError.class, () -> parse(text), text);
        }
    }

    private static void check(FieldType type, long min, long max) {
        assertEquals(min, type.limit(-1));
        assertEquals(max, type.limit(1));
        for (long value = min; value <= max; value++) {
            assertEquals(value, type.decode(value & (1L << type.width()) - 1));
            for (long increment = -200; increment <= 200; increment++) {
                long sum = value + increment;
                String what = type + " " + value + " + " + increment;
                assertEquals(sum > max ? 1 : sum < min ? -1 : 0, type.overflow(value, increment), what);
                assertEquals(Math.floorMod(sum - min, max - min + 1) + min, type.wrap(value, increment), what);
            }
        }
    }

    private static FieldType parse(String text) throws CommandError {
        return FieldType.parse(text.getBytes(StandardCharsets.US_ASCII));
    }
}
