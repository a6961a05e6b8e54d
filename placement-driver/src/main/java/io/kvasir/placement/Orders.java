package io.kvasir.placement;

import com.google.protobuf.ByteString;
import io.kvasir.placement.schedule.Move;
import io.kvasir.placement.schedule.Operator;
import io.kvasir.placement.schedule.Split;
import io.kvasir.proto.id.SplitPoint;
import io.kvasir.proto.placement.SplitMessage;
import io.kvasir.proto.placement.TransferMessage;
import io.kvasir.proto.placement.UserKeyMessage;
import java.util.ArrayList;
import java.util.List;

/** Operators in the words of the wire. Stateless. */
final class Orders {

    private Orders() {}

    static List<TransferMessage> transfers(List<Operator> operators) {
        List<TransferMessage> transfers = new ArrayList<>();
        for (Operator operator : operators) {
            if (operator.task() instanceof Move move) {
                transfers.add(TransferMessage.newBuilder()
                        .setOperator(operator.id())
                        .setRegion(move.region().value())
                        .setTerm(move.term())
                        .setToStore(move.to().value())
                        .build());
            }
        }
        return transfers;
    }

    static List<SplitMessage> splits(List<Operator> operators) {
        List<SplitMessage> splits = new ArrayList<>();
        for (Operator operator : operators) {
            if (operator.task() instanceof Split split) {
                SplitMessage.Builder message = SplitMessage.newBuilder()
                        .setOperator(operator.id())
                        .setRegion(split.region().value())
                        .setTerm(split.term())
                        .setVersion(split.version());
                switch (split.at()) {
                    case SplitPoint.Bound(byte[] key) -> message.setAt(ByteString.copyFrom(key));
                    case SplitPoint.UserKey(int database, byte[] userKey) ->
                        message.setKey(UserKeyMessage.newBuilder()
                                .setDatabase(database)
                                .setUserKey(ByteString.copyFrom(userKey)));
                    case SplitPoint.Middle() -> {}
                }
                splits.add(message.build());
            }
        }
        return splits;
    }
}
