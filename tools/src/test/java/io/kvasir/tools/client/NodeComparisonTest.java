package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.fuzz.Differential;
import io.kvasir.gateway.fuzz.Family;
import io.kvasir.gateway.fuzz.HashFamily;
import io.kvasir.gateway.fuzz.KeyFamily;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Target;
import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random commands of every family at running nodes and at redis-server, from a seed of the moment. All keys are in one
 * range, so that commands of several keys are allowed, and with three nodes the client is at a node that may not lead
 * it. {@code -Dkvasir.fuzz.seed=…} and {@code -Dkvasir.fuzz.millis=…} run it again, or longer.
 */
@Tag("fuzz")
final class NodeComparisonTest {

    private static final long MILLIS_PER_FAMILY = 7_500;
    private static final String HOST = "127.0.0.1";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"1, 0", "3, 2"})
    void answersAsRedis(int nodes, int node) throws Exception {
        Optional<RedisProcess> started = RedisProcess.start(folder);
        assumeTrue(started.isPresent(), "no redis-server to compare with");
        Duration time = Differential.time(MILLIS_PER_FAMILY);
        long seed = Differential.seed();
        try (RedisProcess server = started.orElseThrow();
                LaunchedCluster cluster = LaunchedCluster.startWithRanges(nodes, 1)) {
            for (Family family : List.of(KeyFamily.family(), HashFamily.family())) {
                try (Target redis = new RespTarget("redis", HOST, server.port());
                        Target kvasir = new RespTarget("kvasir", HOST, cluster.port(node))) {
                    Differential.Result result = new Differential(kvasir, redis).campaign(family, seed, time);
                    System.out.println(family + ", seed " + seed + ": " + Differential.summary(result, time));
                    assertEquals(
                            "",
                            result.failure().map(Differential.Failure::toString).orElse(""));
                }
            }
        }
    }
}
