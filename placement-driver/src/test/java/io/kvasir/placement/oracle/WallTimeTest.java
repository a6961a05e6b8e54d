package io.kvasir.placement.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class WallTimeTest {

    private static final long HOUR = 3_600_000;

    @Test
    void aReplicaAloneAgreesWithItself() {
        assertEquals(OptionalLong.of(5), WallTime.agreedOffset(new long[] {5}, 1));
    }

    @Test
    void oneClockThatJumpedIsOutvoted() {
        assertEquals(OptionalLong.of(20), WallTime.agreedOffset(new long[] {HOUR, 10, 20}, 3));
        assertEquals(OptionalLong.of(20), WallTime.agreedOffset(new long[] {-HOUR, 10, 20}, 3));
    }

    @Test
    void theClosestMajorityIsTaken() {
        assertEquals(OptionalLong.of(905), WallTime.agreedOffset(new long[] {0, 900, 905}, 3));
    }

    @Test
    void aMinorityIsNoAgreement() {
        assertEquals(OptionalLong.empty(), WallTime.agreedOffset(new long[] {5}, 3));
        assertEquals(OptionalLong.empty(), WallTime.agreedOffset(new long[] {5}, 2));
        assertEquals(OptionalLong.empty(), WallTime.agreedOffset(new long[0], 1));
    }

    @Test
    void clocksFarApartDoNotAgree() {
        long far = WallTime.SPREAD_MILLIS_MAX + 1;
        assertEquals(OptionalLong.empty(), WallTime.agreedOffset(new long[] {0, far, 2 * far}, 3));
        assertEquals(OptionalLong.of(far - 1), WallTime.agreedOffset(new long[] {0, far - 1, 3 * far}, 3));
    }
}
