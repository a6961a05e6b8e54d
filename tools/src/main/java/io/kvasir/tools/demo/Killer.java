package io.kvasir.tools.demo;

import io.kvasir.region.time.Ticker;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Kills a random node every few seconds and starts it again, until told to stop; then all nodes run. A node that takes
 * longer to start is waited for: never are two down at once. Runs on a thread of its own.
 */
final class Killer implements Runnable {

    private static final long DOWN_MILLIS = 300;
    private static final long SERVING_MILLIS_MIN = 500;

    private final LocalCluster cluster;
    private final RandomGenerator random;
    private final Ticker ticker;
    private final long periodMillis;
    private final int killsMax;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile int kills;
    private volatile long longestStartNanos;
    private volatile String failure = "";

    /** @param killsMax kills after which it rests */
    Killer(LocalCluster cluster, RandomGenerator random, Ticker ticker, long periodMillis, int killsMax) {
        this.cluster = cluster;
        this.random = random;
        this.ticker = ticker;
        this.periodMillis = periodMillis;
        this.killsMax = killsMax;
    }

    @Override
    public void run() {
        try {
            long pause = periodMillis;
            while (kills < killsMax && !stop.await(pause, TimeUnit.MILLISECONDS)) {
                long begin = ticker.nanoTime();
                int node = random.nextInt(cluster.nodes());
                cluster.kill(node);
                kills++;
                stop.await(DOWN_MILLIS, TimeUnit.MILLISECONDS);
                long start = ticker.nanoTime();
                cluster.restart(node);
                longestStartNanos = Math.max(longestStartNanos, ticker.nanoTime() - start);
                long spent = TimeUnit.NANOSECONDS.toMillis(ticker.nanoTime() - begin);
                pause = Math.max(SERVING_MILLIS_MIN, periodMillis - spent);
            }
        } catch (LocalCluster.Refused refused) {
            failure = String.valueOf(refused.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets the round that is under way be the last. */
    void stop() {
        stop.countDown();
    }

    int kills() {
        return kills;
    }

    /** Returns the longest time from the command that starts a node again until it served. */
    long longestStartNanos() {
        return longestStartNanos;
    }

    /** Returns why a node could not be killed or started, empty if all went well. */
    String failure() {
        return failure;
    }
}
