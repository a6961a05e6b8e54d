package io.kvasir.gateway.command.database;

import io.kvasir.region.Procedure;
import java.util.List;

/** The procedures that ranges run of their own accord and no client can call. */
public final class RangeProcedures {

    private RangeProcedures() {}

    /** Returns them all, for the table of procedures beside those of the commands. */
    public static List<Procedure> all() {
        return List.of(ReclaimInstance.procedure(), SweepExpired.procedure());
    }
}
