package io.kvasir.placement.controller;

import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.control.ViewRevision;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.HeartbeatReply;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.LeadMessage;
import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.proto.placement.RefusalCode;
import io.kvasir.proto.placement.SplitMessage;
import io.kvasir.proto.placement.TransferMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes heartbeats of stores into {@link Presence}; nothing of them is replicated. Stateless. */
public final class Heartbeats {

    /**
     * What a heartbeat came to.
     *
     * @param refusal the reply if it was refused
     * @param leadersChanged whether a region's leader is another than before
     */
    public record Result(@Nullable PlacementReply refusal, boolean leadersChanged) {

        /** Returns the reply, given the revision of the view after the heartbeat and what the store is to do. */
        public PlacementReply reply(ViewRevision revision, List<TransferMessage> transfers, List<SplitMessage> splits) {
            return refusal != null
                    ? refusal
                    : PlacementReply.newBuilder()
                            .setHeartbeat(HeartbeatReply.newBuilder()
                                    .setViewTerm(revision.term())
                                    .setViewNumber(revision.number())
                                    .addAllTransfers(transfers)
                                    .addAllSplits(splits))
                            .build();
        }
    }

    private Heartbeats() {}

    /**
     * Takes in {@code request} at {@code nowNanos}. Only the process last registered as a store is heard (rule K38).
     */
    public static Result take(HeartbeatRequest request, ClusterImage image, Presence presence, long nowNanos) {
        if (request.getStore() < 1) {
            return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, "store id " + request.getStore() + " is below 1");
        }
        for (LeadMessage lead : request.getLeadsList()) {
            if (lead.getRegion() < 1 || lead.getTerm() < 1) {
                return refuse(RefusalCode.REFUSAL_CODE_BAD_REQUEST, "region or term of a lead is below 1");
            }
        }
        @Nullable StoreEntry store = image.stores().get(new StoreId(request.getStore()));
        if (store == null) {
            return refuse(RefusalCode.REFUSAL_CODE_UNKNOWN_STORE, "store " + request.getStore() + " is not registered");
        }
        if (store.nonce() != request.getNonce()) {
            return refuse(
                    RefusalCode.REFUSAL_CODE_STORE_REPLACED,
                    "another process has registered as store " + store.id() + " at " + store.address());
        }
        return new Result(null, presence.heard(request, image, nowNanos));
    }

    private static Result refuse(RefusalCode code, String text) {
        return new Result(Refusal.reply(code, text), false);
    }
}
