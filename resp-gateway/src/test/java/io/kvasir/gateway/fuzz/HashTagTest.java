package io.kvasir.gateway.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.key.KeyLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HashTagTest {

    @Test
    void keysGetATagAndOtherWordsDoNot() {
        assertEquals("SET a{t} a", only("SET a a"));
        assertEquals("MSET a{t} 1 b{t} 2", only("MSET a 1 b 2"));
        assertEquals("BITOP AND d{x} a{x} {x}b", only("BITOP AND d a {x}b"));
        assertEquals("OBJECT ENCODING a{t}", only("OBJECT ENCODING a"));
        assertEquals("SINTERCARD 2 a{t} b{t} LIMIT 2", only("SINTERCARD 2 a b LIMIT 2"));
        assertEquals("KEYS a", only("KEYS a"));
        assertEquals("NOTHING a", only("NOTHING a"));
        assertEquals("GET", only("GET"));
    }

    @Test
    void aFamilyKeepsItsOwnTag() {
        Family lists = new HashTag().in(ListFamily.family());
        assertTrue(lists.audit().stream().noneMatch(words -> words.toString().contains("{t}")), "two tags");
        assertEquals(slot("{l}1"), slot("k1{l}"));
    }

    private static int slot(String key) {
        return KeyLayout.slotOf(KeyLayout.stem(1, Words.bytes(key)));
    }

    private static String only(String line) {
        Family family = new Family("one", new Grammar(), new Comparison.Rules(Map.of()), List.of(Words.of(line)));
        return new HashTag().in(family).audit().getFirst().toString();
    }
}
