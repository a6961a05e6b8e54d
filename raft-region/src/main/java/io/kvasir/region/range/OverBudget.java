package io.kvasir.region.range;

/**
 * Thrown where a command passes what it may examine or write at once. A signal, not a fault; it carries no stack trace.
 */
final class OverBudget extends RuntimeException {

    private static final long serialVersionUID = 1;

    static final OverBudget SIGNAL = new OverBudget();

    private OverBudget() {
        super("command over its budget", null, false, false);
    }
}
