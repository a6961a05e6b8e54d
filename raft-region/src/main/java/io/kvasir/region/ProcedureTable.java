package io.kvasir.region;

import io.kvasir.proto.request.Request;
import io.kvasir.region.retry.OnceOnly;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** All procedures of a process by name. Filled once by assembly; immutable. */
public final class ProcedureTable {

    private final Map<String, Procedure> byName;

    /**
     * Makes a table of {@code procedures}.
     *
     * @throws IllegalArgumentException if two have one name
     */
    public ProcedureTable(Collection<? extends Procedure> procedures) {
        Map<String, Procedure> table = new HashMap<>();
        for (Procedure procedure : procedures) {
            if (table.put(procedure.name(), procedure) != null) {
                throw new IllegalArgumentException("two procedures named " + procedure.name());
            }
        }
        byName = Map.copyOf(table);
    }

    /** Returns the procedure named {@code name}, if it exists in that version. */
    public Optional<Procedure> find(String name, int version) {
        return Optional.ofNullable(byName.get(name)).filter(procedure -> procedure.version() == version);
    }

    /**
     * Returns what {@code request} asks for, once only if it has an id; empty if its procedure does not exist.
     *
     * @throws IllegalArgumentException if its arguments do not parse
     */
    public Optional<Invocation> parse(Request request) {
        return find(request.procedure(), request.version())
                .map(procedure -> OnceOnly.of(request, procedure.parse(request)));
    }
}
