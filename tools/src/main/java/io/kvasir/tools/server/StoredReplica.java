package io.kvasir.tools.server;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import java.util.Optional;

/**
 * What the log engine keeps of a range's replica from its creation on: the descriptor it was created with and, if a
 * split made it, where in its parent's log that stands. Its bytes are specified in {@code docs/log-format.md}.
 *
 * @param birth empty if it was placed
 */
record StoredReplica(RegionDescriptor descriptor, Optional<Birth> birth) {

    /**
     * The split that made a replica. It was committed when the replica was created, so the entries of the parent's log
     * up to there may be applied without asking anybody.
     */
    record Birth(RegionId parent, long index) {}

    byte[] encode() {
        WireWriter out = new WireWriter();
        RegionDescriptorCodec.write(out, descriptor);
        birth.ifPresent(made -> out.varint(made.parent.value()).varint(made.index));
        return out.toBytes();
    }

    /**
     * Reads what {@link #encode} has written.
     *
     * @throws io.kvasir.proto.wire.MalformedBytes if {@code bytes} are nothing of the kind
     */
    static StoredReplica decode(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        RegionDescriptor descriptor = RegionDescriptorCodec.read(in);
        Optional<Birth> birth =
                in.remaining() == 0 ? Optional.empty() : Optional.of(new Birth(new RegionId(in.varint()), in.varint()));
        in.end();
        return new StoredReplica(descriptor, birth);
    }
}
