package io.kvasir.tools.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.tools.demo.Mutation.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison must find what differs, and forgive what may: two servers of Redis stand for both sides. */
final class KeyComparisonTest {

    private static final List<String> COMMON = List.of(
            "SET string v PXAT 9000000000000",
            "HSET hash a 1 b 2",
            "SADD set a b c",
            "ZADD zset 1 a 2 b",
            "RPUSH list a b",
            "SETBIT bits 77 1",
            "PFADD depended:x a b c",
            "GEOADD mirrors 13.40 52.52 de",
            "INCR count");

    @TempDir
    private Path folder;

    @Test
    void equalServersHaveNoDifference() throws IOException {
        assertEquals(0, differences(new Ledger(0)));
    }

    @Test
    void everyKindOfDifferenceIsFound() throws IOException {
        for (String change : List.of(
                "APPEND string v",
                "PEXPIREAT string 9000000000001",
                "PERSIST string",
                "HSET hash b 3",
                "SADD set d",
                "ZADD zset 3 a",
                "RPUSH list a",
                "SETBIT bits 78 1",
                "PFADD depended:x d e f g h",
                "ZREM mirrors de",
                "DEL list",
                "SET other v")) {
            assertEquals(1, differences(new Ledger(0), change), change);
        }
    }

    @Test
    void aKeyMayLackWhatIsUndeterminedAndNothingElse() throws IOException {
        Ledger ledger = new Ledger(0);
        ledger.undetermined(Mutation.of(Kind.PUSH, List.of("RPUSH", "list", "a", "b")));
        ledger.undetermined(Mutation.of(Kind.INCREMENT, List.of("INCR", "count")));
        assertEquals(0, differences(ledger, "DEL list", "DECR count"));
        assertEquals(0, differences(ledger, "DEL count"));
        assertEquals(1, differences(ledger, "RPOP list"));
        assertEquals(1, differences(ledger, "INCR count"));
        assertEquals(1, differences(ledger, "DECRBY count 2"));
    }

    /** Returns how many keys differ after {@code changes} to one of two equal servers. */
    private int differences(Ledger ledger, String... changes) throws IOException {
        Optional<Path> binary = OracleServer.find();
        assumeTrue(binary.isPresent(), "no redis-server on this machine");
        try (OracleServer ours = OracleServer.start(binary.get(), folder.resolve("ours"));
                OracleServer theirs = OracleServer.start(binary.get(), folder.resolve("theirs"));
                Connection left = new Connection(ours.port());
                Connection right = new Connection(theirs.port())) {
            for (String line : COMMON) {
                left.call(line.split(" "));
                right.call(line.split(" "));
            }
            for (String line : changes) {
                left.call(line.split(" "));
            }
            KeyComparison.Result result = new KeyComparison(side(ours), side(theirs), ledger).run();
            assertTrue(result.keys() >= COMMON.size(), result::toString);
            return result.differences();
        }
    }

    private static Side side(OracleServer server) {
        return new Side(List.of(server.port()), 0);
    }
}
