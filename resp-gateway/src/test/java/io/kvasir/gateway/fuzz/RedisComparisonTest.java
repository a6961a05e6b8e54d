package io.kvasir.gateway.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every family of commands against redis-server, from a seed of the moment. A failure prints seed and script;
 * {@code -Dkvasir.fuzz.seed=… -Dkvasir.fuzz.millis=…} runs it again, or longer.
 */
final class RedisComparisonTest {

    private static final long SHORT_MILLIS = 1_500;
    private static final long LONG_MILLIS = 4_000;

    static Stream<Family> families() {
        return Families.all().stream();
    }

    @ParameterizedTest
    @MethodSource("families")
    void answersAsRedis(Family family) throws IOException {
        compare(family, Differential.time(SHORT_MILLIS));
    }

    static Stream<Family> spoiledFamilies() {
        return Stream.of(
                        StringFamily.family(),
                        BitmapFamily.family(),
                        SetFamily.family(),
                        HyperLogLogFamily.family(),
                        SortedSetFamily.family(),
                        GeoFamily.family(),
                        StreamFamily.family())
                .map(Family::spoiled);
    }

    @ParameterizedTest
    @MethodSource("spoiledFamilies")
    void refusesAsRedis(Family family) throws IOException {
        compare(family, Differential.time(SHORT_MILLIS));
    }

    @Tag("fuzz")
    @ParameterizedTest
    @MethodSource("families")
    void answersAsRedisForLong(Family family) throws IOException {
        compare(family, Differential.time(LONG_MILLIS));
    }

    private static void compare(Family family, Duration time) throws IOException {
        Optional<RedisServer> started = RedisServer.start();
        assumeTrue(started.isPresent(), "no redis-server on this machine");
        try (RedisServer server = started.get();
                Target redis = server.connect();
                InProcessTarget kvasir = new InProcessTarget()) {
            Differential differential = new Differential(kvasir, redis)
                    .afterScript(() -> kvasir.transaction().check());
            Differential.Result result = differential.campaign(family, Differential.seed(), time);
            System.out.println(family.name() + ": " + Differential.summary(result, time));
            assertEquals(
                    "", result.failure().map(Differential.Failure::toString).orElse(""));
        }
    }
}
