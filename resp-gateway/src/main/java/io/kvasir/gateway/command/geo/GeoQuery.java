package io.kvasir.gateway.command.geo;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words of a search behind its key, as far as they can be read (redis geo.c, georadiusGeneric). Redis reads them
 * after it has looked at the key, and where they name a member, at the member; so errors are kept here and reported in
 * that order by {@link GeoSearch}. Filled once by {@link #parse}, then not changed.
 */
final class GeoQuery {

    private static final CommandError COUNT = new CommandError("ERR COUNT must be > 0");
    private static final CommandError ANY_WITHOUT_COUNT =
            new CommandError("ERR the ANY argument requires COUNT argument");

    /** How places are ordered by their distance. */
    enum Sorting {
        NONE,
        ASCENDING,
        DESCENDING
    }

    /** Members to search around, the last one in the end; all must be there. */
    final List<byte[]> members = new ArrayList<>();

    @Nullable
    GeoPoint center;

    @Nullable
    GeoShape shape;

    byte @Nullable [] destination;
    boolean withDistance;
    boolean withHash;
    boolean withCoordinates;
    boolean storesDistance;
    boolean any;
    long count;
    Sorting sorting = Sorting.NONE;

    /** What is wrong with the radius behind a member; it does not matter if there is no key. */
    @Nullable
    CommandError radiusError;

    /** What is wrong with the other words. */
    @Nullable
    CommandError error;

    private final GeoSearch.Form form;

    private GeoQuery(GeoSearch.Form form) {
        this.form = form;
    }

    /** Reads the words behind the source key. */
    static GeoQuery parse(GeoSearch.Form form, Arguments arguments) {
        GeoQuery query = new GeoQuery(form);
        try {
            switch (form.origin()) {
                case POINT -> {
                    query.center = GeoPoint.parse(arguments);
                    query.shape = GeoShape.Circle.parse(arguments);
                }
                case MEMBER -> query.parseMember(arguments);
                case OPTION -> {}
            }
            while (arguments.hasNext()) {
                query.parseOption(arguments);
            }
            query.check();
        } catch (CommandError error) {
            query.error = error;
        }
        return query;
    }

    private void parseMember(Arguments arguments) throws CommandError {
        members.add(arguments.next());
        byte[] radius = arguments.next();
        byte[] unit = arguments.next();
        try {
            shape = GeoShape.Circle.parse(Arguments.of(new byte[][] {radius, unit}, 0, 0, false));
        } catch (CommandError wrong) {
            radiusError = wrong;
        }
    }

    private void parseOption(Arguments arguments) throws CommandError {
        boolean valued = arguments.remaining() > 1;
        if (arguments.accept("WITHDIST")) {
            withDistance = true;
        } else if (arguments.accept("WITHHASH")) {
            withHash = true;
        } else if (arguments.accept("WITHCOORD")) {
            withCoordinates = true;
        } else if (arguments.accept("ANY")) {
            any = true;
        } else if (arguments.accept("ASC")) {
            sorting = Sorting.ASCENDING;
        } else if (arguments.accept("DESC")) {
            sorting = Sorting.DESCENDING;
        } else if (valued && arguments.accept("COUNT")) {
            count = arguments.nextLong();
            if (count <= 0) {
                throw COUNT;
            }
        } else if (!(form.origin() == GeoSearch.Origin.OPTION ? parseOrigin(arguments) : parseStore(arguments))) {
            throw CommandError.SYNTAX;
        }
    }

    /** Reads an option that only the GEORADIUS commands have. */
    private boolean parseStore(Arguments arguments) throws CommandError {
        boolean allowed = form.mayStore() && arguments.remaining() > 1;
        if (allowed && arguments.accept("STORE")) {
            storesDistance = false;
        } else if (allowed && arguments.accept("STOREDIST")) {
            storesDistance = true;
        } else {
            return false;
        }
        destination = arguments.nextKey();
        return true;
    }

    /** Reads an option that only GEOSEARCH and GEOSEARCHSTORE have. */
    private boolean parseOrigin(Arguments arguments) throws CommandError {
        int remaining = arguments.remaining();
        boolean byCircle = shape instanceof GeoShape.Circle;
        boolean byBox = shape instanceof GeoShape.Box;
        if (form.mayStore() && arguments.accept("STOREDIST")) {
            storesDistance = true;
        } else if (remaining > 1 && center == null && arguments.accept("FROMMEMBER")) {
            members.add(arguments.next());
        } else if (remaining > 2 && members.isEmpty() && arguments.accept("FROMLONLAT")) {
            center = GeoPoint.parse(arguments);
        } else if (remaining > 2 && !byBox && arguments.accept("BYRADIUS")) {
            shape = GeoShape.Circle.parse(arguments);
        } else if (remaining > 3 && !byCircle && arguments.accept("BYBOX")) {
            shape = GeoShape.Box.parse(arguments);
        } else {
            return false;
        }
        return true;
    }

    private void check() throws CommandError {
        boolean search = form.origin() == GeoSearch.Origin.OPTION;
        boolean stores = destination != null || search && form.mayStore();
        if (stores && (withDistance || withHash || withCoordinates)) {
            throw new CommandError("ERR " + (search ? form.name() : "STORE option in GEORADIUS")
                    + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
        }
        if (search && members.isEmpty() && center == null) {
            throw new CommandError("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + form.name());
        }
        if (search && shape == null) {
            throw new CommandError("ERR exactly one of BYRADIUS and BYBOX can be specified for " + form.name());
        }
        if (any && count == 0) {
            throw ANY_WITHOUT_COUNT;
        }
        if (count != 0 && sorting == Sorting.NONE && !any) {
            sorting = Sorting.ASCENDING;
        }
    }
}
