package io.kvasir.gateway.hyperloglog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SelfTestTest {

    @Test
    void bothFormsAgreeAndAreNearTheTruth() {
        for (int seed = 1; seed <= 3; seed++) {
            assertEquals(Optional.empty(), SelfTest.run(seed, 3_000));
        }
    }
}
