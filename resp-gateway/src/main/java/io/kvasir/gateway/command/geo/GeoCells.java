package io.kvasir.gateway.command.geo;

import java.util.ArrayList;
import java.util.List;

/**
 * The cells that together cover a shape around a place: the one with the place and those of its eight neighbours that
 * the shape reaches (redis geohash_helper.c, geohashCalculateAreasByShapeWGS84; geo.c, membersOfAllNeighbors). Their
 * order is that of the places found. Stateless.
 */
final class GeoCells {

    /** Half the circumference of the earth in the Mercator projection, in metres. */
    private static final double MERCATOR_MAX = 20_037_726.37;

    /** East and north of each neighbour, in the order in which they are looked through. */
    private static final int[][] NEIGHBOURS = {
        {0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1},
    };

    private GeoCells() {}

    /**
     * Returns the cells that cover {@code shape} around {@code center}, in order, without those next to one another.
     */
    static List<GeoHash> covering(GeoPoint center, GeoShape shape) {
        GeoHash.Area bounds = bounds(center, shape);
        int step = step(shape.radius(), center.latitude());
        GeoHash cell = GeoHash.of(center, step);
        if (step > 1 && reachesBeyond(cell, bounds)) {
            step--;
            cell = GeoHash.of(center, step);
        }
        GeoHash.Area area = cell.area();
        List<GeoHash> cells = new ArrayList<>();
        int last = 0;
        for (int i = 0; i < NEIGHBOURS.length; i++) {
            int east = NEIGHBOURS[i][0];
            int north = NEIGHBOURS[i][1];
            if (step >= 2 && isOutOfReach(east, north, area, bounds)) {
                continue;
            }
            GeoHash neighbour = cell.neighbour(east, north);
            // Of a map of few cells two neighbours may be one.
            if (last > 0 && neighbour.equals(cell.neighbour(NEIGHBOURS[last][0], NEIGHBOURS[last][1]))) {
                continue;
            }
            cells.add(neighbour);
            last = i;
        }
        return cells;
    }

    private static boolean isOutOfReach(int east, int north, GeoHash.Area area, GeoHash.Area bounds) {
        return north < 0 && area.latitudeMin() < bounds.latitudeMin()
                || north > 0 && area.latitudeMax() > bounds.latitudeMax()
                || east < 0 && area.longitudeMin() < bounds.longitudeMin()
                || east > 0 && area.longitudeMax() > bounds.longitudeMax();
    }

    /** Returns whether the shape goes beyond the neighbours of {@code cell}. */
    private static boolean reachesBeyond(GeoHash cell, GeoHash.Area bounds) {
        return cell.neighbour(0, 1).area().latitudeMax() < bounds.latitudeMax()
                || cell.neighbour(0, -1).area().latitudeMin() > bounds.latitudeMin()
                || cell.neighbour(1, 0).area().longitudeMax() < bounds.longitudeMax()
                || cell.neighbour(-1, 0).area().longitudeMin() > bounds.longitudeMin();
    }

    /** Returns the rectangle around the shape: as wide as where it is widest, on the side away from the equator. */
    private static GeoHash.Area bounds(GeoPoint center, GeoShape shape) {
        double latitudes = GeoPoint.degrees(shape.halfHeight() / GeoPoint.EARTH_RADIUS);
        double farthest = center.latitude() < 0 ? center.latitude() - latitudes : center.latitude() + latitudes;
        double longitudes = GeoPoint.degrees(
                shape.halfWidth() / GeoPoint.EARTH_RADIUS / StrictMath.cos(GeoPoint.radians(farthest)));
        return new GeoHash.Area(
                center.longitude() - longitudes,
                center.longitude() + longitudes,
                center.latitude() - latitudes,
                center.latitude() + latitudes);
    }

    /** Returns the number of steps at which a cell and its neighbours cover {@code radius} metres, mostly. */
    private static int step(double radius, double latitude) {
        if (radius == 0) {
            return GeoHash.STEP_MAX;
        }
        int step = 1;
        for (double reach = radius; reach < MERCATOR_MAX; reach *= 2) {
            step++;
        }
        step -= 2;
        // Cells are narrower towards the poles.
        if (Math.abs(latitude) > 66) {
            step--;
        }
        if (Math.abs(latitude) > 80) {
            step--;
        }
        return Math.clamp(step, 1, GeoHash.STEP_MAX);
    }
}
