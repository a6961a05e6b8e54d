package io.kvasir.proto.request;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.RandomReply;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class RequestCodecTest {

    private final Random random = new Random(5);

    @Test
    void aRequestComesBack() {
        for (int i = 0; i < 2_000; i++) {
            Request request = request();
            Request back = RequestCodec.decode(RequestCodec.encode(request));
            assertEquals(request.procedure(), back.procedure());
            assertEquals(request.version(), back.version());
            assertEquals(request.database(), back.database());
            assertEquals(request.session(), back.session());
            assertEquals(request.flags(), back.flags());
            assertEquals(request.id(), back.id());
            assertEquals(request.deadlineMillis(), back.deadlineMillis());
            assertArrayEquals(request.arguments(), back.arguments());
        }
    }

    @Test
    void anOutcomeComesBack() {
        RandomReply replies = new RandomReply(random);
        List<Outcome> outcomes = List.of(
                new Outcome.Done(Reply.OK),
                new Outcome.Done(new Reply.Array(List.of(Reply.ONE, Reply.NULL))),
                new Outcome.NotLeader(Optional.empty()),
                new Outcome.NotLeader(Optional.of(new StoreId(Long.MAX_VALUE))),
                new Outcome.EpochMismatch(List.of()),
                new Outcome.EpochMismatch(
                        List.of(region(7, new byte[0], new byte[] {5}), region(8, new byte[] {5}, new byte[0]))),
                new Outcome.OutOfRange(),
                new Outcome.Refused("queue full"),
                new Outcome.Undetermined());
        for (Outcome outcome : outcomes) {
            assertEquals(outcome, OutcomeCodec.decode(OutcomeCodec.encode(outcome)));
        }
        for (int i = 0; i < 500; i++) {
            byte[] bytes = OutcomeCodec.encode(new Outcome.Done(replies.next(3)));
            assertArrayEquals(bytes, OutcomeCodec.encode(OutcomeCodec.decode(bytes)));
        }
    }

    @Test
    void anInvalidRegionIsMalformed() {
        byte[] bytes =
                OutcomeCodec.encode(new Outcome.EpochMismatch(List.of(region(7, new byte[] {1}, new byte[] {5}))));
        int end = 1 + 1 + 1 + 1 + 1 + 2 + 1;
        assertEquals(5, bytes[end]);
        bytes[end] = 1;
        String message = assertThrows(MalformedBytes.class, () -> OutcomeCodec.decode(bytes))
                .getMessage();
        assertEquals("a region is not valid: region r7 is empty: its end is not after its start (at byte 4)", message);
    }

    @Test
    void aCountBeyondTheBytesIsRejectedBeforeItIsAllocated() {
        WireWriter out = new WireWriter()
                .u8(1)
                .text("SET")
                .varint(1)
                .varint(0)
                .varint(0)
                .varint(0)
                .varint(0)
                .u8(0);
        byte[] bytes = out.varint(RequestCodec.ARGUMENTS_MAX).toBytes();
        String message = assertThrows(MalformedBytes.class, () -> RequestCodec.decode(bytes))
                .getMessage();
        assertEquals("an argument count says more elements than there are bytes (at byte 14)", message);
    }

    @Test
    void noBytesBreakTheDecoders() {
        for (int i = 0; i < 10_000; i++) {
            accepts(RequestCodec::decode, RequestCodec.encode(request()));
            Outcome mismatch = new Outcome.EpochMismatch(List.of(region(i, new byte[0], new byte[] {5})));
            accepts(OutcomeCodec::decode, OutcomeCodec.encode(mismatch));
        }
    }

    private void accepts(Consumer<byte[]> decoder, byte[] bytes) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        byte[] broken = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
        try {
            decoder.accept(broken);
        } catch (MalformedBytes expected) {
            // The one error there may be.
        }
    }

    private Request request() {
        byte[][] arguments = new byte[random.nextInt(4)][];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = new byte[random.nextInt(300)];
            random.nextBytes(arguments[i]);
        }
        Optional<RequestId> id = random.nextBoolean()
                ? Optional.of(new RequestId(random.nextLong(), random.nextLong(), random.nextLong()))
                : Optional.empty();
        return new Request(
                "HSET",
                1 + random.nextInt(9),
                random.nextInt(16),
                random.nextLong(),
                random.nextInt(),
                id,
                1_000,
                arguments);
    }

    private static RegionDescriptor region(long id, byte[] start, byte[] end) {
        List<ReplicaId> voters = List.of(new ReplicaId(new StoreId(1), 1), new ReplicaId(new StoreId(300), 70_000));
        return new RegionDescriptor(new RegionId(id), start, end, new Epoch(1, 200), voters);
    }
}
