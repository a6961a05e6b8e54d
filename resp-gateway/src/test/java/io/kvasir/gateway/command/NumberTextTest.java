package io.kvasir.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class NumberTextTest {

    @Test
    void integersAreReadInTheirCanonicalFormAlone() {
        for (long value : new long[] {0, 1, -1, 9, 10, 123456789012L, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertTrue(NumberText.isLong(bytes(Long.toString(value))));
            assertEquals(value, NumberText.toLong(bytes(Long.toString(value))));
        }
        for (String text : new String[] {
            "",
            "-",
            "+1",
            "01",
            "-0",
            " 1",
            "1 ",
            "1.0",
            "9223372036854775808",
            "-9223372036854775809",
            "0x1",
            "99999999999999999999",
            "123456789012345678901"
        }) {
            assertFalse(NumberText.isLong(bytes(text)), text);
        }
    }

    @Test
    void floatsAreReadAsStrtodReadsThem() throws CommandError {
        assertEquals(1.5, NumberText.parseDouble(bytes("1.5")));
        assertEquals(0.5, NumberText.parseDouble(bytes(".5")));
        assertEquals(5, NumberText.parseDouble(bytes("5.")));
        assertEquals(-1e10, NumberText.parseDouble(bytes("-1E+10")));
        assertEquals(8, NumberText.parseDouble(bytes("0x1p3")));
        assertEquals(16, NumberText.parseDouble(bytes("0x10")));
        assertEquals(0, NumberText.parseDouble(bytes("0e5")));
        assertEquals(Double.NEGATIVE_INFINITY, NumberText.parseDouble(bytes("-Inf")));
        for (String text :
                new String[] {"", ".", "nan", "1f", "1d", " 1", "1 ", "1e", "1e999", "1e-999", "0x", "1_0"}) {
            CommandError error = assertThrows(CommandError.class, () -> NumberText.parseDouble(bytes(text)), text);
            assertEquals("ERR value is not a valid float", error.reply().text());
        }
    }

    @Test
    void longDoublesRoundToTheirSignificandAndShow17Digits() throws CommandError {
        assertEquals("3.3", sum("1.1", "2.2"));
        assertEquals("0.3", sum("0.1", "0.2"));
        assertEquals("5200", sum("5.0e3", "200"));
        assertEquals("0", sum("-0", "0"));
        assertEquals("0", sum("0.1", "-0.1"));
        assertEquals("18446744073709551616", sum("18446744073709551615", "1"));
        assertEquals("36893488147419103232", sum("36893488147419103231", "0"));
        assertEquals("10000000000000000304", sum("1e19", "303.980469"));
    }

    @Test
    void sumsThatAreNotFiniteAreRefused() throws CommandError {
        LongDouble large = LongDouble.parse(bytes("1e4932"));
        assertThrows(CommandError.class, () -> large.add(large));
        assertThrows(CommandError.class, () -> LongDouble.parse(bytes("1e5000")));
        assertThrows(CommandError.class, () -> LongDouble.parse(bytes("1e999999999999")));
        assertThrows(CommandError.class, () -> LongDouble.parse(bytes("1e-999999999999")));
    }

    private static String sum(String a, String b) throws CommandError {
        LongDouble sum = LongDouble.parse(bytes(a)).add(LongDouble.parse(bytes(b)));
        return new String(sum.text(), StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
