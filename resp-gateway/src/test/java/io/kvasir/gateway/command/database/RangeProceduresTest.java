package io.kvasir.gateway.command.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandRunner;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.MapRanges;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import io.kvasir.region.Invocation;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.retry.RequestRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** FLUSHDB and FLUSHALL, and what ranges do of their own accord: reclaim and sweep. */
final class RangeProceduresTest {

    private static final int FRESH = 500;

    private final CommandTable table = new CommandTable(Flush.rows(count -> FRESH));
    private final ProcedureTable procedures = new ProcedureTable(RangeProcedures.all());
    private final MapTransaction transaction = new MapTransaction(1);
    private final CommandRunner runner = new CommandRunner(transaction);
    private final MapRanges ranges = new MapRanges(transaction, table);

    @Test
    void aFlushedDatabaseIsEmptyAndTheOthersAreNot() throws CommandError {
        runner.runAll("SET a v", "SET b v", "MOVE b 1", "SET c v");
        assertEquals("OK", flush("FLUSHDB"));
        assertEquals(List.of("0", "0"), runner.runAll("EXISTS a", "EXISTS c"));
        assertEquals(FRESH, transaction.instance(0));
        assertEquals(2, transaction.instance(1));
        assertEquals(1, transaction.keys(2));
        assertEquals("OK", flush("FLUSHALL ASYNC"));
        assertEquals(FRESH + 1, transaction.instance(1));
        assertEquals(FRESH + 15, transaction.instance(15));
    }

    @Test
    void aRangeThatWasFlushedTwiceByOneCommandKeepsWhatCameBetween() throws CommandError {
        ranges.split(KeyLayout.slotStart(8_000));
        int[] calls = {0};
        ranges.afterCall(() -> {
            if (calls[0]++ == 0) {
                runner.run("SET between v");
                ranges.merge();
            }
        });
        flush("FLUSHDB");
        assertEquals("1", runner.run("EXISTS between"));
    }

    @Test
    void optionsOfAFlushAreChecked() throws CommandError {
        assertEquals("ERR syntax error", flush("FLUSHALL NOW"));
        assertEquals("ERR syntax error", flush("FLUSHDB SYNC ASYNC"));
    }

    @Test
    void anOldInstanceIsReclaimedInBoundedSteps() throws CommandError {
        for (int i = 0; i < 5_000; i++) {
            runner.run("SET k" + i + " v" + (i % 3 == 0 ? " PX 100000" : ""));
        }
        largeHash("large", 3_000);
        runner.run("SET kept v");
        runner.run("MOVE kept 1");
        flush("FLUSHDB");
        runner.run("SET young v");
        transaction.begin(transaction.timeMillis() + 200_000);
        String cursor = "0";
        int calls = 0;
        for (boolean done = false; !done; calls++) {
            int before = transaction.size();
            List<Reply> parts = ((Reply.Array) call("RECLAIM.INSTANCE", bytes(cursor), bytes("1"))).elements();
            assertTrue(before - transaction.size() <= ReclaimInstance.RECORDS_MAX + 3_001, "too much at once");
            assertTrue(transaction.events().isEmpty(), "an event of what is out of reach");
            done = parts.get(0).equals(Reply.ONE);
            cursor = Long.toString(((Reply.Int) parts.get(1)).value());
            assertEquals(done ? List.of(1) : List.of(), transaction.forgotten());
        }
        assertTrue(calls >= 3, "one step did it all");
        assertEquals(0, transaction.keys(1));
        assertEquals(2, transaction.size());
        transaction.check();
    }

    @Test
    void anInstanceInUseIsNotReclaimed() {
        runner.run("SET k v");
        assertEquals(
                "ERR the database instance is in use",
                CommandRunner.text(call("RECLAIM.INSTANCE", bytes("0"), bytes("700"), bytes("1"))));
        assertEquals("1", runner.run("EXISTS k"));
        assertEquals(List.of(), transaction.forgotten());
    }

    @Test
    void emptyInstancesAreForgottenWithOneThatIsNot() throws CommandError {
        runner.run("SET k v");
        flush("FLUSHDB");
        transaction.mapInstance(0, FRESH + 1);
        runner.run("SET k v");
        transaction.mapInstance(0, FRESH + 2);
        assertEquals(
                List.of(Reply.of(3), Reply.of(0)),
                elements(call("RECLAIM.INSTANCE", bytes("0"), bytes("70"), bytes("1"), bytes("71"), bytes("501"))));
        assertEquals(List.of(70, 1, 71), transaction.forgotten());
        assertEquals(1, transaction.keys(FRESH + 1));
        assertEquals(List.of(Reply.ONE, Reply.of(0)), elements(call("RECLAIM.INSTANCE", bytes("0"), bytes("501"))));
        assertEquals(0, transaction.size());
    }

    @Test
    void longKeysAreReclaimedWithinOneEntry() throws CommandError {
        for (int i = 0; i < 100; i++) {
            runner.run("SET " + i + "k".repeat(60_000) + " v");
        }
        flush("FLUSHDB");
        long cursor = 0;
        for (int left = 100; left > 0; left = transaction.size()) {
            cursor = ((Reply.Int) elements(call("RECLAIM.INSTANCE", bytes(Long.toString(cursor)), bytes("1")))
                            .get(1))
                    .value();
            assertTrue(left - transaction.size() <= 18, "more than one entry may hold");
            assertTrue(left > transaction.size(), "no progress");
        }
    }

    @Test
    void aCopyOfAnOlderFlushChangesNothing() throws CommandError {
        flush("FLUSHDB");
        transaction.mapInstance(0, FRESH + 7);
        runner.run("SET young v");
        flush("FLUSHDB");
        assertEquals(FRESH + 7, transaction.instance(0));
        assertEquals("1", runner.run("EXISTS young"));
    }

    @Test
    void aSweepRemovesWhatIsDueAndNothingElse() {
        runner.runAll("SET due v PX 100", "SET later v PX 200", "SET ever v");
        transaction.begin(transaction.timeMillis() + 100);
        byte[][] keys = {root("due"), root("later"), root("ever"), root("absent"), root("due")};
        assertEquals(Reply.of(5), call("EXPIRE.SWEEP", keys));
        assertEquals(List.of(KeyspaceEvent.EXPIRED), transaction.events());
        assertEquals(2, transaction.size());
        assertEquals(Reply.of(5), call("EXPIRE.SWEEP", keys));
        assertEquals(List.of(), transaction.events());
        transaction.check();
    }

    @Test
    void aSweepOfLargeValuesStopsEarlyAndSaysWhere() {
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            largeHash("large" + i, 1_000);
            runner.run("PEXPIRE large" + i + " 100");
            keys.add(root("large" + i));
        }
        transaction.begin(transaction.timeMillis() + 100);
        assertEquals(Reply.of(3), call("EXPIRE.SWEEP", keys.toArray(byte[][]::new)));
        transaction.check();
        assertEquals(2, transaction.keys(1));
    }

    @Test
    void k21ARequestIdIsForgottenOnceItsTimeHasCome() {
        byte[] key = "n".getBytes(StandardCharsets.US_ASCII);
        RequestId id = new RequestId(1, 2, 3);
        Request request = new Request("INCR", 1, 0, 0, 0, Optional.of(id), 0, new byte[][] {key});
        Invocation once = new ProcedureTable(table.procedures()).parse(request).orElseThrow();
        byte[] record = RequestRecord.key(id, List.of(key));
        assertEquals(Reply.of(1), once.run(transaction.begin()));
        transaction.begin(transaction.timeMillis() + RequestRecord.LIFE_MILLIS / 2);
        call("EXPIRE.SWEEP", record);
        assertEquals(Reply.of(1), once.run(transaction.begin()), "not done twice");
        assertEquals(1, transaction.keys(RequestRecord.INSTANCE));
        transaction.begin(transaction.timeMillis() + RequestRecord.LIFE_MILLIS);
        assertEquals(Reply.of(1), call("EXPIRE.SWEEP", record));
        assertEquals(List.of(), transaction.events());
        assertEquals(0, transaction.keys(RequestRecord.INSTANCE));
        transaction.check();
        assertEquals(Reply.of(2), once.run(transaction.begin()));
        transaction.begin(transaction.timeMillis() + RequestRecord.LIFE_MILLIS);
        assertEquals(Reply.of(3), once.run(transaction.begin()), "forgotten also before it is swept");
        assertEquals(1, transaction.keys(RequestRecord.INSTANCE));
    }

    private void largeHash(String key, int fields) {
        StringBuilder command = new StringBuilder("HSET ").append(key);
        for (int i = 0; i < fields; i++) {
            command.append(" field").append(i).append(" value").append(i);
        }
        runner.run(command.toString());
    }

    private Reply call(String procedure, byte[]... arguments) {
        transaction.begin();
        Request request = new Request(procedure, 1, 0, 0, 0, Optional.empty(), 0, arguments);
        return procedures.find(procedure, 1).orElseThrow().parse(request).run(transaction);
    }

    private String flush(String line) throws CommandError {
        byte[][] words = CommandRunner.split(line);
        Command.RangeByRange command = (Command.RangeByRange) table.require(words);
        try {
            return CommandRunner.text(
                    command.parser().parse(Arguments.of(words, 1, 0, false)).run(ranges));
        } catch (CommandError error) {
            return error.reply().text();
        }
    }

    private static byte[] root(String userKey) {
        return KeyLayout.root(1, bytes(userKey));
    }

    private static List<Reply> elements(Reply reply) {
        return ((Reply.Array) reply).elements();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
