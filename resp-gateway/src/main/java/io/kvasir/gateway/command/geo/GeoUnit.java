package io.kvasir.gateway.command.geo;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.reply.Reply;

/** The units of distances. */
enum GeoUnit {
    M(1),
    KM(1000),
    FT(0.3048),
    MI(1609.34);

    private static final CommandError UNKNOWN =
            new CommandError("ERR unsupported unit provided. please use M, KM, FT, MI");
    private static final double SHOWN_PARTS = 10_000;

    private final double metres;

    GeoUnit(double metres) {
        this.metres = metres;
    }

    double metres() {
        return metres;
    }

    static GeoUnit parse(Arguments arguments) throws CommandError {
        for (GeoUnit candidate : values()) {
            if (arguments.accept(candidate.name())) {
                return candidate;
            }
        }
        throw UNKNOWN;
    }

    /** Returns a distance with 4 digits behind the point (redis util.c, fixedpoint_d2string). */
    static Reply reply(double distance) {
        long parts = (long) Math.rint(distance * SHOWN_PARTS);
        String digits = Long.toString(Math.abs(parts));
        String padded = "0".repeat(Math.max(0, 5 - digits.length())) + digits;
        int point = padded.length() - 4;
        return Reply.bulk((parts < 0 ? "-" : "") + padded.substring(0, point) + "." + padded.substring(point));
    }
}
