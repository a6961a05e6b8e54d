package io.kvasir.region.range;

/**
 * The place of a command in the stream of one gateway to one range (rule K28). After a range has refused a command of a
 * generation it refuses all later ones of that generation; the gateway waits for all answers, and sends what was
 * refused again in its order as a new generation.
 *
 * @param gateway number of the gateway process, unique among live ones
 * @param generation from 1
 */
public record StreamPlace(long gateway, long generation) {}
