package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.fuzz.Differential;
import io.kvasir.gateway.fuzz.Families;
import io.kvasir.gateway.fuzz.Family;
import io.kvasir.gateway.fuzz.HashTag;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Target;
import io.kvasir.tools.fuzz.PatientTarget;
import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random commands of every family at running nodes and at redis-server, plainly, within MULTI and called by Lua, in
 * pieces of several lines, from a seed of the moment: one node with one range, and three nodes with three ranges, with
 * all keys of a script in one slot. With three nodes the client is at a node that may not lead it.
 * {@code -Dkvasir.fuzz.seed=…} and {@code -Dkvasir.fuzz.millis=…} run it again, or longer; {@code ./kvasir fuzz} is the
 * same for as long as one likes.
 */
@Tag("fuzz")
final class NodeComparisonTest {

    private static final long MILLIS_PER_FAMILY = 500;
    private static final int BATCH_LINES = 20;
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
                LaunchedCluster cluster = LaunchedCluster.start(nodes)) {
            HashTag tag = new HashTag();
            List<Family> families = Families.all().stream()
                    .flatMap(family -> Stream.of(family, family.inTransactions(), family.inScripts()))
                    .toList();
            for (Family one : families) {
                Family family = nodes == 1 ? one : tag.in(one);
                try (Target redis = new RespTarget("redis", HOST, server.port());
                        Target kvasir = new PatientTarget(new RespTarget("kvasir", HOST, cluster.port(node)))) {
                    Differential.Result result =
                            new Differential(kvasir, redis).batches(BATCH_LINES).campaign(family, seed, time);
                    System.out.println(family + ", seed " + seed + ": " + Differential.summary(result, time));
                    assertEquals(
                            "",
                            result.failure().map(Differential.Failure::toString).orElse(""));
                }
            }
        }
    }
}
