package io.kvasir.region.raft;

import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcRequestClosure;
import com.google.protobuf.Message;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The way back of an answer, in the shape that SOFAJRaft asks for. Safe for any thread. */
final class RaftReply {

    private final Consumer<Message> target;

    RaftReply(Consumer<Message> target) {
        this.target = target;
    }

    void send(Message answer) {
        target.accept(answer);
    }

    /** Returns a closure that sends what it is given, an error as {@code template} with the error in it. */
    RpcRequestClosure closure(Message template) {
        return new RpcRequestClosure(new Context(), template);
    }

    /** Keeps the answer of a request that was made within this process. */
    static final class Kept {

        private volatile @Nullable Message message;

        RaftReply reply() {
            return new RaftReply(answer -> message = answer);
        }

        Message message() {
            Message kept = message;
            if (kept == null) {
                throw new IllegalStateException("the request has no answer");
            }
            return kept;
        }
    }

    private final class Context implements RpcContext {

        @Override
        public void sendResponse(Object answer) {
            target.accept((Message) answer);
        }

        @Override
        public @Nullable Connection getConnection() {
            return null;
        }

        @Override
        public String getRemoteAddress() {
            return "";
        }
    }
}
