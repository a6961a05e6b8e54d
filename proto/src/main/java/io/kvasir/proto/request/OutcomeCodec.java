package io.kvasir.proto.request;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.reply.ReplyCodec;
import io.kvasir.proto.request.Outcome.Done;
import io.kvasir.proto.request.Outcome.EpochMismatch;
import io.kvasir.proto.request.Outcome.NotLeader;
import io.kvasir.proto.request.Outcome.OutOfRange;
import io.kvasir.proto.request.Outcome.Refused;
import io.kvasir.proto.request.Outcome.Undetermined;
import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of an {@link Outcome}. Specified with test vectors in {@code docs/keyspace.md}. Stateless and safe for any
 * thread.
 */
public final class OutcomeCodec {

    /** Newest format version; all from 1 are read. */
    public static final int VERSION = 1;

    /** Most regions in an {@link EpochMismatch}. */
    public static final int REGIONS_MAX = 4_096;

    private static final int DONE = 1;
    private static final int NOT_LEADER = 2;
    private static final int EPOCH_MISMATCH = 3;
    private static final int OUT_OF_RANGE = 4;
    private static final int REFUSED = 5;
    private static final int UNDETERMINED = 6;

    private OutcomeCodec() {}

    /** Returns the bytes of {@code outcome}. */
    public static byte[] encode(Outcome outcome) {
        WireWriter out = new WireWriter();
        write(out, outcome);
        return out.toBytes();
    }

    /**
     * Returns the outcome that {@code bytes} are.
     *
     * @throws MalformedBytes if they are none
     */
    public static Outcome decode(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        Outcome outcome = read(in);
        in.end();
        return outcome;
    }

    /** Appends {@code outcome}, its format version first. */
    public static void write(WireWriter out, Outcome outcome) {
        out.u8(VERSION);
        switch (outcome) {
            case Done(Reply reply) -> ReplyCodec.write(out.u8(DONE), reply);
            case NotLeader(Optional<StoreId> leader) ->
                out.u8(NOT_LEADER).varint(leader.map(StoreId::value).orElse(0L));
            case EpochMismatch(List<RegionDescriptor> current) -> writeRegions(out.u8(EPOCH_MISMATCH), current);
            case OutOfRange() -> out.u8(OUT_OF_RANGE);
            case Refused(String reason) -> out.u8(REFUSED).text(reason);
            case Undetermined() -> out.u8(UNDETERMINED);
        }
    }

    /**
     * Reads an outcome written by {@link #write}.
     *
     * @throws MalformedBytes if there is none
     */
    public static Outcome read(WireReader in) {
        in.version("an outcome", VERSION);
        int start = in.offset();
        int tag = in.u8();
        return switch (tag) {
            case DONE -> new Done(ReplyCodec.read(in));
            case NOT_LEADER -> new NotLeader(leader(in));
            case EPOCH_MISMATCH -> new EpochMismatch(regions(in));
            case OUT_OF_RANGE -> new OutOfRange();
            case REFUSED -> new Refused(in.text());
            case UNDETERMINED -> new Undetermined();
            default -> throw new MalformedBytes("no outcome has tag " + tag, start);
        };
    }

    private static void writeRegions(WireWriter out, List<RegionDescriptor> regions) {
        if (regions.size() > REGIONS_MAX) {
            throw new IllegalArgumentException("more than " + REGIONS_MAX + " regions");
        }
        out.varint(regions.size());
        for (RegionDescriptor region : regions) {
            RegionDescriptorCodec.write(out, region);
        }
    }

    private static List<RegionDescriptor> regions(WireReader in) {
        RegionDescriptor[] regions = new RegionDescriptor[in.count("a region count", REGIONS_MAX)];
        for (int i = 0; i < regions.length; i++) {
            in.element();
            regions[i] = RegionDescriptorCodec.read(in);
        }
        return Arrays.asList(regions);
    }

    private static Optional<StoreId> leader(WireReader in) {
        int start = in.offset();
        long store = in.varint();
        if (store < 0) {
            throw new MalformedBytes("a store id is negative", start);
        }
        return store == 0 ? Optional.empty() : Optional.of(new StoreId(store));
    }
}
