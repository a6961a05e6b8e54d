package io.kvasir.region.range;

import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.OutcomeCodec;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Awaiting;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.link.Link;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the commands of other stores' gateways that wait for data at ranges led here. A wait lasts as long as the
 * stream it came on: once that has ended its answer would reach nobody. Called by the link's threads.
 */
public final class WaitService implements Link.Handler {

    private static final Logger LOG = LoggerFactory.getLogger(WaitService.class);

    private static final byte[] NO_ANSWER = OutcomeCodec.encode(new Outcome.Done(Reply.NULL));

    private final RangeTable ranges;
    private final ProcedureTable procedures;

    public WaitService(RangeTable ranges, ProcedureTable procedures) {
        this.ranges = ranges;
        this.procedures = procedures;
    }

    @Override
    public void handle(StoreId from, byte[] message, Consumer<byte[]> respond) {
        WaitRequest asked;
        Optional<Awaiting> awaiting;
        try {
            asked = WaitRequest.decode(message);
            awaiting = asked.request().flatMap(this::parse);
        } catch (IllegalArgumentException malformed) {
            LOG.warn("malformed wait from {}: {}", from, malformed.getMessage());
            respond.accept(failed("malformed wait"));
            return;
        }
        Optional<Range> range = ranges.find(asked.region());
        if (asked.request().isEmpty()) {
            range.ifPresent(found -> found.withdraw(asked.gateway(), asked.number()));
            respond.accept(NO_ANSWER);
        } else if (awaiting.isEmpty()) {
            respond.accept(failed("this node does not know how to wait as the command does"));
        } else if (range.isEmpty()) {
            respond.accept(OutcomeCodec.encode(new Outcome.NotLeader(Optional.empty())));
        } else {
            range.get().await(asked, awaiting.get(), from, outcome -> respond.accept(encode(outcome)));
        }
    }

    @Override
    public void streamEnded(StoreId from) {
        ranges.all().forEach(range -> range.withdrawAll(from));
    }

    private Optional<Awaiting> parse(Request request) {
        return procedures
                .find(request.procedure(), request.version())
                .map(procedure -> procedure.parse(request))
                .filter(Awaiting.class::isInstance)
                .map(Awaiting.class::cast);
    }

    private static byte[] encode(Outcome outcome) {
        byte[] bytes = OutcomeCodec.encode(outcome);
        return bytes.length <= Link.REQUEST_BYTES_MAX
                ? bytes
                : failed("reply of " + bytes.length + " bytes is too large to come from another node, at most "
                        + Link.REQUEST_BYTES_MAX + "; a write has taken effect");
    }

    private static byte[] failed(String why) {
        return OutcomeCodec.encode(new Outcome.Done(Reply.error("ERR " + why)));
    }
}
