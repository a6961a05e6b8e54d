package io.kvasir.gateway.server;

import io.kvasir.gateway.resp.ReplyEncoder;
import io.kvasir.gateway.session.LoopStatistics;
import io.kvasir.proto.reply.Reply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the replies of one connection and hands them to its socket: many replies in one buffer, one flush for all of
 * them. A long string is handed over piece by piece as the socket takes it. Confined to the connection's event loop.
 */
final class ReplyWriter {

    /** A string at least this long is written in pieces. */
    private static final int LONG_BULK_BYTES = 256 * 1024;

    private static final int PIECE_BYTES = 64 * 1024;
    private static final int BUFFER_BYTES_FIRST = 1024;
    private static final int BUFFER_BYTES_FULL = 64 * 1024;

    private final Channel channel;
    private final LoopStatistics statistics;
    private @Nullable ByteBuf buffer;
    private int lastBufferBytes = BUFFER_BYTES_FIRST;
    private byte @Nullable [] longBulk;
    private int longBulkWritten;
    private boolean unflushed;

    ReplyWriter(Channel channel, LoopStatistics statistics) {
        this.channel = channel;
        this.statistics = statistics;
    }

    /** Returns whether the next reply may be written; if not, {@link #advance} will make it so. */
    boolean ready() {
        return longBulk == null;
    }

    /** Encodes {@code reply}; the writer must be ready. */
    void write(Reply reply, boolean resp3) {
        assert longBulk == null;
        if (reply instanceof Reply.Bulk bulk && bulk.bytes().length >= LONG_BULK_BYTES) {
            ReplyEncoder.bulkHeader(bulk.bytes().length, buffer());
            longBulk = bulk.bytes();
            longBulkWritten = 0;
            hand();
            advance();
            return;
        }
        ByteBuf out = buffer();
        ReplyEncoder.encode(reply, resp3, out);
        if (out.readableBytes() >= BUFFER_BYTES_FULL) {
            hand();
        }
    }

    /** Encodes what stands in {@code bytes} as it is. */
    void writeRaw(byte[] bytes) {
        buffer().writeBytes(bytes);
    }

    /** Hands more of a long string to the socket, as far as it takes it. */
    void advance() {
        byte[] bulk = longBulk;
        while (bulk != null && channel.isActive()) {
            if (!channel.isWritable()) {
                channel.flush();
                unflushed = false;
                if (!channel.isWritable()) {
                    return;
                }
            }
            int length = Math.min(PIECE_BYTES, bulk.length - longBulkWritten);
            statistics.written(length);
            channel.write(Unpooled.wrappedBuffer(bulk, longBulkWritten, length), channel.voidPromise());
            unflushed = true;
            longBulkWritten += length;
            if (longBulkWritten == bulk.length) {
                longBulk = null;
                bulk = null;
                ReplyEncoder.lineEnd(buffer());
            }
        }
    }

    /** Sends everything encoded so far. */
    void flush() {
        hand();
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    /** Returns the bytes encoded or promised that the socket has not taken. */
    long pendingBytes() {
        ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
        long pending = outbound == null ? 0 : outbound.totalPendingWriteBytes();
        if (buffer != null) {
            pending += buffer.readableBytes();
        }
        if (longBulk != null) {
            pending += longBulk.length - longBulkWritten;
        }
        return pending;
    }

    /** Gives back what is not sent; nothing can be written any more. */
    void discard() {
        longBulk = null;
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }

    private ByteBuf buffer() {
        ByteBuf out = buffer;
        if (out == null) {
            out = channel.alloc().directBuffer(lastBufferBytes);
            buffer = out;
        }
        return out;
    }

    private void hand() {
        ByteBuf out = buffer;
        if (out == null) {
            return;
        }
        buffer = null;
        int bytes = out.readableBytes();
        lastBufferBytes = Math.min(BUFFER_BYTES_FULL, Math.max(256, Integer.highestOneBit(bytes) << 1));
        statistics.written(bytes);
        channel.write(out, channel.voidPromise());
        unflushed = true;
    }
}
