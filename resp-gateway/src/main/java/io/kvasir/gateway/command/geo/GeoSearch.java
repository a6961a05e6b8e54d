package io.kvasir.gateway.command.geo;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.zset.ZRangeStore;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.ScoredMember;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The members in a circle or rectangle: {@code GEOSEARCH key FROMMEMBER member | FROMLONLAT longitude latitude BYRADIUS
 * radius unit | BYBOX width height unit [ASC|DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]}, its form
 * that stores them, and the older GEORADIUS commands (redis geo.c, georadiusGeneric).
 *
 * @param destination empty if nothing is stored
 */
public record GeoSearch(
        Form form, int database, byte[] source, Optional<byte[]> destination, GeoQuery query, boolean resp3)
        implements DataCommand {

    private static final CommandError NO_MEMBER = new CommandError("ERR could not decode requested zset member");

    /** What says where to search around. */
    enum Origin {
        POINT,
        MEMBER,
        OPTION
    }

    /** The six commands. */
    public enum Form {
        GEOSEARCH(-7, "6.2.0", Origin.OPTION, false),
        GEOSEARCHSTORE(-8, "6.2.0", Origin.OPTION, true),
        GEORADIUS(-6, "3.2.0", Origin.POINT, true),
        GEORADIUS_RO(-6, "3.2.10", Origin.POINT, false),
        GEORADIUSBYMEMBER(-5, "3.2.0", Origin.MEMBER, true),
        GEORADIUSBYMEMBER_RO(-5, "3.2.10", Origin.MEMBER, false);

        private final Origin origin;
        private final boolean mayStore;
        private final CommandSpec spec;

        Form(int arity, String since, Origin origin, boolean mayStore) {
            this.origin = origin;
            this.mayStore = mayStore;
            CommandSpec row = CommandSpec.of(name(), arity, since).categories(AclCategory.GEO);
            row = mayStore ? row.flags(CommandFlag.WRITE, CommandFlag.DENYOOM) : row.flags(CommandFlag.READONLY);
            if (!mayStore) {
                spec = row.key(KeySpec.Access.READ);
            } else if (origin == Origin.OPTION) {
                spec = row.key(KeySpec.Access.WRITE).keys(2, 2, 1, KeySpec.Access.READ);
            } else {
                int options = -arity;
                spec = row.key(KeySpec.Access.READ)
                        .keys(
                                new KeySpec.After("STORE", options, 0, KeySpec.Access.WRITE),
                                new KeySpec.After("STOREDIST", options, 0, KeySpec.Access.WRITE));
            }
        }

        Origin origin() {
            return origin;
        }

        boolean mayStore() {
            return mayStore;
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private GeoSearch parse(Arguments arguments) throws CommandError {
            Optional<byte[]> destination = this == GEOSEARCHSTORE ? Optional.of(arguments.nextKey()) : Optional.empty();
            byte[] source = arguments.nextKey();
            GeoQuery query = GeoQuery.parse(this, arguments);
            if (this != GEOSEARCHSTORE) {
                destination = Optional.ofNullable(query.destination);
            }
            return new GeoSearch(this, arguments.database(), source, destination, query, arguments.resp3());
        }
    }

    /** A member found, with its distance in metres. */
    private record Found(byte[] member, double score, GeoPoint point, double distance) {}

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public List<byte[]> userKeys() {
        return destination.isPresent() ? List.of(destination.get(), source) : List.of(source);
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        SortedSetValue zset = SortedSetValue.open(keyspace, source);
        GeoPoint center = center(zset);
        List<Found> found = center == null ? List.of() : search(zset, center);
        if (destination.isPresent()) {
            KeyspaceEvent event =
                    form == Form.GEOSEARCHSTORE ? KeyspaceEvent.GEOSEARCHSTORE : KeyspaceEvent.GEORADIUSSTORE;
            return ZRangeStore.store(keyspace, destination.get(), stored(found), event);
        }
        List<Reply> elements = new ArrayList<>(found.size());
        for (Found place : found) {
            elements.add(reply(place));
        }
        return Reply.array(elements);
    }

    /**
     * Returns the place to search around, null if there is no such key.
     *
     * @throws CommandError if a member is not there, or what was wrong with the words
     */
    private @Nullable GeoPoint center(SortedSetValue zset) throws CommandError {
        GeoPoint center = query.center;
        if (zset.size() > 0) {
            for (byte[] member : query.members) {
                double score = zset.score(member);
                if (Double.isNaN(score)) {
                    throw NO_MEMBER;
                }
                center = GeoHash.ofScore(score).middle();
            }
            if (query.radiusError != null) {
                throw query.radiusError;
            }
        }
        if (query.error != null) {
            throw query.error;
        }
        return zset.size() > 0 ? center : null;
    }

    private GeoShape shape() {
        GeoShape shape = query.shape;
        if (shape == null) {
            throw new IllegalStateException("a query without errors has a shape");
        }
        return shape;
    }

    private List<Found> search(SortedSetValue zset, GeoPoint center) {
        GeoShape shape = shape();
        long enough = query.any ? query.count : Long.MAX_VALUE;
        List<Found> found = new ArrayList<>();
        for (GeoHash cell : GeoCells.covering(center, shape)) {
            if (found.size() >= enough) {
                break;
            }
            zset.visit(zset.countBelow(cell.score(), false), false, (member, score) -> {
                if (score >= cell.scoreAfter()) {
                    return false;
                }
                GeoPoint point = GeoHash.ofScore(score).middle();
                double distance = shape.distanceInside(center, point);
                if (!Double.isNaN(distance)) {
                    found.add(new Found(member, score, point, distance));
                }
                return found.size() < enough;
            });
        }
        Comparator<Found> nearest = Comparator.comparingDouble(Found::distance);
        switch (query.sorting) {
            case NONE -> {}
            case ASCENDING -> found.sort(nearest);
            case DESCENDING -> found.sort(nearest.reversed());
        }
        return query.count > 0 && query.count < found.size() ? found.subList(0, (int) query.count) : found;
    }

    private List<ScoredMember> stored(List<Found> found) {
        List<ScoredMember> members = new ArrayList<>(found.size());
        for (Found place : found) {
            double score =
                    query.storesDistance ? place.distance() / shape().unit().metres() : place.score();
            members.add(new ScoredMember(place.member(), score));
        }
        return members;
    }

    private Reply reply(Found place) {
        Reply member = Reply.bulk(place.member());
        if (!query.withDistance && !query.withHash && !query.withCoordinates) {
            return member;
        }
        List<Reply> parts = new ArrayList<>(List.of(member));
        if (query.withDistance) {
            parts.add(GeoUnit.reply(place.distance() / shape().unit().metres()));
        }
        if (query.withHash) {
            parts.add(Reply.of((long) place.score()));
        }
        if (query.withCoordinates) {
            parts.add(place.point().reply(resp3));
        }
        return Reply.array(parts);
    }
}
