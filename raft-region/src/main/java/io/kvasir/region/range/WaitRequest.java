package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestCodec;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * A command that waits for data, on its way to the leader of a range; or word that it waits no more. Bytes: format (1),
 * region (8), epoch version (8), gateway (8), number (8), since (8), peeks (1), then the request as
 * {@link RequestCodec} has it, none if the wait is to end.
 *
 * @param epochVersion version of the region's epoch that the gateway knows
 * @param number of the wait in its gateway, never used again
 * @param since the timestamp at which the client began to wait
 * @param peeks whether it asks only to hear when there is something to take
 * @param request empty if the wait is to end
 */
public record WaitRequest(
        RegionId region,
        long epochVersion,
        long gateway,
        long number,
        long since,
        boolean peeks,
        Optional<Request> request) {

    private static final byte FORMAT = 1;
    private static final int HEADER_BYTES = 42;

    /** Returns word that this wait is to end. */
    public WaitRequest withdrawal() {
        return new WaitRequest(region, epochVersion, gateway, number, since, peeks, Optional.empty());
    }

    public byte[] encode() {
        byte[] body = request.map(RequestCodec::encode).orElseGet(() -> new byte[0]);
        return ByteBuffer.allocate(HEADER_BYTES + body.length)
                .put(FORMAT)
                .putLong(region.value())
                .putLong(epochVersion)
                .putLong(gateway)
                .putLong(number)
                .putLong(since)
                .put((byte) (peeks ? 1 : 0))
                .put(body)
                .array();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException if {@code bytes} are not of a known format
     */
    public static WaitRequest decode(byte[] bytes) {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            byte format = in.get();
            if (format != FORMAT) {
                throw new IllegalArgumentException("wait of format " + format + ", known is " + FORMAT);
            }
            RegionId region = new RegionId(in.getLong());
            long epochVersion = in.getLong();
            long gateway = in.getLong();
            long number = in.getLong();
            long since = in.getLong();
            boolean peeks = in.get() != 0;
            Optional<Request> request = in.hasRemaining()
                    ? Optional.of(RequestCodec.decode(Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length)))
                    : Optional.empty();
            return new WaitRequest(region, epochVersion, gateway, number, since, peeks, request);
        } catch (BufferUnderflowException truncated) {
            throw new IllegalArgumentException("truncated wait", truncated);
        }
    }
}
