package io.kvasir.region.range;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.reply.ReplyCodec;
import io.kvasir.proto.request.RequestId;
import io.kvasir.region.EventCode;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.range.Entry.Event;
import io.kvasir.store.engine.Family;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of a raft entry, format 1, specified with test vectors in {@code docs/keyspace.md}. Numbers are big-endian;
 * lengths and counts are unsigned LEB128.
 *
 * <p>Stateless and safe for any thread.
 */
public final class EntryCodec {

    /** Version of the layout, the first byte of an entry. */
    public static final int FORMAT = 1;

    private static final int HAS_ID = 1;
    private static final int HAS_REPLY = 2;

    private static final int OP_PUT = 0x10;
    private static final int OP_DELETE = 0x20;
    private static final int OP_DELETE_RANGE = 0x30;
    private static final int OP_ADD_KEYS = 0x40;
    private static final int OP_MAP_INSTANCE = 0x50;

    private EntryCodec() {}

    /** Returns the bytes of {@code entry}. */
    public static byte[] encode(Entry entry) {
        Writer out = new Writer(256);
        out.u8(FORMAT);
        out.i64(entry.region().value());
        out.i64(entry.epoch().confVersion());
        out.i64(entry.epoch().version());
        out.i64(entry.link().term());
        out.i32(entry.link().chain());
        out.i64(entry.link().sequence());
        out.i64(entry.timestamp());
        out.i64(entry.origin());
        out.length(entry.commands().size());
        for (CommandEffects command : entry.commands()) {
            encode(out, command);
        }
        return out.toBytes();
    }

    private static void encode(Writer out, CommandEffects command) {
        out.length(command.ordinal());
        out.u8((command.id().isPresent() ? HAS_ID : 0) | (command.reply().isPresent() ? HAS_REPLY : 0));
        if (command.id().isPresent()) {
            out.i64(command.id().get().high());
            out.i64(command.id().get().low());
        }
        if (command.reply().isPresent()) {
            out.bytes(ReplyCodec.encode(command.reply().get()));
        }
        out.length(command.effects().size());
        for (Effect effect : command.effects()) {
            encode(out, effect);
        }
        out.length(command.events().size());
        for (Event event : command.events()) {
            out.u16(event.code().number());
            out.bytes(event.rootKey());
        }
    }

    private static void encode(Writer out, Effect effect) {
        switch (effect) {
            case Effect.Put(Family family, byte[] key, byte[] value) -> {
                out.u8(OP_PUT | family.number());
                out.bytes(key);
                out.bytes(value);
            }
            case Effect.Delete(Family family, byte[] key) -> {
                out.u8(OP_DELETE | family.number());
                out.bytes(key);
            }
            case Effect.DeleteRange(Family family, byte[] from, byte[] to) -> {
                out.u8(OP_DELETE_RANGE | family.number());
                out.bytes(from);
                out.bytes(to);
            }
            case Effect.AddKeys(int instance, long delta) -> {
                out.u8(OP_ADD_KEYS);
                out.i32(instance);
                out.i64(delta);
            }
            case Effect.MapInstance(int database, int instance) -> {
                out.u8(OP_MAP_INSTANCE);
                out.i32(database);
                out.i32(instance);
            }
        }
    }

    /**
     * Reads an entry.
     *
     * @throws IllegalArgumentException if {@code bytes} are not an entry of a known format
     */
    public static Entry decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            int format = in.get();
            if (format != FORMAT) {
                throw new IllegalArgumentException("raft entry of format " + format + ", known is " + FORMAT);
            }
            RegionId region = new RegionId(in.getLong());
            Epoch epoch = new Epoch(in.getLong(), in.getLong());
            ChainLink link = new ChainLink(in.getLong(), in.getInt(), in.getLong());
            long timestamp = in.getLong();
            long origin = in.getLong();
            int count = count(in);
            List<CommandEffects> commands = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                commands.add(decodeCommand(in));
            }
            if (in.hasRemaining()) {
                throw new IllegalArgumentException(in.remaining() + " bytes after the end of a raft entry");
            }
            return new Entry(region, epoch, link, timestamp, origin, commands);
        } catch (BufferUnderflowException truncated) {
            throw new IllegalArgumentException("truncated raft entry of " + bytes.length + " bytes", truncated);
        }
    }

    private static CommandEffects decodeCommand(ByteBuffer in) {
        int ordinal = length(in);
        int flags = in.get();
        Optional<RequestId> id =
                (flags & HAS_ID) != 0 ? Optional.of(new RequestId(in.getLong(), in.getLong())) : Optional.empty();
        Optional<Reply> reply =
                (flags & HAS_REPLY) != 0 ? Optional.of(ReplyCodec.decode(bytes(in))) : Optional.empty();
        int effectCount = count(in);
        List<Effect> effects = new ArrayList<>(effectCount);
        for (int i = 0; i < effectCount; i++) {
            effects.add(decodeEffect(in));
        }
        int eventCount = count(in);
        List<Event> events = new ArrayList<>(eventCount);
        for (int i = 0; i < eventCount; i++) {
            events.add(new Event(new EventCode(in.getShort() & 0xFFFF), bytes(in)));
        }
        return new CommandEffects(ordinal, id, reply, effects, events);
    }

    private static Effect decodeEffect(ByteBuffer in) {
        int code = in.get() & 0xFF;
        return switch (code & 0xF0) {
            case OP_PUT -> new Effect.Put(Family.numbered(code & 0x0F), bytes(in), bytes(in));
            case OP_DELETE -> new Effect.Delete(Family.numbered(code & 0x0F), bytes(in));
            case OP_DELETE_RANGE -> new Effect.DeleteRange(Family.numbered(code & 0x0F), bytes(in), bytes(in));
            case OP_ADD_KEYS -> new Effect.AddKeys(in.getInt(), in.getLong());
            case OP_MAP_INSTANCE -> new Effect.MapInstance(in.getInt(), in.getInt());
            default -> throw new IllegalArgumentException("unknown effect " + code + " in a raft entry");
        };
    }

    private static byte[] bytes(ByteBuffer in) {
        int length = length(in);
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** Reads a count of things of which each takes at least a byte, so that it cannot ask for more than there is. */
    private static int count(ByteBuffer in) {
        int count = length(in);
        if (count > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return count;
    }

    private static int length(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; shift < 32; shift += 7) {
            int b = in.get();
            value |= (b & 0x7F) << shift;
            if (b >= 0) {
                if (value < 0) {
                    break;
                }
                return value;
            }
        }
        throw new IllegalArgumentException("length out of range in a raft entry");
    }

    /** A growing array. Confined to one encoding. */
    private static final class Writer {

        private byte[] bytes;
        private int size;

        Writer(int capacity) {
            bytes = new byte[capacity];
        }

        void u8(int value) {
            reserve(1);
            bytes[size++] = (byte) value;
        }

        void u16(int value) {
            u8(value >>> 8);
            u8(value);
        }

        void i32(int value) {
            u16(value >>> 16);
            u16(value);
        }

        void i64(long value) {
            i32((int) (value >>> 32));
            i32((int) value);
        }

        void length(int value) {
            int rest = value;
            while ((rest & ~0x7F) != 0) {
                u8(rest & 0x7F | 0x80);
                rest >>>= 7;
            }
            u8(rest);
        }

        void bytes(byte[] value) {
            length(value.length);
            reserve(value.length);
            System.arraycopy(value, 0, bytes, size, value.length);
            size += value.length;
        }

        byte[] toBytes() {
            return Arrays.copyOf(bytes, size);
        }

        private void reserve(int more) {
            if (bytes.length - size < more) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
            }
        }
    }
}
