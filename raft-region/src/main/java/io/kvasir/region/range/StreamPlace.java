package io.kvasir.region.range;

/**
 * The place of a command in the stream of one gateway to one range (rule K28). After a range has refused a command of a
 * generation it refuses all later ones of that generation; the gateway waits for all answers, and sends what was
 * refused again in its order as a new generation.
 *
 * @param gateway number of the gateway process, unique among live ones
 * @param generation from 1; 0 for a command that belongs to no stream
 */
public record StreamPlace(long gateway, long generation) {

    /** Returns the place of a command of {@code gateway} that stands by itself: nothing is refused because of it. */
    static StreamPlace alone(long gateway) {
        return new StreamPlace(gateway, 0);
    }
}
