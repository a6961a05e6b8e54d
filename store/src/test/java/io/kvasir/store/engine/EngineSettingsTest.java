package io.kvasir.store.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class EngineSettingsTest {

    @Test
    void theDefaultsArePinned() {
        assertEquals(
                new EngineSettings(536_870_912, 134_217_728, 2, 268_435_456, 2_048, 67_108_864, 8_192, 10),
                EngineSettings.DEFAULT);
        assertEquals(EngineSettings.DEFAULT, EngineSettings.within(536_870_912));
    }

    @Test
    void aBoundThatIsPassedIsNamed() {
        String message = assertThrows(IllegalArgumentException.class, () -> EngineSettings.within(1 << 20))
                .getMessage();
        assertEquals("cacheBytes 1048576 is not from 16777216 to 1099511627776", message);
    }

    @Test
    void familiesKeepTheirNumbers() {
        int number = 1;
        for (Family family : Family.values()) {
            assertEquals(number, family.number());
            assertEquals(family, Family.numbered(number++));
        }
        assertEquals(7, number);
        assertThrows(IllegalArgumentException.class, () -> Family.numbered(0));
    }
}
