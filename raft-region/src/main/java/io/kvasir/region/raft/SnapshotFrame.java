package io.kvasir.region.raft;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.raft.StateMachine.AppliedState;
import java.util.ArrayList;
import java.util.List;

/**
 * What a store asks of another on the bulk channel. Specified with test vectors in {@code docs/keyspace.md}.
 *
 * @param ticket names the snapshot
 * @param file number of a file in its list; -1 asks for the list
 */
record SnapshotFrame(long ticket, int file, long offset, int length) {

    private static final int FORMAT = 1;
    private static final int LIST = -1;
    private static final int DONE = 0;
    private static final int WAIT = 1;
    private static final int GONE = 2;

    /** What is asked for: the list of files. */
    static SnapshotFrame list(long ticket) {
        return new SnapshotFrame(ticket, LIST, 0, 0);
    }

    boolean asksForList() {
        return file == LIST;
    }

    /** A file as the list has it: its kind, length and CRC-32C. */
    record Item(int kind, long bytes, int checksum) {}

    /** The snapshot and its files. */
    record Contents(RegionId region, AppliedState at, byte[] summary, List<Item> items) {}

    /** The answer to a request. */
    sealed interface Answer {

        /** What was asked for. */
        record Done(byte[] body) implements Answer {}

        /** The snapshot is still being made, or too much is asked for at a time: ask again. */
        record Wait() implements Answer {}

        /** There is no such snapshot, or none any more. */
        record Gone(String reason) implements Answer {}
    }

    byte[] encode() {
        return new WireWriter()
                .u8(FORMAT)
                .i64(ticket)
                .i32(file)
                .i64(offset)
                .i32(length)
                .toBytes();
    }

    /** @throws IllegalArgumentException if {@code bytes} is no request */
    static SnapshotFrame decode(byte[] bytes) {
        try {
            WireReader in = reader(bytes);
            SnapshotFrame frame = new SnapshotFrame(in.i64(), in.i32(), in.i64(), in.i32());
            if (frame.file < LIST
                    || frame.offset < 0
                    || frame.length < 0
                    || frame.length > SnapshotSettings.CHUNK_BYTES) {
                throw new IllegalArgumentException("not a part of a snapshot: " + frame);
            }
            return frame;
        } catch (MalformedBytes malformed) {
            throw new IllegalArgumentException("not a request on the bulk channel", malformed);
        }
    }

    static byte[] encode(Answer answer) {
        WireWriter out = new WireWriter().u8(FORMAT);
        return switch (answer) {
            case Answer.Done(byte[] body) -> out.u8(DONE).bytes(body).toBytes();
            case Answer.Wait() -> out.u8(WAIT).toBytes();
            case Answer.Gone(String reason) -> out.u8(GONE).text(reason).toBytes();
        };
    }

    /** @throws IllegalArgumentException if {@code bytes} is no answer */
    static Answer decodeAnswer(byte[] bytes) {
        try {
            WireReader in = reader(bytes);
            int status = in.u8();
            return switch (status) {
                case DONE -> new Answer.Done(in.bytes());
                case WAIT -> new Answer.Wait();
                case GONE -> new Answer.Gone(in.text());
                default -> throw new IllegalArgumentException("unknown answer " + status);
            };
        } catch (MalformedBytes malformed) {
            throw new IllegalArgumentException("not an answer on the bulk channel", malformed);
        }
    }

    static byte[] encode(Contents contents) {
        WireWriter out = new WireWriter()
                .u8(FORMAT)
                .i64(contents.region.value())
                .i64(contents.at.index())
                .i64(contents.at.term())
                .bytes(contents.summary)
                .varint(contents.items.size());
        for (Item item : contents.items) {
            out.varint(item.kind).varint(item.bytes).i32(item.checksum);
        }
        return out.toBytes();
    }

    /** @throws IllegalArgumentException if {@code bytes} is no list */
    static Contents decodeContents(byte[] bytes) {
        try {
            WireReader in = reader(bytes);
            RegionId region = new RegionId(in.i64());
            AppliedState at = new AppliedState(in.i64(), in.i64());
            byte[] summary = in.bytes();
            int count = in.count("files of a snapshot", StateSnapshot.PARTS_MAX);
            List<Item> items = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                items.add(new Item(Math.toIntExact(in.varint()), in.varint(), in.i32()));
            }
            return new Contents(region, at, summary, items);
        } catch (MalformedBytes | ArithmeticException malformed) {
            throw new IllegalArgumentException("not a list of files", malformed);
        }
    }

    private static WireReader reader(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        in.version("frame of the bulk channel", FORMAT);
        return in;
    }
}
