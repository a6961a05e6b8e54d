package io.kvasir.gateway.fuzz;

import java.util.List;
import java.util.function.Function;

/** How the random commands of a script are sent: one by one, in transactions, or called by Lua. */
public interface Arrangement {

    /**
     * Returns lines that run {@code commands} commands.
     *
     * @param draw draws the next command
     */
    List<Words> lines(Chance chance, int commands, Function<Chance, Words> draw);
}
