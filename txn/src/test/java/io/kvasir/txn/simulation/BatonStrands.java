package io.kvasir.txn.simulation;

import io.kvasir.txn.Strands;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Strands of a simulation, which all run on its own thread, one at a time: one that waits pauses, and goes on by an
 * event. At times one dies where it waits, as a gateway does: what it has sent is on its way.
 */
final class BatonStrands implements Strands {

    /** Thrown into a strand that dies. */
    private static final class Died extends Error {

        private static final long serialVersionUID = 1;

        private Died() {
            super("died", null, false, false);
        }
    }

    private final Simulation simulation;
    private @Nullable Coroutine current;
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
        Coroutine strand = new Coroutine(() -> {
            try {
                task.run();
            } catch (Died died) {
                // as it should
            } catch (Throwable thrown) {
                failure = thrown;
            }
        });
        simulation.at(0, () -> resume(strand));
    }

    private void resume(Coroutine strand) {
        current = strand;
        strand.resume();
        current = null;
        if (failure != null) {
            throw new AssertionError("a strand failed", failure);
        }
    }

    @Override
    public <T> T await(CompletableFuture<T> future) {
        mayDie();
        if (!future.isDone()) {
            Coroutine strand = current;
            if (strand == null) {
                throw new IllegalStateException("nothing but a strand may wait");
            }
            future.whenComplete((value, thrown) -> simulation.at(0, () -> resume(strand)));
            Coroutine.pause();
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
