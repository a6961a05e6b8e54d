package io.kvasir.tools.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.region.time.SystemTicker;
import io.kvasir.tools.process.ClassPathLauncher;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./kvasir demo} with a few hundred packages and one kill. */
@Tag("clients")
final class DemoTest {

    private static final Path INSTALLED = Path.of("/var/lib/dpkg/status");
    private static final int PACKAGES = 600;
    private static final int LOAD_SECONDS_MAX = 60;

    @TempDir
    private Path folder;

    @Test
    void packagesOutliveAKill() throws IOException {
        assumeTrue(OracleServer.find().isPresent(), "no redis-server to compare with");
        boolean apt = PackageIndex.ofApt(folder.resolve("index"))
                .filter(index -> index.packages().size() >= PACKAGES)
                .isPresent();
        assumeTrue(apt || Files.isReadable(INSTALLED), "neither apt nor dpkg knows packages");
        Path source = apt ? folder.resolve("index") : INSTALLED;
        SystemTicker ticker = new SystemTicker();
        DemoPlan plan = new DemoPlan(Optional.of(source), ticker.nanoTime(), PACKAGES, LOAD_SECONDS_MAX, 50, 1);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        boolean passed = new Demo(plan, ClassPathLauncher.command(), out, ticker, ticker.wallMillis()).run();
        String page = said.toString(StandardCharsets.UTF_8);
        System.out.println(page);
        assertTrue(passed, page);
    }
}
