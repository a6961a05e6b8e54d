package io.kvasir.proto.request;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.Reply;
import java.util.List;
import java.util.Optional;

/**
 * What a range answers to a {@link Request}. All but {@link Done} and {@link Undetermined} say that the request surely
 * had no effect, so that the gateway may send it again.
 */
public sealed interface Outcome {

    /** The command ran; its effects, if any, are on disk at a majority and applied here. */
    record Done(Reply reply) implements Outcome {}

    /** No effect: another replica leads, or none does. */
    record NotLeader(Optional<StoreId> leader) implements Outcome {}

    /**
     * No effect: the region is not what the sender believes; {@code current} are the regions known here in its place.
     */
    record EpochMismatch(List<RegionDescriptor> current) implements Outcome {}

    /** No effect: a key of the command lies outside the region. */
    record OutOfRange() implements Outcome {}

    /** No effect: queue full, or an earlier request of the same stream was refused (rule K28). */
    record Refused(String reason) implements Outcome {}

    /** The write may or may not have taken effect. Never retried. */
    record Undetermined() implements Outcome {}
}
