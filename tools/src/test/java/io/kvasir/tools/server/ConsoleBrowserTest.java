package io.kvasir.tools.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.tools.process.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser: Chromium without a screen, which prints the document after some seconds of its own time. */
@Tag("clients")
final class ConsoleBrowserTest {

    private static final int SECONDS_MAX = 40;

    @TempDir
    private Path profile;

    /** Returns the document at {@code url} as the browser has it after {@code millis} of its own time. */
    private String document(String url, int millis) throws Exception {
        Optional<Path> browser = Stream.of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Program.find(name).stream())
                .findFirst();
        assumeTrue(
                browser.isPresent(),
                "no Chromium on this machine: sudo apt-get install chromium-headless-shell, or chromium");
        List<String> command = new ArrayList<>(List.of(
                browser.orElseThrow().toString(),
                "--headless",
                "--no-sandbox", // a container has no other, and what is shown is ours
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + profile,
                "--virtual-time-budget=" + millis,
                "--enable-logging=stderr",
                "--dump-dom",
                url));
        Program.Result result = Program.run(command, Path.of("/dev/null"), Map.of(), SECONDS_MAX);
        assertEquals(0, result.exitCode(), result.printed());
        return result.printed();
    }

    private static void assertHas(String document, String regex) {
        assertTrue(Pattern.compile(regex).matcher(document).find(), () -> "no " + regex + " in " + document);
    }

    @Test
    void thePageShowsTheClusterAndTakesNoNameForMarkup() throws Exception {
        try (HostileCluster cluster = new HostileCluster()) {
            String document = document("http://127.0.0.1:" + cluster.port() + "/", 3_000);
            assertHas(document, "<title>Kvasir</title>");
            assertHas(document, "<span id=\"link\" class=\"pill good\"[^>]*>live</span>");
            assertHas(document, "<strong>1 / 1</strong>");
            assertHas(document, "<strong>9 / 9</strong>");
            assertHas(document, "&lt;script&gt;document.title='pwned'&lt;/script&gt;");
            assertHas(document, "&lt;img src=x onerror=");
            assertHas(document, "zone=&lt;b onclick=");
            assertHas(document, "&lt;i&gt;h&lt;/i&gt;:1");
            assertHas(document, ">9,000<");
            assertHas(document, "aria-label=\"Heat map of reads and writes by key and time, at most [0-9.]+( k)?/s\"");
            assertHas(document, "<span[^>]* title=\"slots? [^>]*>\"&lt;img src=x onerror="); // beside the map
            assertHas(document, "Nothing older is known|who leads next begins anew");
            assertFalse(document.contains("<title>" + HostileCluster.SIGN), "a name was run");
            assertFalse(document.contains("<b onclick"), "a name was taken for markup");
            assertFalse(document.contains("Content Security Policy"), "the page breaks its own policy");
            assertFalse(document.contains("Uncaught"), "a script failed");
        }
    }

    @Test
    void aLostConnectionIsToldWithTheAgeOfWhatIsShown() throws Exception {
        try (HostileCluster cluster = new HostileCluster(2)) {
            String document = document("http://127.0.0.1:" + cluster.port() + "/", 8_000);
            assertHas(document, "<body class=\"stale\">");
            assertHas(document, "class=\"pill bad\"[^>]*>last answer \\d+(\\.\\d)? s ago<");
            assertHas(document, "the placement driver has no leader now\\. What is shown is of \\d\\d:\\d\\d:\\d\\d, ");
            assertHas(document, "<strong>9 / 9</strong>");
        }
    }
}
