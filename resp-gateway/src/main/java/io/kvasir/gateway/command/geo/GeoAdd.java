package io.kvasir.gateway.command.geo;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.zset.ZAdd;

/** {@code GEOADD key [NX|XX] [CH] longitude latitude member …}: ZADD with the score of each place. */
public final class GeoAdd {

    public static final CommandSpec SPEC = CommandSpec.of("GEOADD", -5, "3.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.GEO)
            .key(KeySpec.Access.READ_WRITE);

    private GeoAdd() {}

    public static DataCommand parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        boolean nx = false;
        boolean xx = false;
        boolean changed = false;
        while (true) {
            if (arguments.accept("NX")) {
                nx = true;
            } else if (arguments.accept("XX")) {
                xx = true;
            } else if (arguments.accept("CH")) {
                changed = true;
            } else {
                break;
            }
        }
        int places = arguments.remaining() / 3;
        if (places == 0 || arguments.remaining() % 3 != 0 || nx && xx) {
            throw CommandError.SYNTAX;
        }
        byte[][] members = new byte[places][];
        double[] scores = new double[places];
        for (int i = 0; i < places; i++) {
            scores[i] = GeoHash.of(GeoPoint.parse(arguments), GeoHash.STEP_MAX).score();
            members[i] = arguments.next();
        }
        ZAdd.Options options = new ZAdd.Options(nx, xx, false, false, changed, false);
        return new ZAdd(SPEC, arguments.database(), key, options, members, scores);
    }
}
