package io.kvasir.store.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class FaultHandlerTest {

    @Test
    void aProcessWhoseLogFailsToSyncHaltsWithinASecond() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HaltingProcess.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals("failing", output.readLine());
            assertTrue(process.waitFor(Duration.ofSeconds(1)));
            assertEquals(FaultHandler.EXIT_STATUS, process.exitValue());
            assertEquals(null, output.readLine());
        } finally {
            process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
    }
}
