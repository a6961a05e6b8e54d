package io.kvasir.region.raft;

import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowResponse;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.kvasir.proto.id.RegionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * A request on the raft channel: format version 1, kind (1 byte), flags (1 byte), region (8 bytes), incarnation of the
 * replica addressed (4 bytes), all big-endian, then SOFAJRaft's message.
 *
 * @param transfer on a vote request: the leader of the term before has asked the sender to stand (rule K15)
 */
record RaftFrame(Kind kind, boolean transfer, RegionId region, int incarnation, Message message) {

    /** What is asked for; numbers are part of the wire format and never reused. */
    enum Kind {
        APPEND(1, AppendEntriesRequest.parser(), AppendEntriesResponse.parser()),
        VOTE(2, RequestVoteRequest.parser(), RequestVoteResponse.parser()),
        TIMEOUT_NOW(3, TimeoutNowRequest.parser(), TimeoutNowResponse.parser()),
        INSTALL(4, InstallSnapshotRequest.parser(), InstallSnapshotResponse.parser());

        private final int number;
        private final Parser<? extends Message> requests;
        private final Parser<? extends Message> responses;

        Kind(int number, Parser<? extends Message> requests, Parser<? extends Message> responses) {
            this.number = number;
            this.requests = requests;
            this.responses = responses;
        }

        private static Kind of(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("unknown kind of raft frame: " + number);
        }
    }

    private static final byte FORMAT = 1;
    private static final byte TRANSFER = 1;
    private static final int HEADER_BYTES = 15;
    private static final byte ANSWER = 0;
    private static final byte REFUSAL = 1;

    byte[] encode() {
        byte[] frame = withMessage(HEADER_BYTES, message);
        ByteBuffer.wrap(frame)
                .put(FORMAT)
                .put((byte) kind.number)
                .put(transfer ? TRANSFER : 0)
                .putLong(region.value())
                .putInt(incarnation);
        return frame;
    }

    /** @throws IllegalArgumentException if {@code frame} is not one */
    static RaftFrame decode(byte[] frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        if (frame.length < HEADER_BYTES || bytes.get() != FORMAT) {
            throw new IllegalArgumentException("not a raft frame of format " + FORMAT);
        }
        Kind kind = Kind.of(bytes.get());
        boolean transfer = (bytes.get() & TRANSFER) != 0;
        RegionId region = new RegionId(bytes.getLong());
        int incarnation = bytes.getInt();
        try {
            Message message = kind.requests.parseFrom(frame, HEADER_BYTES, frame.length - HEADER_BYTES);
            return new RaftFrame(kind, transfer, region, incarnation, message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("raft frame with a bad message", e);
        }
    }

    /**
     * Returns the bytes of an answer: 0, then the message; or 1, then an error, which is not an answer of this kind.
     */
    static byte[] encodeAnswer(Message answer) {
        byte[] frame = withMessage(1, answer);
        frame[0] = answer instanceof ErrorResponse ? REFUSAL : ANSWER;
        return frame;
    }

    /** @throws IllegalArgumentException if {@code frame} is not an answer to a request of {@code kind} */
    static Message decodeAnswer(Kind kind, byte[] frame) {
        if (frame.length == 0 || frame[0] != ANSWER && frame[0] != REFUSAL) {
            throw new IllegalArgumentException("not an answer to a raft frame");
        }
        try {
            Parser<? extends Message> parser = frame[0] == ANSWER ? kind.responses : ErrorResponse.parser();
            return parser.parseFrom(frame, 1, frame.length - 1);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("answer with a bad message", e);
        }
    }

    private static byte[] withMessage(int offset, Message message) {
        byte[] frame = new byte[offset + message.getSerializedSize()];
        try {
            CodedOutputStream output = CodedOutputStream.newInstance(frame, offset, frame.length - offset);
            message.writeTo(output);
            output.checkNoSpaceLeft();
            return frame;
        } catch (IOException e) {
            throw new UncheckedIOException("a message does not fit its own size", e);
        }
    }
}
