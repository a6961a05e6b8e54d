package io.kvasir.gateway.command.geo;

/**
 * A cell of the earth's surface: longitude and latitude halved {@code step} times each, their bits in turn, longitude
 * first ("Geohash", with the bounds of the Mercator projection for latitudes, as redis geohash.c has it). The score of
 * a place is its cell of {@link #STEP_MAX} steps.
 *
 * @param bits 2 × {@code step} bits; more if a coordinate lies on the upper bound
 * @param step 1 to {@link #STEP_MAX}; 0 for no cell
 */
record GeoHash(long bits, int step) {

    static final int STEP_MAX = 26;
    static final double LONGITUDE_MAX = 180;
    static final double LATITUDE_MAX = 85.05112878;

    /** No cell. */
    static final GeoHash NONE = new GeoHash(0, 0);

    private static final double LATITUDE_MAX_STANDARD = 90;

    private static final long LATITUDE_BITS = 0x5555_5555_5555_5555L;
    private static final long LONGITUDE_BITS = 0xAAAA_AAAA_AAAA_AAAAL;

    private static final String ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
    private static final int TEXT_CHARS = 11;
    private static final int CHAR_BITS = 5;

    /** A rectangle of longitudes and latitudes. */
    record Area(double longitudeMin, double longitudeMax, double latitudeMin, double latitudeMax) {}

    /** Returns the cell of {@code step} steps that holds a place within the bounds. */
    static GeoHash of(GeoPoint point, int step) {
        return encode(point, step, LATITUDE_MAX);
    }

    private static GeoHash encode(GeoPoint point, int step, double latitudeMax) {
        double latitude = (point.latitude() + latitudeMax) / (latitudeMax + latitudeMax);
        double longitude = (point.longitude() + LONGITUDE_MAX) / (LONGITUDE_MAX + LONGITUDE_MAX);
        double cells = 1L << step;
        return new GeoHash(spread((long) (latitude * cells)) | spread((long) (longitude * cells)) << 1, step);
    }

    /** Returns the cell that {@code score} stands for, whatever number it is. */
    static GeoHash ofScore(double score) {
        return new GeoHash(toUnsigned(score), STEP_MAX);
    }

    /** Returns {@code number} as x86-64 converts it to a 64-bit integer without sign, infinities included. */
    private static long toUnsigned(double number) {
        if (number < 0x1p63) {
            return (long) number;
        }
        double rest = number - 0x1p63;
        return (rest < 0x1p63 ? (long) rest : Long.MIN_VALUE) ^ Long.MIN_VALUE;
    }

    /** Returns the score of this cell's first place, if it has at most {@link #STEP_MAX} steps. */
    double score() {
        return bits << 2 * (STEP_MAX - step);
    }

    /** Returns the first score behind this cell. */
    double scoreAfter() {
        return bits + 1 << 2 * (STEP_MAX - step);
    }

    Area area() {
        double cells = 1L << step;
        long latitude = gather(bits);
        long longitude = gather(bits >>> 1);
        double latitudes = LATITUDE_MAX + LATITUDE_MAX;
        double longitudes = LONGITUDE_MAX + LONGITUDE_MAX;
        return new Area(
                -LONGITUDE_MAX + longitude / cells * longitudes,
                -LONGITUDE_MAX + (longitude + 1 & 0xFFFF_FFFFL) / cells * longitudes,
                -LATITUDE_MAX + latitude / cells * latitudes,
                -LATITUDE_MAX + (latitude + 1 & 0xFFFF_FFFFL) / cells * latitudes);
    }

    /** Returns the middle of this cell. */
    GeoPoint middle() {
        Area area = area();
        return new GeoPoint(
                Math.clamp((area.longitudeMin() + area.longitudeMax()) / 2, -LONGITUDE_MAX, LONGITUDE_MAX),
                Math.clamp((area.latitudeMin() + area.latitudeMax()) / 2, -LATITUDE_MAX, LATITUDE_MAX));
    }

    /** Returns the cell that many steps to the east and north, each -1, 0 or 1, around the edges of the map. */
    GeoHash neighbour(int east, int north) {
        return new GeoHash(move(bits, LONGITUDE_BITS, east) | move(bits, LATITUDE_BITS, north), step);
    }

    /** Adds {@code delta} to the number that stands in the bits of {@code mask}; bits beyond the cell's are dropped. */
    private long move(long from, long mask, int delta) {
        long own = from & mask;
        if (delta == 0) {
            return own;
        }
        // Ones in the bits between let a carry or borrow pass over them.
        long between = ~mask >>> Long.SIZE - 2 * step;
        long moved = delta > 0 ? own + (between + 1) : (own | between) - (between + 1);
        return moved & mask >>> Long.SIZE - 2 * step;
    }

    /** Returns the usual text of a place, with latitudes to the poles; its last character is always 0, as in Redis. */
    static String text(GeoPoint point) {
        long bits = encode(point, STEP_MAX, LATITUDE_MAX_STANDARD).bits;
        StringBuilder text = new StringBuilder(TEXT_CHARS);
        for (int i = 1; i < TEXT_CHARS; i++) {
            text.append(ALPHABET.charAt((int) (bits >>> 2 * STEP_MAX - i * CHAR_BITS) & (1 << CHAR_BITS) - 1));
        }
        return text.append(ALPHABET.charAt(0)).toString();
    }

    /** Puts a zero above each of the lower 32 bits. */
    private static long spread(long value) {
        return Long.expand(value, LATITUDE_BITS);
    }

    /** Undoes {@link #spread}; what stands between is dropped. */
    private static long gather(long value) {
        return Long.compress(value, LATITUDE_BITS);
    }
}
