package io.kvasir.placement.controller;

import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.proto.placement.RefusalCode;
import io.kvasir.proto.placement.RefusalReply;

/** The reply to a request that is not granted. Stateless. */
public final class Refusal {

    private Refusal() {}

    /** Returns the reply with {@code code} and {@code text}. */
    public static PlacementReply reply(RefusalCode code, String text) {
        return PlacementReply.newBuilder()
                .setRefusal(RefusalReply.newBuilder().setCode(code).setText(text))
                .build();
    }
}
