package io.kvasir.gateway.type;

import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;

/**
 * An entry that was delivered to a consumer and is not acknowledged.
 *
 * @param consumer number of the consumer within its group
 * @param deliveredMillis when it was delivered last, in ms since the Unix epoch
 * @param deliveries how many times it was, as far as that was counted
 */
public record StreamPending(StreamId id, int consumer, long deliveredMillis, long deliveries) {

    static StreamPending decode(StreamId id, byte[] record) {
        WireReader in = new WireReader(record);
        StreamPending pending = new StreamPending(id, (int) in.varint(), in.varint(), in.varint());
        in.end();
        return pending;
    }

    byte[] encode() {
        WireWriter out = new WireWriter(16);
        out.varint(consumer).varint(deliveredMillis).varint(deliveries);
        return out.toBytes();
    }
}
