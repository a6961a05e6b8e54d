package io.kvasir.tools.fuzz;

import io.kvasir.gateway.fuzz.Differential;
import io.kvasir.gateway.fuzz.Family;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Target;
import io.kvasir.gateway.fuzz.Words;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;

/**
 * One of several comparisons that run at once at one site, each in a database of its own. A family whose commands reach
 * beyond their database has the nodes for itself meanwhile. Confined to the thread that runs it.
 *
 * @param number of this lane, from 0 on
 * @param redisPort at which the oracle of this lane listens
 * @param alone is held for writing by a family that must be alone, for reading by the others
 * @param endNanos when to stop, as System.nanoTime counts
 */
record Lane(int number, Site site, int redisPort, Turns turns, Tally tally, ReadWriteLock alone, long endNanos)
        implements Runnable {

    private static final long SLICE_NANOS = Duration.ofMillis(1_500).toNanos();
    private static final Duration SHRINK_MAX = Duration.ofSeconds(60);
    private static final int DIFFERENCES_MAX = 20;
    private static final int COMMANDS_PER_SCRIPT = 500;
    private static final int BATCH_LINES = 100;
    private static final int PIECES_TRIES = 2;

    /** Databases below are those that commands name. */
    private static final int DATABASE_FIRST = 3;

    @Override
    public void run() {
        for (int turn = number; left() > 0 && tally.differences() < DIFFERENCES_MAX; turn++) {
            Optional<Turns.Variant> next = turns.next();
            if (next.isEmpty()) {
                return;
            }
            Turns.Variant variant = next.get();
            boolean whole = variant.family().ofWholeServer();
            Lock lock = whole && site.nodes() > 0 ? alone.writeLock() : alone.readLock();
            lock.lock();
            try {
                slice(variant, Math.max(1, site.nodes()) == 1 ? 0 : turn % site.nodes(), whole);
            } catch (IOException broken) {
                differs(variant, 0, "no connection: " + broken);
            } finally {
                lock.unlock();
            }
        }
    }

    private long left() {
        return endNanos - System.nanoTime();
    }

    /** Runs scripts of one family for a while, or until a difference. */
    private void slice(Turns.Variant variant, int node, boolean whole) throws IOException {
        long end = System.nanoTime() + Math.min(left(), SLICE_NANOS);
        int database = DATABASE_FIRST + number;
        try (Target redis = whole
                        ? new RespTarget("redis", Site.HOST, redisPort)
                        : RespTarget.inDatabase("redis", Site.HOST, redisPort, database);
                Target kvasir = site.connect(node, database, whole)) {
            Differential differential = new Differential(kvasir, redis)
                    .commandsPerScript(COMMANDS_PER_SCRIPT)
                    .shrinkingFor(SHRINK_MAX);
            // A number beyond doubles makes Redis 7.0 fail a later SORT until a number is read another way.
            redis.send(Words.of("INCRBYFLOAT number 1"));
            boolean same = true;
            do {
                same = script(differential, variant);
            } while (same && System.nanoTime() < end);
            tally.repeats(kvasir instanceof PatientTarget patient ? patient.repeats() : 0);
        }
    }

    /** Runs one script; returns whether it made no difference. */
    private boolean script(Differential differential, Turns.Variant variant) {
        long seed = turns.seed(variant);
        long begin = System.nanoTime();
        try {
            Differential.Result result = campaign(differential, variant.family(), seed);
            String name = variant.family().name();
            String form = name.contains(",") ? name.substring(name.indexOf(',') + 2) : "as they are";
            tally.add(form, result, System.nanoTime() - begin);
            result.failure().ifPresent(failure -> differs(variant, seed, failure.toString()));
            return result.failure().isEmpty();
        } catch (Target.Inconclusive unknown) {
            if (tally.undetermined(variant.family().name() + ", seed " + seed + ": " + unknown.getMessage())) {
                differs(variant, seed, "too many unknown outcomes: " + unknown.getMessage());
                return false;
            }
            return true;
        } catch (UncheckedIOException | IllegalStateException broken) {
            differs(variant, seed, broken.getMessage() + " (" + broken.getCause() + ")");
            return false;
        }
    }

    private Differential.Result campaign(Differential differential, Family family, long seed) {
        for (int tries = 0; tries < PIECES_TRIES; tries++) {
            try {
                return differential.batches(BATCH_LINES).campaign(family, seed, Duration.ZERO);
            } catch (PatientTarget.Refused inAPiece) {
                tally.refused();
            } catch (Target.WatchFailed byChance) {
                tally.watchFailed();
            }
        }
        try {
            return differential.batches(1).campaign(family, seed, Duration.ZERO);
        } catch (Target.WatchFailed again) {
            throw new IllegalStateException("at each of several runs " + again.getMessage(), again);
        }
    }

    private void differs(Turns.Variant variant, long seed, String what) {
        if (turns.differs(variant)) {
            String name = variant.family().name();
            tally.difference(name + ", " + site.nodes() + " nodes, differs:\n" + what + "\nagain: ./kvasir fuzz --seed "
                    + seed + " --nodes " + site.nodes() + " --family " + name.split(",")[0]);
        }
    }
}
