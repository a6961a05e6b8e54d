package io.kvasir.placement.sim;

import io.kvasir.proto.id.StoreId;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;

/** A process of the world: its clocks, its one thread, its timer, and whether it lives. */
public final class Process implements Ticker, Timer, Executor, InstantSource {

    /** Monotonic clocks differ from true time by up to so many millionths. */
    static final int DRIFT_PPM_MAX = 5_000;

    /** Wall time at the beginning of the world, in ms since the Unix epoch. */
    public static final long GENESIS_MILLIS = 1_700_000_000_000L;

    private final World world;
    private final StoreId store;
    private final double rate;
    private final long originNanos;
    private long lastTaskNanos;
    private long wallErrorMillis;
    private long pausedUntilNanos;
    private int life = 1;
    private boolean inPause;
    private int pauseOneIn = Integer.MAX_VALUE;
    private Runnable inPauseToo = () -> {};

    Process(World world, StoreId store) {
        this.world = world;
        this.store = store;
        this.rate = 1 + world.random.nextInt(-DRIFT_PPM_MAX, DRIFT_PPM_MAX) / 1e6;
        this.originNanos = world.random.nextLong(1L << 50);
        this.wallErrorMillis = world.random.nextInt(-50, 50);
    }

    public StoreId store() {
        return store;
    }

    int life() {
        return life;
    }

    long pausedUntilNanos() {
        return pausedUntilNanos;
    }

    boolean runs() {
        return pausedUntilNanos <= world.nowNanos();
    }

    /** Stops the process for {@code nanos}. */
    public void pause(long nanos) {
        pausedUntilNanos = Math.max(pausedUntilNanos, world.nowNanos() + nanos);
    }

    /**
     * Makes the process stop once in {@code n} reads of its clock, in the middle of what it does; {@code meanwhile} is
     * run once it has stopped.
     */
    public void pauseInTasks(int n, Runnable meanwhile) {
        pauseOneIn = n;
        inPauseToo = meanwhile;
    }

    /** Ends this life of the process: nothing it has to do is done. */
    void crash() {
        life++;
        pausedUntilNanos = 0;
    }

    /** Makes the wall clock wrong by {@code millis}. */
    public void setWallErrorMillis(long millis) {
        wallErrorMillis = millis;
    }

    @Override
    public long nanoTime() {
        mayPause();
        return originNanos + (long) (world.nowNanos() * rate);
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public long millis() {
        return GENESIS_MILLIS + world.nowNanos() / World.MILLI + wallErrorMillis;
    }

    @Override
    public void after(long delayMillis, Runnable task) {
        world.at(this, world.nowNanos() + (long) (delayMillis * World.MILLI / rate), task);
    }

    @Override
    public void execute(Runnable task) {
        lastTaskNanos = Math.max(lastTaskNanos, world.nowNanos() + world.millisBetween(0, 0.05));
        world.at(this, lastTaskNanos, task);
    }

    /** Stops here for up to 4 s, now and then, while the others go on. */
    void mayPause() {
        if (!inPause && pauseOneIn != Integer.MAX_VALUE && world.oneIn(pauseOneIn)) {
            inPause = true;
            long nanos = world.millisBetween(1, 4_000);
            pause(nanos);
            inPauseToo.run();
            world.runFor(nanos);
            inPause = false;
        }
    }
}
