package io.kvasir.tools.server;

import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.control.ViewRevision;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.IdKind;
import io.kvasir.region.placement.Answer;
import io.kvasir.region.placement.PlacementClient;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * What a node that starts asks the placement driver, in this order. Each call waits for its answer, and throws an
 * {@link IOException} of one line if there is none in time or the node is refused.
 */
record JoinCalls(PlacementClient client) {

    /** How long a node waits at start for the placement driver to have a leader, in ms. */
    static final int WAIT_MILLIS_MAX = 60_000;

    /** Founds the cluster unless that is done, with {@code ranges} ranges. */
    void found(UUID cluster, List<StoreId> founders, int ranges) throws IOException {
        JoinCalls.<UUID>require(
                "the placement driver has no leader",
                whenDone -> client.bootstrap(cluster, founders, ranges, whenDone));
    }

    /** Has the number of a store that was added later given out; one may be given out that nobody takes. */
    void takeNumber(StoreId self) throws IOException {
        long given = 0;
        while (given < self.value()) {
            given = JoinCalls.<Long>require(
                    "the placement driver does not answer",
                    whenDone -> client.allocate(IdKind.ID_KIND_STORE, 1, whenDone));
        }
    }

    /**
     * Registers this store.
     *
     * @param lost whether it had a replica of the placement driver and has none any more
     */
    void register(StoreEntry entry, UUID cluster, boolean empty, boolean lost) throws IOException {
        JoinCalls.<UUID>require(
                lost
                        ? "this node holds no data and cannot reach a majority of the others to be sent them"
                        : "the store cannot be registered",
                whenDone -> client.register(entry, cluster, empty, whenDone));
    }

    ClusterView view() throws IOException {
        return JoinCalls.<ClusterView>require(
                "no view of the cluster", whenDone -> client.view(new ViewRevision(0, 0), 0, whenDone));
    }

    private static <T> T require(String otherwise, Consumer<Consumer<Answer<T>>> request) throws IOException {
        long left = WAIT_MILLIS_MAX;
        while (true) {
            CompletableFuture<Answer<T>> answer = new CompletableFuture<>();
            request.accept(answer::complete);
            try {
                switch (answer.get(left, TimeUnit.MILLISECONDS)) {
                    case Answer.Granted<T>(T value) -> {
                        return value;
                    }
                    case Answer.Refused<T>(var code, String text) -> throw new IOException(otherwise + ": " + text);
                    case Answer.Unavailable<T>() -> left -= PlacementClient.TOTAL_MILLIS;
                }
            } catch (TimeoutException late) {
                left = 0;
            } catch (ExecutionException | InterruptedException stopped) {
                throw new IOException(otherwise, stopped);
            }
            if (left <= 0) {
                throw new IOException(otherwise + ": no answer within " + WAIT_MILLIS_MAX / 1000 + " s");
            }
        }
    }
}
