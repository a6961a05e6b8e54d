package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestCodec;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A command on its way to the leader of its range: format (1), region (8), epoch version (8), gateway (8), generation
 * (8), number (8), then the request as {@link RequestCodec} has it.
 *
 * @param epochVersion version of the region's epoch that the gateway knows
 * @param number position in its generation, from 0: a gap means that an earlier command was lost on the way
 */
public record ForwardedCommand(RegionId region, long epochVersion, StreamPlace place, long number, Request request) {

    private static final byte FORMAT = 1;
    private static final int HEADER_BYTES = 41;

    public byte[] encode() {
        byte[] body = RequestCodec.encode(request);
        return ByteBuffer.allocate(HEADER_BYTES + body.length)
                .put(FORMAT)
                .putLong(region.value())
                .putLong(epochVersion)
                .putLong(place.gateway())
                .putLong(place.generation())
                .putLong(number)
                .put(body)
                .array();
    }

    /**
     * Reads a forwarded command.
     *
     * @throws IllegalArgumentException if {@code bytes} are not one of a known format
     */
    public static ForwardedCommand decode(byte[] bytes) {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            byte format = in.get();
            if (format != FORMAT) {
                throw new IllegalArgumentException("forwarded command of format " + format + ", known is " + FORMAT);
            }
            RegionId region = new RegionId(in.getLong());
            long epochVersion = in.getLong();
            StreamPlace place = new StreamPlace(in.getLong(), in.getLong());
            long number = in.getLong();
            Request request = RequestCodec.decode(Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length));
            return new ForwardedCommand(region, epochVersion, place, number, request);
        } catch (BufferUnderflowException truncated) {
            throw new IllegalArgumentException("truncated forwarded command", truncated);
        }
    }
}
