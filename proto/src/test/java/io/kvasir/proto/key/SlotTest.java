package io.kvasir.proto.key;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected slots are the answers of redis-server 7.0.15 to CLUSTER KEYSLOT. */
final class SlotTest {

    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "foo, 12182",
        "bar, 5061",
        "123456789, 12739",
        "{user1000}.following, 3443",
        "{user1000}.followers, 3443",
        "foo{}{bar}, 8363",
        "foo{{bar}}zap, 4015",
        "foo{bar}{zap}, 5061",
        "{}, 15257",
        "a{b, 13340",
        "a}b{c}, 7365",
        "foo{bar, 15278",
        "x{}, 2608"
    })
    void keysHaveTheSlotThatRedisGivesThem(String key, int slot) {
        assertEquals(slot, Slot.of(key.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void binaryKeysHaveTheSlotThatRedisGivesThem() {
        assertEquals(7915, Slot.of(new byte[] {(byte) 0xFF, 0, (byte) 0x80}));
    }
}
