package io.kvasir.gateway.command.geo;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/** {@code GEOPOS} and {@code GEOHASH key [member …]}: where each member is, as coordinates or as a geohash. */
public record GeoPos(Form form, int database, byte[] key, byte[][] members, boolean resp3)
        implements DataCommand.OfKey {

    /** The two commands. */
    public enum Form {
        GEOPOS,
        GEOHASH;

        private final CommandSpec spec = CommandSpec.of(name(), -2, "3.2.0")
                .flags(CommandFlag.READONLY)
                .categories(AclCategory.GEO)
                .key(KeySpec.Access.READ);

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private GeoPos parse(Arguments arguments) throws CommandError {
            return new GeoPos(this, arguments.database(), arguments.nextKey(), arguments.rest(), arguments.resp3());
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        List<Reply> places = new ArrayList<>(members.length);
        for (byte[] member : members) {
            places.add(reply(zset.score(member)));
        }
        return Reply.array(places);
    }

    private Reply reply(double score) {
        if (Double.isNaN(score)) {
            return form == Form.GEOPOS ? Reply.NULL_ARRAY : Reply.NULL;
        }
        GeoPoint point = GeoHash.ofScore(score).middle();
        return form == Form.GEOPOS ? point.reply(resp3) : Reply.bulk(GeoHash.text(point));
    }
}
