package io.kvasir.tools.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page as it is served, and what it is made of. */
final class ConsolePagesTest {

    /** Ways by which a text becomes markup or a script. */
    private static final Pattern MARKUP = Pattern.compile("innerHTML|outerHTML|insertAdjacentHTML|document\\.write"
            + "|createContextualFragment|DOMParser|\\beval\\(|new Function|setAttribute\\(\"on|srcdoc");

    private static final Pattern ELSEWHERE = Pattern.compile("(?:https?:)?//(?!www\\.w3\\.org/2000/svg)[a-z0-9.-]+\\.");
    private static final Pattern REFERENCE = Pattern.compile("(?:src|href|from|import)[ =(]+\"([^\"#]+)\"");

    private HttpResponse<String> get(HostileCluster cluster, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + cluster.port() + path);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    /** Returns the status of a request with {@code head}, which need not be one that clients would send. */
    private static int status(HostileCluster cluster, String head) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), cluster.port())) {
            OutputStream out = socket.getOutputStream();
            out.write((head + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
            return Integer.parseInt(answer.substring(9));
        }
    }

    @Test
    void everyFileIsServedUnderAPolicyThatForbidsWhatIsNotOurs() throws Exception {
        try (HostileCluster cluster = new HostileCluster()) {
            Map<String, String> types = Map.of("html", "text/html", "css", "text/css", "js", "text/javascript");
            for (String file : ConsolePages.FILES) {
                HttpResponse<String> answer = get(cluster, ConsolePages.ROOT + file);
                assertEquals(200, answer.statusCode(), file);
                assertEquals(
                        ConsolePages.POLICY,
                        answer.headers().firstValue("Content-Security-Policy").orElse(""));
                assertEquals(
                        "nosniff",
                        answer.headers().firstValue("X-Content-Type-Options").orElse(""));
                String type = types.getOrDefault(file.substring(file.lastIndexOf('.') + 1), "image/svg+xml");
                assertTrue(
                        answer.headers().firstValue("Content-Type").orElse("").startsWith(type), file);
            }
            assertEquals(
                    get(cluster, ConsolePages.ROOT + "index.html").body(),
                    get(cluster, "/").body());
            assertFalse(ConsolePages.POLICY.contains("unsafe"));
            assertTrue(ConsolePages.POLICY.startsWith("default-src 'none'; script-src 'self';"));
        }
    }

    @Test
    void nothingElseIsServedAndNobodyElseIsAnswered() throws Exception {
        try (HostileCluster cluster = new HostileCluster()) {
            String host = "\r\nHost: 127.0.0.1:" + cluster.port();
            assertEquals(200, status(cluster, "GET / HTTP/1.1" + host));
            assertEquals(403, status(cluster, "GET / HTTP/1.1\r\nHost: elsewhere:" + cluster.port()));
            assertEquals(405, status(cluster, "POST / HTTP/1.1" + host + "\r\nContent-Length: 0"));
            for (String path : List.of(
                    "/x",
                    "/console/",
                    "/console/x.js",
                    "/console/../logback.xml",
                    "/console/%2e%2e/logback.xml",
                    "/console//index.html")) {
                assertEquals(404, status(cluster, "GET " + path + " HTTP/1.1" + host), path);
            }
        }
    }

    @Test
    void thePageIsMadeOfItsFilesAloneAndNeverOfText() throws Exception {
        try (HostileCluster cluster = new HostileCluster()) {
            Set<String> named = new TreeSet<>();
            for (String file : ConsolePages.FILES) {
                String text = get(cluster, ConsolePages.ROOT + file).body();
                Matcher markup = MARKUP.matcher(text);
                assertFalse(markup.find(), () -> file + " makes markup of texts: " + markup.group());
                Matcher elsewhere = ELSEWHERE.matcher(text);
                assertFalse(elsewhere.find(), () -> file + " names what is elsewhere: " + elsewhere.group());
                REFERENCE.matcher(text).results().forEach(found -> named.add(found.group(1)));
            }
            for (String reference : named) {
                String path = reference.replaceFirst("^\\./", ConsolePages.ROOT);
                assertEquals(200, get(cluster, path).statusCode(), reference);
            }
            String index = get(cluster, "/").body();
            assertFalse(Pattern.compile("<script[^>]*>[^<]|<style|style=|\\son[a-z]+=")
                    .matcher(index)
                    .find());
            Path sources = Path.of(System.getProperty("kvasir.root", ".."), "tools/src/main/resources/console");
            try (Stream<Path> files = Files.list(sources)) {
                Set<String> all =
                        files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
                assertEquals(Set.copyOf(ConsolePages.FILES), all, "a file that is not served");
            }
        }
    }

    @Test
    void theOverviewIsJsonOfBoundedSizeWhateverTheKeysAre() throws Exception {
        try (HostileCluster cluster = new HostileCluster()) {
            HttpResponse<String> answer = get(cluster, "/ctl/overview");
            assertTrue(
                    answer.body().length() < 10_000, "length " + answer.body().length());
            Map<String, Json> overview = ((Json.Members) Json.parse(answer.body())).values();
            Map<String, Json> ranges = ((Json.Members) overview.get("ranges")).values();
            assertEquals(new Json.Whole(HostileCluster.KEYS.size() + 1), ranges.get("found"));
            String lines = ranges.get("lines").text();
            assertTrue(lines.contains("<script>document.title='pwned'</script>"), lines);
            assertTrue(lines.contains("\\\\x00\\\\x07\\\\x0a"), lines);
            assertTrue(lines.contains("kkk…"), lines);
        }
    }

    @Test
    void theMapIsJsonOfAsManyColumnsAndRowsAsItSays() throws Exception {
        try (HostileCluster cluster = new HostileCluster()) {
            Map<String, Json> map = ((Json.Members) Json.parse(
                            get(cluster, "/ctl/hot/map?minutes=10&rows=32").body()))
                    .values();
            List<Json> rows = ((Json.Elements) map.get("rows")).values();
            List<Json> columns = ((Json.Elements) map.get("columns")).values();
            List<Json> values = ((Json.Elements) map.get("values")).values();
            assertTrue(rows.size() > HostileCluster.KEYS.size() && rows.size() <= 32, rows.size() + " rows");
            assertEquals(60, columns.size());
            assertEquals(columns.size(), values.size());
            for (Json column : values) {
                assertEquals(rows.size(), ((Json.Elements) column).values().size());
            }
        }
    }

    @Test
    void theResourcesAreUtf8() throws IOException {
        for (String file : ConsolePages.FILES) {
            try (InputStream in = ConsolePages.class.getResourceAsStream(ConsolePages.ROOT + file)) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                assertFalse(text.contains("\uFFFD"), file);
            }
        }
    }
}
