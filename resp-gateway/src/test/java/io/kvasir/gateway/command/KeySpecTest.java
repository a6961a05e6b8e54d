package io.kvasir.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeySpecTest {

    private static final KeySpec.Access READ = KeySpec.Access.READ;

    @Test
    void keysStandWhereTheirSpecificationSays() {
        assertEquals(List.of("a", "b"), keys("MGET a b", new KeySpec.Range(1, -1, 1, READ)));
        assertEquals(List.of("a", "b"), keys("MSET a 1 b 2", new KeySpec.Range(1, -1, 2, READ)));
        assertEquals(List.of("a"), keys("BLPOP a 5", new KeySpec.Range(1, -2, 1, READ)));
        assertEquals(List.of("d"), keys("BITOP AND d s", new KeySpec.Range(2, 2, 1, READ)));
        assertEquals(List.of("a", "b"), keys("EVAL x 2 a b c", new KeySpec.Counted(2, 3, READ)));
        assertEquals(List.of("a"), keys("EVAL x 9 a", new KeySpec.Counted(2, 3, READ)));
        assertEquals(List.of(), keys("EVAL x nine a", new KeySpec.Counted(2, 3, READ)));
        assertEquals(
                List.of("a", "b"), keys("XREAD COUNT 1 streams a b 0 0", new KeySpec.After("STREAMS", 1, 2, READ)));
        assertEquals(List.of("d"), keys("SORT a LIMIT 0 1 store d", new KeySpec.After("STORE", 2, 0, READ)));
        assertEquals(List.of(), keys("SORT a STORE", new KeySpec.After("STORE", 2, 0, READ)));
    }

    private static List<String> keys(String words, KeySpec spec) {
        CommandSpec row = CommandSpec.of("ANY", -1, "1.0.0").keys(spec);
        return row.keysIn(CommandRunner.split(words)).stream()
                .map(key -> new String(key, StandardCharsets.US_ASCII))
                .toList();
    }
}
