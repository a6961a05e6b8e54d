package io.kvasir.region.range;

/** Whose commands take effect in the order sent (rule K28): a client's connection to a gateway. */
record SessionOf(long gateway, long session) {

    static SessionOf of(PendingCommand command) {
        return new SessionOf(command.place.gateway(), command.request.session());
    }
}
