package io.kvasir.tools.transfer;

import static io.kvasir.tools.transfer.RedisConnection.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.RedisProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Libraries of functions from a redis-server into Kvasir, from there into a file, and that into another. */
@Tag("clients")
final class FunctionTransferTest {

    @TempDir
    private Path folder;

    private String printed = "";

    @Test
    void librariesOfFunctionsGoBothWays() throws Exception {
        Path second = Files.createDirectories(folder.resolve("second"));
        try (RedisProcess redis = TransferTest.redis(folder);
                LaunchedCluster cluster = LaunchedCluster.startWithRanges(1, 3);
                RedisConnection source = TransferTest.open(redis.port());
                RedisConnection kvasir = TransferTest.open(cluster.port(0))) {
            String code =
                    "#!lua name=%s\nredis.register_function('%s', function(keys, args) return args[1] .. '%s' end)";
            for (String name : List.of("one", "two")) {
                load(source, code.formatted(name, "f" + name, "!"));
            }
            load(kvasir, code.formatted("one", "fone", "?")); // replaced
            load(kvasir, code.formatted("three", "fthree", "3")); // stays
            source.require(bytes("SAVE"));
            String file = folder.resolve("dump.rdb").toString();
            String at = "--at=redis://127.0.0.1:" + cluster.port(0);
            assertEquals("", run(0, "import", file, at));
            assertTrue(printed.contains("2 function libraries loaded"), printed);
            assertEquals("x!", call(kvasir, "fone"));
            assertEquals("x3", call(kvasir, "fthree"));

            Path exported = second.resolve("dump.rdb");
            assertEquals("", run(0, "export", exported.toString(), at));
            try (RedisProcess loaded = TransferTest.redis(second);
                    RedisConnection reader = TransferTest.open(loaded.port())) {
                assertEquals("x!", call(reader, "ftwo"));
                assertEquals("x3", call(reader, "fthree"));
            }

            kvasir.require(bytes("FUNCTION"), bytes("FLUSH"));
            Path state = folder.resolve("state");
            assertEquals("", run(0, "import", "--from=redis://127.0.0.1:" + redis.port(), at, "--state=" + state));
            assertEquals("x!", call(kvasir, "ftwo"));

            // A function of this name is in another library already: that library stays out, and the import says so.
            kvasir.require(bytes("FUNCTION"), bytes("FLUSH"));
            load(kvasir, code.formatted("other", "fone", "?"));
            assertEquals("", run(1, "import", file, at));
            assertTrue(printed.contains("a function library: ERR Function fone already exists"), printed);
            assertEquals("x?", call(kvasir, "fone"));
            assertEquals("x!", call(kvasir, "ftwo"));
        }
    }

    private static void load(RedisConnection server, String code) throws IOException {
        server.require(bytes("FUNCTION"), bytes("LOAD"), bytes("REPLACE"), bytes(code));
    }

    private static String call(RedisConnection server, String function) throws IOException {
        return TransferTest.text(server.require(bytes("FCALL"), bytes(function), bytes("0"), bytes("x")));
    }

    /** Runs a command, which must end with {@code code}; returns what it says of faults. */
    private String run(int code, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int actual = Transfer.run(
                List.of(arguments),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        printed = out.toString(StandardCharsets.UTF_8);
        assertEquals(code, actual, printed + err);
        return err.toString(StandardCharsets.UTF_8);
    }
}
