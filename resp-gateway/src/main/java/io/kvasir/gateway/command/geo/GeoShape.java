package io.kvasir.gateway.command.geo;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;

/** A circle or a rectangle around a place, in a unit. */
sealed interface GeoShape {

    GeoUnit unit();

    /** Returns half its extent from east to west, in metres. */
    double halfWidth();

    /** Returns half its extent from north to south, in metres. */
    double halfHeight();

    /** Returns the distance from its middle to the farthest place in it, in metres. */
    double radius();

    /** Returns the distance of {@code point} from {@code center} in metres, NaN if it is outside. */
    double distanceInside(GeoPoint center, GeoPoint point);

    /** All places up to {@code extent} away. */
    record Circle(double extent, GeoUnit unit) implements GeoShape {

        private static final CommandError NOT_A_RADIUS = new CommandError("ERR need numeric radius");
        private static final CommandError NEGATIVE = new CommandError("ERR radius cannot be negative");

        /** Reads a radius and a unit. */
        static Circle parse(Arguments arguments) throws CommandError {
            double extent = number(arguments, NOT_A_RADIUS);
            if (extent < 0) {
                throw NEGATIVE;
            }
            return new Circle(extent, GeoUnit.parse(arguments));
        }

        @Override
        public double halfWidth() {
            return radius();
        }

        @Override
        public double halfHeight() {
            return radius();
        }

        @Override
        public double radius() {
            return extent * unit.metres();
        }

        @Override
        public double distanceInside(GeoPoint center, GeoPoint point) {
            double distance = center.distance(point);
            return distance > radius() ? Double.NaN : distance;
        }
    }

    /** All places up to half of {@code width} to the east or west and half of {@code height} to the north or south. */
    record Box(double width, double height, GeoUnit unit) implements GeoShape {

        private static final CommandError NOT_A_WIDTH = new CommandError("ERR need numeric width");
        private static final CommandError NOT_A_HEIGHT = new CommandError("ERR need numeric height");
        private static final CommandError NEGATIVE = new CommandError("ERR height or width cannot be negative");

        /** Reads a width, a height and a unit. */
        static Box parse(Arguments arguments) throws CommandError {
            double width = number(arguments, NOT_A_WIDTH);
            double height = number(arguments, NOT_A_HEIGHT);
            if (height < 0 || width < 0) {
                throw NEGATIVE;
            }
            return new Box(width, height, GeoUnit.parse(arguments));
        }

        @Override
        public double halfWidth() {
            return unit.metres() * (width / 2);
        }

        @Override
        public double halfHeight() {
            return unit.metres() * (height / 2);
        }

        @Override
        public double radius() {
            return Math.sqrt(width / 2 * (width / 2) + height / 2 * (height / 2)) * unit.metres();
        }

        @Override
        public double distanceInside(GeoPoint center, GeoPoint point) {
            if (point.latitudeDistance(center) > height * unit.metres() / 2) {
                return Double.NaN;
            }
            GeoPoint beside = new GeoPoint(center.longitude(), point.latitude());
            return point.distance(beside) > width * unit.metres() / 2 ? Double.NaN : center.distance(point);
        }
    }

    private static double number(Arguments arguments, CommandError error) throws CommandError {
        try {
            return NumberText.parseDouble(arguments.next());
        } catch (CommandError notANumber) {
            throw error;
        }
    }
}
