package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.txn.Router;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Money moves between accounts in three ranges while leaders change; at any time of the past it adds up to nothing. */
@Tag("simulation")
final class PastSimulationTest {

    private static final int SEEDS = 10;
    private static final int REGIONS = 3;
    private static final int ACCOUNTS = 5;
    private static final long PAST_MILLIS_MAX = 500;
    private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(10);

    @Test
    void aReadOfThePastIsOneMomentOverAllRangesOrRefused() {
        int answered = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                answered += new Bank(seed).run();
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        assertTrue(answered > 0, "no read of the past was answered");
    }

    private static final class Bank {

        private final SimulatedCluster cluster;
        private final Simulation simulation;
        private boolean stopped;
        private int answered;

        Bank(long seed) {
            cluster = new SimulatedCluster(seed, REGIONS);
            simulation = cluster.simulation;
            for (int i = 0; i < 3; i++) {
                Router gateway = cluster.gateways.get(i);
                long session = 100 + i;
                simulation.at(simulation.delay(), () -> transfer(gateway, session));
            }
            simulation.at(simulation.delay(), () -> sum(cluster.gateways.get(1)));
        }

        int run() {
            simulation.run(RUN_NANOS);
            stopped = true;
            cluster.calm();
            simulation.run(TimeUnit.SECONDS.toNanos(40));
            return answered;
        }

        private void transfer(Router gateway, long session) {
            if (stopped) {
                return;
            }
            int from = simulation.random.nextInt(ACCOUNTS);
            int to = (from + 1 + simulation.random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
            Request request = TestProcedure.TRANSFER.request(
                    session, account(from), account(to), TestProcedure.text(1 + simulation.random.nextInt(3)));
            gateway.execute(
                    request,
                    TestProcedure.TRANSFER.parse(request),
                    reply -> simulation.at(simulation.delay(), () -> transfer(gateway, session)));
        }

        private void sum(Router gateway) {
            if (stopped) {
                return;
            }
            List<byte[]> accounts = new ArrayList<>();
            for (int i = 0; i < ACCOUNTS; i++) {
                accounts.add(account(i));
            }
            long millis = simulation.random.nextLong(PAST_MILLIS_MAX);
            Request request = TestProcedure.GET.request(0, accounts.toArray(byte[][]::new));
            gateway.readAt(
                    newest -> Math.min(newest, Timestamp.of(Math.max(0, Timestamp.millis(newest) - millis), 0)),
                    TestProcedure.GET.parse(request),
                    reply -> {
                        if (reply instanceof Reply.Array(List<Reply> balances)) {
                            long sum = 0;
                            for (Reply balance : balances) {
                                sum += ((Reply.Int) balance).value();
                            }
                            assertEquals(0, sum, "accounts add up to " + sum + ": " + balances);
                            answered++;
                        }
                        simulation.at(simulation.delay(), () -> sum(gateway));
                    });
        }

        private static byte[] account(int number) {
            return ("account" + number).getBytes(StandardCharsets.US_ASCII);
        }
    }
}
