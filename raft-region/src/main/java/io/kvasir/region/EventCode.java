package io.kvasir.region;

/**
 * The code of a keyspace event, as it stands in a raft entry. What a code means is known to the procedures alone.
 *
 * @param number 0 to 65535
 */
public record EventCode(int number) {

    /**
     * Of no keyspace event: says who wrote what its command writes, if whoever asked for it wants to know that again
     * ({@link io.kvasir.proto.request.Request#FLAG_AUTHOR}). In place of a key stand the numbers of gateway and
     * session, 8 bytes each.
     */
    public static final EventCode AUTHOR = new EventCode(0xFFFF);

    public EventCode {
        if (number < 0 || number > 0xFFFF) {
            throw new IllegalArgumentException("event code " + number + " is not of 16 bits");
        }
    }
}
