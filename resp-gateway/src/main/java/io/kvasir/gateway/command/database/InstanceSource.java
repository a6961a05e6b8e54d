package io.kvasir.gateway.command.database;

import io.kvasir.gateway.command.CommandError;

/**
 * Gives out database instance numbers that were never used before (rule K19): the placement driver's in production, a
 * counter in tests.
 */
@FunctionalInterface
public interface InstanceSource {

    /**
     * Returns the first of {@code count} successive fresh numbers, above all given out before. May wait.
     *
     * @throws CommandError if none can be had now
     */
    int allocate(int count) throws CommandError;
}
