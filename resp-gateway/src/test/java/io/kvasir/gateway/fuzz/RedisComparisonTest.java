package io.kvasir.gateway.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import java.util.stream.Stream;

/**
 * Every family of commands against redis-server, for a short time from a seed of the moment. A failure prints seed and
 * script; {@code -Dkvasir.fuzz.seed=… -Dkvasir.fuzz.millis=…} runs it again, or longer.
 */
final class RedisComparisonTest {

    private static final long MILLIS = 2_500;

    static Stream<Family> families() {
        return Stream.of(KeyFamily.family(), HashFamily.family());
    }

    @ParameterizedTest
    @MethodSource("families")
    void answersAsRedis(Family family) throws IOException {
        Optional<RedisServer> started = RedisServer.start();
        assumeTrue(started.isPresent(), "no redis-server on this machine");
        try (RedisServer server = started.get();
                Target redis = server.connect();
                InProcessTarget kvasir = new InProcessTarget()) {
            Duration time = Differential.time(MILLIS);
            Differential differential = new Differential(kvasir, redis).afterScript(() -> kvasir.transaction().check());
            Differential.Result result = differential.campaign(family, Differential.seed(), time);
            System.out.println(family.name() + ": " + Differential.summary(result, time));
            assertEquals("", result.failure().map(Differential.Failure::toString).orElse(""));
        }
    }
}
