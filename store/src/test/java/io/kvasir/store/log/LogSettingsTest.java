package io.kvasir.store.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class LogSettingsTest {

    private static final long MIB = 1L << 20;

    @Test
    void whatWaitsAndWhatIsCachedAreEachAnEighthOfASmallHeap() {
        LogSettings small = LogSettings.within(176 * MIB);
        assertEquals(22 * MIB, small.queueBytesMax());
        assertEquals(22 * MIB, small.cacheBytesMax());
        assertEquals(LogSettings.PRODUCTION.entryBytesMax(), small.entryBytesMax(), "any entry is taken, alone");
    }

    @Test
    void aLargeHeapChangesNothing() {
        assertEquals(LogSettings.PRODUCTION, LogSettings.within(64L << 30));
    }
}
