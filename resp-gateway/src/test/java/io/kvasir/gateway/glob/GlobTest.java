package io.kvasir.gateway.glob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GlobTest {

    /** Each row was answered by redis-server 7.0.15. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
            a,        a,     true
            a,        b,     false
            a,        aa,    false
            *,        abc,   true
            *,        '',    true
            **,       '',    false
            a*,       a,     true
            a*c,      abbc,  true
            a*c,      abcb,  false
            *a*b*,    xxaxb, true
            *a*b*,    xxbxa, false
            a?c,      abc,   true
            a?,       a,     false
            ?*?,      ab,    true
            ?*?,      a,     false
            [abc],    b,     true
            [^abc],   b,     false
            [^abc],   d,     true
            [a-c]x,   bx,    true
            [c-a]x,   bx,    true
            [a-c,     b,     true
            [ab,      b,     true
            [^,       z,     true
            [,        '[',   false
            [],       a,     false
            [^],      a,     true
            [a-],     a,     true
            [a-],     b,     false
            [a-]],    ']',   true
            [\\]],    ']',   true
            [\\a-c],  a,     true
            [\\a-c],  b,     false
            \\*,      *,     true
            \\*,      a,     false
            a\\,      a\\,   true
            \\a,      a,     true
            h[^e]llo, hallo, true
            h[^e]llo, hello, false
            """)
    void answersAsRedis(String pattern, String name, boolean expected) {
        assertEquals(expected, new Glob(bytes(pattern)).matches(bytes(name)));
    }

    @Test
    void bytesAbove127CompareAsSigned() {
        Glob glob = new Glob(new byte[] {'[', 'a', '-', (byte) 0xFF, ']'});
        assertTrue(glob.matches(new byte[] {'A'}));
        assertFalse(glob.matches(new byte[] {'b'}));
        assertTrue(new Glob(new byte[] {(byte) 0x80, '?'}).matches(new byte[] {(byte) 0x80, 0}));
    }

    @Test
    void manyStarsDoNotExplode() {
        Glob glob = new Glob(bytes("*a".repeat(2_000) + "b"));
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> assertFalse(glob.matches(bytes("a".repeat(20_000)))));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
