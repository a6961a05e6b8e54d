package io.kvasir.region.range;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import java.util.Optional;
import java.util.function.Consumer;

/** Commands that a range gives itself and that go through its line like any other. Stateless. */
final class OwnCommands {

    private static final long OWN_GATEWAY = Long.MIN_VALUE + 2;

    private OwnCommands() {}

    /** Returns the command that says which voters the range has. */
    static PendingCommand follow(Effect.Members members, ReplicaState state, long number, Consumer<Boolean> whenDone) {
        PendingCommand command = new PendingCommand(
                new Request("MEMBERS", 1, 0, number, 0, Optional.empty(), 0, new byte[0][]),
                new OwnInvocation(
                        transaction -> {
                            transaction.follow(members);
                            return Reply.OK;
                        },
                        false),
                new int[] {0},
                new StreamPlace(OWN_GATEWAY, number),
                outcome -> whenDone.accept(outcome instanceof Outcome.Done(Reply reply) && reply.equals(Reply.OK)));
        command.epochVersion = state.descriptor().epoch().version();
        return command;
    }
}
