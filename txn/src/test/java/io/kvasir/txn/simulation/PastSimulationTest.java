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

    /** Longer than leaders remember. */
    private static final long RETENTION_MILLIS = 7_000;

    @Test
    void k8AReadOfAPastThatIsKeptOnDiskIsOneMomentOverAllRangesOrRefused() {
        int answered = 0;
        int old = 0;
        int refused = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Bank bank = new Bank(seed, 10_000);
            try {
                bank.cluster.keepPast(RETENTION_MILLIS);
                answered += bank.run();
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
            old += bank.old;
            refused += bank.refused;
        }
        assertTrue(old > 0, "no read of what leaders had forgotten was answered, of " + answered);
        assertTrue(refused > 0, "no read below the horizon was refused, of " + answered);
    }

    @Test
    void k8AReadOfAPastOnDiskWaitsForTransactionsThatMayBelongToIt() {
        int answered = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Bank bank = new Bank(seed, 40);
            bank.cluster.forgetful = true;
            try {
                bank.cluster.keepPast(RETENTION_MILLIS);
                answered += bank.run();
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        assertTrue(answered > 0, "no read of the past was answered");
    }

    @Test
    void aReadOfThePastIsOneMomentOverAllRangesOrRefused() {
        int answered = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                answered += new Bank(seed, PAST_MILLIS_MAX).run();
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
        private final long pastMillisMax;
        private int answered;

        /** Of those, how many were of a time that leaders remember no more. */
        private int old;

        private int refused;

        Bank(long seed, long pastMillisMax) {
            this.pastMillisMax = pastMillisMax;
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
            long millis = simulation.random.nextLong(pastMillisMax);
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
                            old += millis > 6_000 ? 1 : 0;
                        } else if (reply instanceof Reply.Error(String text) && text.contains("horizon")) {
                            refused++;
                        }
                        simulation.at(simulation.delay(), () -> sum(gateway));
                    });
        }

        private static byte[] account(int number) {
            return ("account" + number).getBytes(StandardCharsets.US_ASCII);
        }
    }
}
