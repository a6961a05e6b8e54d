package io.kvasir.txn.simulation;

import io.kvasir.txn.Strands;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Strands of a simulation: each has a thread, and all of them and the simulation's own pass one baton, so that exactly
 * one runs. A strand that waits gives the baton back and gets it again by an event. At times one dies where it waits,
 * as a gateway does: what it has sent is on its way.
 */
final class BatonStrands implements Strands {

    /** Thrown into a strand that dies. */
    private static final class Died extends Error {

        private static final long serialVersionUID = 1;

        private Died() {
            super("died", null, false, false);
        }
    }

    private static final class Strand {

        private final Semaphore baton = new Semaphore(0);
    }

    private final Simulation simulation;
    private final Semaphore baton = new Semaphore(0);
    private final ThreadLocal<Strand> current = new ThreadLocal<>();
    private @Nullable Throwable failure;
    private int deathOneIn;

    BatonStrands(Simulation simulation) {
        this.simulation = simulation;
    }

    /** From now on one in {@code oneIn} waits is a strand's last. */
    void deadly(int oneIn) {
        deathOneIn = oneIn;
    }

    void calm() {
        deathOneIn = 0;
    }

    @Override
    public void start(Runnable task) {
        Strand strand = new Strand();
        simulation.at(0, () -> {
            Thread.ofVirtual().start(() -> {
                current.set(strand);
                strand.baton.acquireUninterruptibly();
                try {
                    task.run();
                } catch (Died died) {
                    // as it should
                } catch (Throwable thrown) {
                    failure = thrown;
                } finally {
                    baton.release();
                }
            });
            resume(strand);
        });
    }

    private void resume(Strand strand) {
        strand.baton.release();
        baton.acquireUninterruptibly();
        if (failure != null) {
            throw new AssertionError("a strand failed", failure);
        }
    }

    @Override
    public <T> T await(CompletableFuture<T> future) {
        mayDie();
        if (!future.isDone()) {
            Strand strand = current.get();
            future.whenComplete((value, thrown) -> simulation.at(0, () -> resume(strand)));
            baton.release();
            strand.baton.acquireUninterruptibly();
        }
        mayDie();
        return future.join();
    }

    private void mayDie() {
        if (deathOneIn != 0 && simulation.chance(deathOneIn)) {
            throw new Died();
        }
    }
}
