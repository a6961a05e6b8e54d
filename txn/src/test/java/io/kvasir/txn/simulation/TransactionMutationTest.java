package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The simulation finds each rule that is taken out. A seed that found it is tried first, then those after it;
 * {@code -Dkvasir.mutation.seeds=N} tries N seeds from the first and says which found it, with
 * {@code -Dkvasir.mutation.unseeded=true} for those alone of which no seed is known.
 */
@Tag("simulation")
class TransactionMutationTest {

    /** Seeds tried: what one finds may move to another when the code around a rule changes. */
    private static final int SEEDS = 60;

    /** Returns what some seed is known to find; when searching, all. */
    private static Stream<Mutation> mutations() {
        boolean searching = Integer.getInteger("kvasir.mutation.seeds") != null;
        boolean unseeded = Boolean.getBoolean("kvasir.mutation.unseeded");
        return Stream.of(Mutation.values())
                .filter(mutation -> searching ? !unseeded || mutation.seed() == 0 : mutation.seed() != 0);
    }

    @ParameterizedTest
    @MethodSource("mutations")
    void aRuleThatIsTakenOutIsFound(Mutation mutation) {
        Integer search = Integer.getInteger("kvasir.mutation.seeds");
        long first = search == null ? mutation.seed() : 1;
        for (long seed = first; seed < first + (search == null ? SEEDS : search); seed++) {
            String found = run(mutation, seed);
            if (found != null) {
                if (search != null) {
                    System.out.println("FOUND " + mutation + " " + seed + " " + found);
                }
                return;
            }
        }
        fail(mutation + " is not found");
    }

    private static @Nullable String run(Mutation mutation, long seed) {
        try {
            switch (mutation.workload()) {
                case HISTORIES -> {
                    TransactionHistory unused = new TransactionHistory(seed, mutation).check();
                }
                case FLUSHES -> new Flushes(seed, mutation).check();
                case LATE_STEPS -> new LateSteps(seed, mutation).check();
            }
            return null;
        } catch (RuntimeException | AssertionError found) {
            return found.getMessage() + (found.getCause() == null ? "" : " / " + found.getCause());
        }
    }
}
