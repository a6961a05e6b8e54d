package io.kvasir.tools.fuzz;

import io.kvasir.gateway.fuzz.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which family is tried next, and from which seed: all in turn, but those that differed. Guarded by itself. */
final class Turns {

    /** A family in one of the forms it is tried in. Mutable state is guarded by its {@link Turns}. */
    static final class Variant {

        private final Family family;
        private long seed;
        private boolean differs;

        private Variant(Family family, long seed) {
            this.family = family;
            this.seed = seed;
        }

        Family family() {
            return family;
        }
    }

    private final List<Variant> variants = new ArrayList<>();
    private int turn;

    Turns(List<Family> families, long seed) {
        families.forEach(family -> variants.add(new Variant(family, seed)));
    }

    /** Returns the next one; empty if all differ. */
    synchronized Optional<Variant> next() {
        for (int tried = 0; tried < variants.size(); tried++) {
            Variant variant = variants.get(turn++ % variants.size());
            if (!variant.differs) {
                return Optional.of(variant);
            }
        }
        return Optional.empty();
    }

    /** Returns the seed of the next script of {@code variant}. */
    synchronized long seed(Variant variant) {
        return variant.seed++;
    }

    /** Notes that {@code variant} differs; returns whether nobody had noted it. */
    synchronized boolean differs(Variant variant) {
        boolean first = !variant.differs;
        variant.differs = true;
        return first;
    }
}
