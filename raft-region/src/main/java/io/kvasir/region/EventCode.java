package io.kvasir.region;

/**
 * The code of a keyspace event, as it stands in a raft entry. What a code means is known to the procedures alone.
 *
 * @param number 0 to 65535
 */
public record EventCode(int number) {

    public EventCode {
        if (number < 0 || number > 0xFFFF) {
            throw new IllegalArgumentException("event code " + number + " is not of 16 bits");
        }
    }
}
