package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a gateway takes a database for may be out of date: that is found out before it matters (rule K19). */
final class DatabaseGuessTest {

    private static final int REGIONS = 3;
    private static final List<byte[]> PAIR = TransactionHistory.names(4, "pair");
    private static final int SECONDS_MAX = 60;

    private final SimulatedCluster cluster = new SimulatedCluster(5, REGIONS);

    @Test
    void aGatewayThatKnowsOneOfTwoDatabasesSwapsBoth() {
        cluster.calm();
        put(0, 7);
        assertEquals(Reply.OK, call(0, TestProcedure.SWAP));
        assertEquals(0, value(1));
        // Gateway 1 has learned that database 0 is instance 1, and takes database 1 for it still.
        assertEquals(Reply.OK, call(1, TestProcedure.SWAP));
        assertEquals(7, value(2));
    }

    @Test
    void whoReadsInOneDatabaseAndMapsAnotherIsNotRefusedForAWrongGuess() {
        cluster.calm();
        put(0, 7);
        assertEquals(Reply.OK, call(0, TestProcedure.SWAP));
        assertEquals(0, value(1));
        assertEquals(new Reply.Int(0), call(1, TestProcedure.REPLACE, pairAnd(70_000)));
        assertEquals(Reply.OK, call(2, TestProcedure.SWAP));
        assertEquals(0, value(0));
    }

    @Test
    void aGatewayThatIsWrongAboutTwoDatabasesLearnsBothAtOnce() {
        cluster.calm();
        put(0, 7);
        assertEquals(1, attemptsToSwap(0));
        assertEquals(1, attemptsToSwap(0));
        assertEquals(1, attemptsToSwap(0));
        assertEquals(2, attemptsToSwap(1));
        assertEquals(1, attemptsToSwap(1));
    }

    private long attemptsToSwap(int gateway) {
        long before = cluster.oracle.askedByGateways;
        assertEquals(Reply.OK, call(gateway, TestProcedure.SWAP));
        return cluster.oracle.askedByGateways - before;
    }

    private void put(int gateway, long value) {
        assertEquals(Reply.OK, call(gateway, TestProcedure.PUT, pairAnd(value)));
    }

    private static byte[][] pairAnd(long number) {
        byte[][] arguments = new byte[PAIR.size() + 1][];
        PAIR.toArray(arguments);
        arguments[PAIR.size()] = TestProcedure.text(number);
        return arguments;
    }

    /** Returns the value that all keys have in database 0. */
    private long value(int gateway) {
        Reply reply = call(gateway, TestProcedure.GET, PAIR.toArray(byte[][]::new));
        List<Reply> values = ((Reply.Array) reply).elements();
        assertEquals(1, values.stream().distinct().count(), reply::toString);
        return ((Reply.Int) values.getFirst()).value();
    }

    /** Returns the reply; a coordinator has given up long before this does. */
    private Reply call(int gateway, TestProcedure procedure, byte[]... arguments) {
        Reply[] reply = {Reply.error("ERR no reply in time")};
        Request request = procedure.request(500L + gateway, arguments);
        cluster.gateways.get(gateway).execute(request, procedure.parse(request), answer -> reply[0] = answer);
        cluster.simulation.run(TimeUnit.SECONDS.toNanos(SECONDS_MAX));
        return reply[0];
    }
}
