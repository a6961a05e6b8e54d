package io.kvasir.gateway.command.geo;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.reply.Reply;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** A place, in degrees. The distances between places are those on a sphere (redis geohash_helper.c). */
record GeoPoint(double longitude, double latitude) {

    /** In metres. */
    static final double EARTH_RADIUS = 6_372_797.560856;

    private static final double RADIANS_PER_DEGREE = Math.PI / 180.0;

    /** Digits behind the point of a coordinate, as printf's {@code %.17Lf} has them. */
    private static final int TEXT_DIGITS = 17;

    private static final int ERROR_DIGITS = 6;

    /** Reads longitude and latitude. */
    static GeoPoint parse(Arguments arguments) throws CommandError {
        double longitude = arguments.nextDouble();
        double latitude = arguments.nextDouble();
        if (Math.abs(longitude) > GeoHash.LONGITUDE_MAX || Math.abs(latitude) > GeoHash.LATITUDE_MAX) {
            throw new CommandError(
                    "ERR invalid longitude,latitude pair " + shortText(longitude) + "," + shortText(latitude));
        }
        return new GeoPoint(longitude, latitude);
    }

    private static String shortText(double value) {
        return Double.isInfinite(value)
                ? value > 0 ? "inf" : "-inf"
                : (value < 0 && value > -0.5e-6 || 1 / value == Double.NEGATIVE_INFINITY ? "-" : "")
                        + new BigDecimal(value)
                                .setScale(ERROR_DIGITS, RoundingMode.HALF_EVEN)
                                .toPlainString();
    }

    static double radians(double degrees) {
        return degrees * RADIANS_PER_DEGREE;
    }

    static double degrees(double radians) {
        return radians / RADIANS_PER_DEGREE;
    }

    /** Returns the distance to {@code other} in metres. */
    double distance(GeoPoint other) {
        double v = StrictMath.sin((radians(other.longitude) - radians(longitude)) / 2);
        if (v == 0) {
            return latitudeDistance(other);
        }
        double latitude1 = radians(latitude);
        double latitude2 = radians(other.latitude);
        double u = StrictMath.sin((latitude2 - latitude1) / 2);
        double a = u * u + StrictMath.cos(latitude1) * StrictMath.cos(latitude2) * v * v;
        return 2.0 * EARTH_RADIUS * StrictMath.asin(Math.sqrt(a));
    }

    /** Returns how far {@code other} is to the north or south, in metres. */
    double latitudeDistance(GeoPoint other) {
        return EARTH_RADIUS * Math.abs(radians(other.latitude) - radians(latitude));
    }

    /** Returns longitude and latitude. */
    Reply reply(boolean resp3) {
        return Reply.array(List.of(coordinate(longitude, resp3), coordinate(latitude, resp3)));
    }

    private static Reply coordinate(double value, boolean resp3) {
        BigDecimal rounded = new BigDecimal(value).setScale(TEXT_DIGITS, RoundingMode.HALF_EVEN);
        if (resp3) {
            return new Reply.Real(rounded.doubleValue());
        }
        return Reply.bulk(
                rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString());
    }
}
