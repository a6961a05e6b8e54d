package io.kvasir.proto.id;

import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a {@link RegionDescriptor}. Specified with test vectors in {@code docs/keyspace.md}. Stateless and safe
 * for any thread.
 */
public final class RegionDescriptorCodec {

    /** Newest format version; all from 1 are read. */
    public static final int VERSION = 1;

    /** Most voters of a region. */
    public static final int VOTERS_MAX = 64;

    private RegionDescriptorCodec() {}

    /** Returns the bytes of {@code region}. */
    public static byte[] encode(RegionDescriptor region) {
        WireWriter out = new WireWriter();
        write(out, region);
        return out.toBytes();
    }

    /**
     * Returns the region that {@code bytes} are.
     *
     * @throws MalformedBytes if they are none
     */
    public static RegionDescriptor decode(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        RegionDescriptor region = read(in);
        in.end();
        return region;
    }

    /** Appends {@code region}, its format version first. */
    public static void write(WireWriter out, RegionDescriptor region) {
        if (region.voters().size() > VOTERS_MAX) {
            throw new IllegalArgumentException("more than " + VOTERS_MAX + " voters");
        }
        out.u8(VERSION)
                .varint(region.id().value())
                .bytes(region.start())
                .bytes(region.end())
                .varint(region.epoch().confVersion())
                .varint(region.epoch().version())
                .varint(region.voters().size());
        for (ReplicaId voter : region.voters()) {
            out.varint(voter.store().value()).varint(voter.incarnation());
        }
    }

    /**
     * Reads a region written by {@link #write}.
     *
     * @throws MalformedBytes if there is none
     */
    public static RegionDescriptor read(WireReader in) {
        in.version("a region", VERSION);
        int start = in.offset();
        try {
            return new RegionDescriptor(
                    new RegionId(in.varint()), in.bytes(), in.bytes(), new Epoch(in.varint(), in.varint()), voters(in));
        } catch (IllegalArgumentException e) {
            throw new MalformedBytes("a region is not valid: " + e.getMessage(), start);
        }
    }

    private static List<ReplicaId> voters(WireReader in) {
        int count = in.count("a voter count", VOTERS_MAX);
        List<ReplicaId> voters = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            in.element();
            voters.add(new ReplicaId(new StoreId(in.varint()), in.varint("an incarnation", 1, Integer.MAX_VALUE)));
        }
        return voters;
    }
}
