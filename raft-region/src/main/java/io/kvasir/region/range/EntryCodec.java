package io.kvasir.region.range;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.reply.ReplyCodec;
import io.kvasir.proto.request.RequestId;
import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.EventCode;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.range.Entry.Event;
import io.kvasir.store.engine.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The bytes of a raft entry, specified with test vectors in {@code docs/keyspace.md}, "Raft entry". Stateless and safe
 * for any thread.
 */
public final class EntryCodec {

    /** Version of the layout, the first byte of an entry. */
    public static final int VERSION = 1;

    private static final int HAS_ID = 1;
    private static final int HAS_REPLY = 2;
    private static final int HAS_COMMIT = 4;

    private static final int OP_PUT = 0x10;
    private static final int OP_DELETE = 0x20;
    private static final int OP_DELETE_RANGE = 0x30;
    private static final int OP_ADD_KEYS = 0x40;
    private static final int OP_MAP_INSTANCE = 0x50;
    private static final int OP_FORGET_INSTANCE = 0x60;
    private static final int OP_KEEP_PAST = 0x80;
    private static final int OP_SPLIT = 0x70;
    private static final int OP_MEMBERS = 0x90;
    private static final int OP_RECORD_CHECKSUM = 0xF0;

    private EntryCodec() {}

    /** Returns the bytes of {@code entry}. */
    public static byte[] encode(Entry entry) {
        WireWriter out = new WireWriter(256);
        out.u8(VERSION);
        out.i64(entry.region().value());
        out.i64(entry.epoch().confVersion()).i64(entry.epoch().version());
        out.i64(entry.link().term()).i32(entry.link().chain()).i64(entry.link().sequence());
        out.i64(entry.timestamp());
        out.i64(entry.origin());
        out.varint(entry.commands().size());
        for (CommandEffects command : entry.commands()) {
            write(out, command);
        }
        return out.toBytes();
    }

    private static void write(WireWriter out, CommandEffects command) {
        out.varint(command.ordinal());
        out.u8((command.id().isPresent() ? HAS_ID : 0)
                | (command.reply().isPresent() ? HAS_REPLY : 0)
                | (command.commit() != 0 ? HAS_COMMIT : 0));
        if (command.id().isPresent()) {
            RequestId id = command.id().get();
            out.i64(id.high()).i64(id.low()).i64(id.digest());
        }
        if (command.reply().isPresent()) {
            ReplyCodec.write(out, command.reply().get());
        }
        if (command.commit() != 0) {
            out.i64(command.commit());
        }
        out.varint(command.effects().size());
        for (Effect effect : command.effects()) {
            write(out, effect);
        }
        out.varint(command.events().size());
        for (Event event : command.events()) {
            out.varint(event.code().number()).bytes(event.rootKey());
        }
    }

    private static void write(WireWriter out, Effect effect) {
        switch (effect) {
            case Effect.Put(Family family, byte[] key, byte[] value) ->
                out.u8(OP_PUT | family.number()).bytes(key).bytes(value);
            case Effect.Delete(Family family, byte[] key) ->
                out.u8(OP_DELETE | family.number()).bytes(key);
            case Effect.DeleteRange(Family family, byte[] from, byte[] to) ->
                out.u8(OP_DELETE_RANGE | family.number()).bytes(from).bytes(to);
            case Effect.AddKeys(int instance, long delta) ->
                out.u8(OP_ADD_KEYS).i32(instance).zigzag(delta);
            case Effect.MapInstance(int database, int instance) ->
                out.u8(OP_MAP_INSTANCE).i32(database).i32(instance);
            case Effect.ForgetInstance(int instance) ->
                out.u8(OP_FORGET_INSTANCE).i32(instance);
            case Effect.KeepPast(int database, long millis, long horizon) ->
                out.u8(OP_KEEP_PAST).i32(database).i64(millis).i64(horizon);
            case Effect.Members(long confVersion, List<ReplicaId> voters) -> {
                out.u8(OP_MEMBERS).i64(confVersion).varint(voters.size());
                voters.forEach(voter -> out.i64(voter.store().value()).i32(voter.incarnation()));
            }
            case Effect.RecordChecksum(long id) -> out.u8(OP_RECORD_CHECKSUM).i64(id);
            case Effect.Split(RegionDescriptor child, SortedMap<Integer, Long> keys) -> {
                RegionDescriptorCodec.write(out.u8(OP_SPLIT), child);
                out.varint(keys.size());
                keys.forEach((instance, count) -> out.i32(instance).varint(count));
            }
        }
    }

    /**
     * Reads an entry.
     *
     * @throws MalformedBytes if {@code bytes} are not an entry of a known version
     */
    public static Entry decode(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        in.version("raft entry", VERSION);
        RegionId region = new RegionId(in.i64());
        Epoch epoch = new Epoch(in.i64(), in.i64());
        ChainLink link = new ChainLink(in.i64(), in.i32(), in.i64());
        long timestamp = in.i64();
        long origin = in.i64();
        int count = in.count("commands of a raft entry", Integer.MAX_VALUE);
        List<CommandEffects> commands = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            in.element();
            commands.add(readCommand(in));
        }
        in.end();
        return new Entry(region, epoch, link, timestamp, origin, commands);
    }

    private static CommandEffects readCommand(WireReader in) {
        int ordinal = in.varint("ordinal", 0, Integer.MAX_VALUE);
        int flags = in.u8();
        Optional<RequestId> id =
                (flags & HAS_ID) != 0 ? Optional.of(new RequestId(in.i64(), in.i64(), in.i64())) : Optional.empty();
        Optional<Reply> reply = (flags & HAS_REPLY) != 0 ? Optional.of(ReplyCodec.read(in)) : Optional.empty();
        long commit = (flags & HAS_COMMIT) != 0 ? in.i64() : 0;
        int effectCount = in.count("effects of a command", Integer.MAX_VALUE);
        List<Effect> effects = new ArrayList<>(effectCount);
        for (int i = 0; i < effectCount; i++) {
            in.element();
            effects.add(readEffect(in));
        }
        int eventCount = in.count("events of a command", Integer.MAX_VALUE);
        List<Event> events = new ArrayList<>(eventCount);
        for (int i = 0; i < eventCount; i++) {
            in.element();
            events.add(new Event(new EventCode(in.varint("event code", 0, 0xFFFF)), in.bytes()));
        }
        return new CommandEffects(ordinal, id, reply, effects, events, commit);
    }

    private static Effect readEffect(WireReader in) {
        int code = in.u8();
        return switch (code & 0xF0) {
            case OP_PUT -> new Effect.Put(Family.numbered(code & 0x0F), in.bytes(), in.bytes());
            case OP_DELETE -> new Effect.Delete(Family.numbered(code & 0x0F), in.bytes());
            case OP_DELETE_RANGE -> new Effect.DeleteRange(Family.numbered(code & 0x0F), in.bytes(), in.bytes());
            case OP_ADD_KEYS -> new Effect.AddKeys(in.i32(), in.zigzag());
            case OP_MAP_INSTANCE -> new Effect.MapInstance(in.i32(), in.i32());
            case OP_FORGET_INSTANCE -> new Effect.ForgetInstance(in.i32());
            case OP_KEEP_PAST -> new Effect.KeepPast(in.i32(), in.i64(), in.i64());
            case OP_SPLIT -> readSplit(in);
            case OP_MEMBERS -> readMembers(in);
            case OP_RECORD_CHECKSUM -> new Effect.RecordChecksum(in.i64());
            default -> throw new MalformedBytes("unknown effect " + code + " in a raft entry", in.offset());
        };
    }

    private static Effect readMembers(WireReader in) {
        long confVersion = in.i64();
        List<ReplicaId> voters = new ArrayList<>();
        for (int left = in.count("voters of a range", RegionDescriptorCodec.VOTERS_MAX); left > 0; left--) {
            in.element();
            voters.add(new ReplicaId(new StoreId(in.i64()), in.i32()));
        }
        return new Effect.Members(confVersion, voters);
    }

    private static Effect readSplit(WireReader in) {
        RegionDescriptor child = RegionDescriptorCodec.read(in);
        SortedMap<Integer, Long> keys = new TreeMap<>();
        for (int left = in.count("instances of a split", Integer.MAX_VALUE); left > 0; left--) {
            in.element();
            keys.put(in.i32(), in.varint());
        }
        return new Effect.Split(child, keys);
    }
}
