package io.kvasir.gateway.session;

/**
 * The bounds that hold for clients at this moment. Immutable.
 *
 * @param clientsMax connections of the gateway (<code>maxclients</code>)
 * @param timeoutSeconds an idle connection is closed after this; 0 for never (<code>timeout</code>)
 * @param keepAliveSeconds idle time after which TCP asks whether the peer lives; 0 for never (<code>tcp-keepalive
 *     </code>)
 * @param bulkBytesMax bytes of one argument (<code>proto-max-bulk-len</code>)
 * @param queryBytesMax bytes of one request (<code>client-query-buffer-limit</code>)
 * @param outputBytesMax bytes of unread replies at which a connection is closed (<code>
 *     client-output-buffer-limit normal</code>, hard limit); 0 for no limit
 * @param outputSoftBytes bytes of unread replies that are borne only for {@code outputSoftSeconds}; 0 for no limit
 * @param outputSoftSeconds see there
 * @param messageBytesMax as {@code outputBytesMax}, of clients that subscribe (<code>client-output-buffer-limit pubsub
 *     </code>)
 * @param messageSoftBytes see there
 * @param messageSoftSeconds see there
 * @param protectedMode whether clients from other hosts are refused while there is no password (<code>protected-mode
 *     </code>)
 */
public record ClientLimits(
        long clientsMax,
        long timeoutSeconds,
        int keepAliveSeconds,
        long bulkBytesMax,
        long queryBytesMax,
        long outputBytesMax,
        long outputSoftBytes,
        long outputSoftSeconds,
        long messageBytesMax,
        long messageSoftBytes,
        long messageSoftSeconds,
        boolean protectedMode) {

    /** Returns these bounds with those on unread replies that hold for clients that subscribe. */
    public ClientLimits ofSubscriber() {
        return new ClientLimits(
                clientsMax,
                timeoutSeconds,
                keepAliveSeconds,
                bulkBytesMax,
                queryBytesMax,
                messageBytesMax,
                messageSoftBytes,
                messageSoftSeconds,
                messageBytesMax,
                messageSoftBytes,
                messageSoftSeconds,
                protectedMode);
    }
}
