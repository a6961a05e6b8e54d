package io.kvasir.region.retry;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.reply.ReplyCodec;
import io.kvasir.proto.request.RequestId;
import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.Transaction;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a write with a request id: that it took effect, and what was answered. It stands in the slot of
 * the command's first key, so that it is in that key's range and moves with it, in a database instance that no database
 * is ever mapped to, so that no command sees or flushes it. Bytes are specified in {@code docs/keyspace.md}, "Request
 * ids". Immutable.
 *
 * @param digest of the command
 * @param expiryMillis when it is forgotten, in ms since the Unix epoch
 * @param kept the reply, null if it was larger than {@link #REPLY_BYTES_MAX}
 * @param replyBytes length of the reply as it is encoded
 */
public record RequestRecord(
        long digest, long expiryMillis, @Nullable Reply kept, int replyBytes) {

    /** How long a write is remembered, by the oracle's time. */
    public static final long LIFE_MILLIS = 60_000;

    /** Encoded replies up to this are kept. */
    public static final int REPLY_BYTES_MAX = 1_024;

    /** The database instance of all records of request ids. */
    public static final int INSTANCE = 65_535;

    private static final int FORMAT = 1;
    private static final int KEPT = 1;
    private static final int TOO_LARGE = 2;

    /** Returns the key of the record of {@code id}, of a command with these keys. */
    public static byte[] key(RequestId id, List<byte[]> userKeys) {
        byte[] name = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.high())
                .putLong(id.low())
                .array();
        int slot = Slot.of(userKeys.isEmpty() ? name : userKeys.getFirst());
        return KeyLayout.rootInSlot(slot, INSTANCE, name);
    }

    /** Returns the record of a write that was answered {@code reply} at {@code nowMillis}. */
    public static RequestRecord of(long digest, long nowMillis, Reply reply) {
        int bytes = ReplyCodec.encode(reply).length;
        return new RequestRecord(digest, nowMillis + LIFE_MILLIS, bytes <= REPLY_BYTES_MAX ? reply : null, bytes);
    }

    /** Returns what a retry is answered. */
    Reply reply() {
        return kept != null
                ? kept
                : Reply.error("APPLIED the command of this request id has taken effect; its reply of " + replyBytes
                        + " bytes was too large to be kept");
    }

    /**
     * Removes the record at {@code rootKey} if its time has come by the operation's timestamp.
     *
     * @return whether it was removed
     */
    public static boolean sweep(Transaction transaction, byte[] rootKey) {
        byte @Nullable [] stored = transaction.get(rootKey);
        if (stored == null) {
            return false;
        }
        long expiryMillis = decode(stored).expiryMillis;
        if (!transaction.isExpired(expiryMillis)) {
            return false;
        }
        transaction.delete(rootKey);
        transaction.moveExpiry(rootKey, expiryMillis, 0);
        transaction.addKeys(rootKey, INSTANCE, -1);
        return true;
    }

    /** Returns this as bytes. */
    public byte[] encode() {
        WireWriter out = new WireWriter(64).u8(FORMAT).i64(digest).varint(expiryMillis);
        if (kept == null) {
            return out.u8(TOO_LARGE).varint(replyBytes).toBytes();
        }
        return out.u8(KEPT).bytes(ReplyCodec.encode(kept)).toBytes();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws MalformedBytes if {@code record} is none
     */
    public static RequestRecord decode(byte[] record) {
        WireReader in = new WireReader(record);
        in.version("record of a request id", FORMAT);
        long digest = in.i64();
        long expiryMillis = in.varint();
        int kind = in.u8();
        RequestRecord read =
                switch (kind) {
                    case KEPT -> {
                        byte[] reply = in.bytes();
                        yield new RequestRecord(digest, expiryMillis, ReplyCodec.decode(reply), reply.length);
                    }
                    case TOO_LARGE ->
                        new RequestRecord(
                                digest, expiryMillis, null, in.varint("length of a reply", 0, Integer.MAX_VALUE));
                    default -> throw new MalformedBytes("unknown record of a request id " + kind, in.offset());
                };
        in.end();
        return read;
    }
}
