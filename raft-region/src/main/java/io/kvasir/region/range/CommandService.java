package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.OutcomeCodec;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.link.Link;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the commands that other stores forward to ranges led here. Called by the link's thread for each sender. */
public final class CommandService implements Link.Handler {

    private static final Logger LOG = LoggerFactory.getLogger(CommandService.class);

    /** A gateway's stream to a range. */
    private record StreamAt(long gateway, RegionId region) {}

    /** The newest generation of a stream, and the number its next command has. */
    private record Progress(long generation, long next) {}

    private final RangeTable ranges;
    private final ProcedureTable procedures;

    /** One entry for each gateway and range; each is written by the one thread that serves that gateway's link. */
    private final Map<StreamAt, Progress> progress = new ConcurrentHashMap<>();

    public CommandService(RangeTable ranges, ProcedureTable procedures) {
        this.ranges = ranges;
        this.procedures = procedures;
    }

    @Override
    public void handle(StoreId from, byte[] message, Consumer<byte[]> respond) {
        Consumer<Outcome> answer = outcome -> respond.accept(encode(outcome));
        ForwardedCommand command;
        try {
            command = ForwardedCommand.decode(message);
        } catch (IllegalArgumentException malformed) {
            LOG.warn("malformed command from {}: {}", from, malformed.getMessage());
            answer.accept(failed("malformed command"));
            return;
        }
        Optional<Range> range = ranges.find(command.region());
        if (range.isEmpty()) {
            answer.accept(new Outcome.NotLeader(Optional.empty()));
            return;
        }
        if (!continues(command)) {
            range.get().refuseGeneration(command.place());
            answer.accept(new Outcome.Refused("an earlier command of the stream was lost on the way"));
            return;
        }
        Request request = command.request();
        Optional<Invocation> parsed;
        try {
            parsed = procedures.parse(request);
        } catch (IllegalArgumentException malformed) {
            answer.accept(failed(request.procedure() + ": " + malformed.getMessage()));
            return;
        }
        if (parsed.isEmpty()) {
            answer.accept(failed(
                    "this node does not know procedure " + request.procedure() + " in version " + request.version()));
            return;
        }
        Invocation invocation = parsed.get();
        range.get()
                .submit(
                        request,
                        invocation,
                        Range.hashesOf(request, invocation),
                        command.epochVersion(),
                        command.place(),
                        answer);
    }

    /** Returns the bytes of {@code outcome}, or of an error that says that they are more than the link carries. */
    private static byte[] encode(Outcome outcome) {
        byte[] bytes = OutcomeCodec.encode(outcome);
        if (bytes.length <= Link.REQUEST_BYTES_MAX) {
            return bytes;
        }
        return OutcomeCodec.encode(failed("reply of " + bytes.length + " bytes is too large to come from another node,"
                + " at most " + Link.REQUEST_BYTES_MAX + "; ask the node that leads the key's slot. A write has taken"
                + " effect"));
    }

    /** Returns whether {@code command} is the next of its generation; a new generation begins with number 0. */
    private boolean continues(ForwardedCommand command) {
        StreamAt stream = new StreamAt(command.place().gateway(), command.region());
        Progress before = progress.get(stream);
        long generation = command.place().generation();
        boolean next = before == null || generation > before.generation
                ? command.number() == 0
                : generation == before.generation && command.number() == before.next;
        if (next) {
            progress.put(stream, new Progress(generation, command.number() + 1));
        }
        return next;
    }

    private static Outcome failed(String why) {
        return new Outcome.Done(Reply.error("ERR " + why));
    }
}
