package io.kvasir.gateway.command.geo;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code GEODIST key member1 member2 [M|KM|FT|MI]}: the distance between two members. */
public record GeoDist(int database, byte[] key, byte[] from, byte[] to, GeoUnit unit) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("GEODIST", -4, "3.2.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.GEO)
            .key(KeySpec.Access.READ);

    public static GeoDist parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        byte[] from = arguments.next();
        byte[] to = arguments.next();
        if (arguments.remaining() > 1) {
            throw CommandError.SYNTAX;
        }
        GeoUnit unit = arguments.hasNext() ? GeoUnit.parse(arguments) : GeoUnit.M;
        return new GeoDist(arguments.database(), key, from, to, unit);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        double fromScore = zset.score(from);
        double toScore = zset.score(to);
        if (Double.isNaN(fromScore) || Double.isNaN(toScore)) {
            return Reply.NULL;
        }
        GeoPoint start = GeoHash.ofScore(fromScore).middle();
        return GeoUnit.reply(start.distance(GeoHash.ofScore(toScore).middle()) / unit.metres());
    }
}
