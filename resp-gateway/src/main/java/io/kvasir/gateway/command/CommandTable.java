package io.kvasir.gateway.command;

import io.kvasir.gateway.command.bitmap.BitCount;
import io.kvasir.gateway.command.bitmap.BitField;
import io.kvasir.gateway.command.bitmap.BitFieldRo;
import io.kvasir.gateway.command.bitmap.BitOp;
import io.kvasir.gateway.command.bitmap.BitPos;
import io.kvasir.gateway.command.bitmap.GetBit;
import io.kvasir.gateway.command.bitmap.SetBit;
import io.kvasir.gateway.command.database.DbSize;
import io.kvasir.gateway.command.database.SwapDb;
import io.kvasir.gateway.command.geo.GeoAdd;
import io.kvasir.gateway.command.geo.GeoDist;
import io.kvasir.gateway.command.geo.GeoPos;
import io.kvasir.gateway.command.geo.GeoSearch;
import io.kvasir.gateway.command.hash.HDel;
import io.kvasir.gateway.command.hash.HExists;
import io.kvasir.gateway.command.hash.HGet;
import io.kvasir.gateway.command.hash.HGetAll;
import io.kvasir.gateway.command.hash.HIncrBy;
import io.kvasir.gateway.command.hash.HIncrByFloat;
import io.kvasir.gateway.command.hash.HLen;
import io.kvasir.gateway.command.hash.HMGet;
import io.kvasir.gateway.command.hash.HRandField;
import io.kvasir.gateway.command.hash.HScan;
import io.kvasir.gateway.command.hash.HSet;
import io.kvasir.gateway.command.hash.HSetNx;
import io.kvasir.gateway.command.hash.HStrLen;
import io.kvasir.gateway.command.hyperloglog.PfAdd;
import io.kvasir.gateway.command.hyperloglog.PfCount;
import io.kvasir.gateway.command.hyperloglog.PfDebug;
import io.kvasir.gateway.command.hyperloglog.PfMerge;
import io.kvasir.gateway.command.key.Copy;
import io.kvasir.gateway.command.key.Delete;
import io.kvasir.gateway.command.key.Dump;
import io.kvasir.gateway.command.key.Exists;
import io.kvasir.gateway.command.key.Expire;
import io.kvasir.gateway.command.key.Keys;
import io.kvasir.gateway.command.key.Move;
import io.kvasir.gateway.command.key.ObjectHelp;
import io.kvasir.gateway.command.key.ObjectInfo;
import io.kvasir.gateway.command.key.Persist;
import io.kvasir.gateway.command.key.RandomKey;
import io.kvasir.gateway.command.key.Rename;
import io.kvasir.gateway.command.key.Restore;
import io.kvasir.gateway.command.key.Scan;
import io.kvasir.gateway.command.key.Sort;
import io.kvasir.gateway.command.key.Ttl;
import io.kvasir.gateway.command.key.Type;
import io.kvasir.gateway.command.list.BlockingMPop;
import io.kvasir.gateway.command.list.BlockingMove;
import io.kvasir.gateway.command.list.BlockingPop;
import io.kvasir.gateway.command.list.LIndex;
import io.kvasir.gateway.command.list.LInsert;
import io.kvasir.gateway.command.list.LLen;
import io.kvasir.gateway.command.list.LMPop;
import io.kvasir.gateway.command.list.LMove;
import io.kvasir.gateway.command.list.LPos;
import io.kvasir.gateway.command.list.LRange;
import io.kvasir.gateway.command.list.LRem;
import io.kvasir.gateway.command.list.LSet;
import io.kvasir.gateway.command.list.LTrim;
import io.kvasir.gateway.command.list.Pop;
import io.kvasir.gateway.command.list.Push;
import io.kvasir.gateway.command.set.SAdd;
import io.kvasir.gateway.command.set.SCard;
import io.kvasir.gateway.command.set.SCombine;
import io.kvasir.gateway.command.set.SCombineStore;
import io.kvasir.gateway.command.set.SInterCard;
import io.kvasir.gateway.command.set.SIsMember;
import io.kvasir.gateway.command.set.SMIsMember;
import io.kvasir.gateway.command.set.SMembers;
import io.kvasir.gateway.command.set.SMove;
import io.kvasir.gateway.command.set.SPop;
import io.kvasir.gateway.command.set.SRandMember;
import io.kvasir.gateway.command.set.SRem;
import io.kvasir.gateway.command.set.SScan;
import io.kvasir.gateway.command.stream.StreamHelp;
import io.kvasir.gateway.command.stream.XAck;
import io.kvasir.gateway.command.stream.XAdd;
import io.kvasir.gateway.command.stream.XAutoClaim;
import io.kvasir.gateway.command.stream.XClaim;
import io.kvasir.gateway.command.stream.XDel;
import io.kvasir.gateway.command.stream.XGroup;
import io.kvasir.gateway.command.stream.XInfo;
import io.kvasir.gateway.command.stream.XLen;
import io.kvasir.gateway.command.stream.XPending;
import io.kvasir.gateway.command.stream.XRange;
import io.kvasir.gateway.command.stream.XRead;
import io.kvasir.gateway.command.stream.XReadGroup;
import io.kvasir.gateway.command.stream.XSetId;
import io.kvasir.gateway.command.stream.XTrim;
import io.kvasir.gateway.command.string.Append;
import io.kvasir.gateway.command.string.Decr;
import io.kvasir.gateway.command.string.DecrBy;
import io.kvasir.gateway.command.string.Get;
import io.kvasir.gateway.command.string.GetDel;
import io.kvasir.gateway.command.string.GetEx;
import io.kvasir.gateway.command.string.GetRange;
import io.kvasir.gateway.command.string.GetSet;
import io.kvasir.gateway.command.string.Incr;
import io.kvasir.gateway.command.string.IncrBy;
import io.kvasir.gateway.command.string.IncrByFloat;
import io.kvasir.gateway.command.string.Lcs;
import io.kvasir.gateway.command.string.MGet;
import io.kvasir.gateway.command.string.MSet;
import io.kvasir.gateway.command.string.MSetNx;
import io.kvasir.gateway.command.string.PSetEx;
import io.kvasir.gateway.command.string.Set;
import io.kvasir.gateway.command.string.SetEx;
import io.kvasir.gateway.command.string.SetNx;
import io.kvasir.gateway.command.string.SetRange;
import io.kvasir.gateway.command.string.StrLen;
import io.kvasir.gateway.command.string.SubStr;
import io.kvasir.gateway.command.zset.BlockingZMPop;
import io.kvasir.gateway.command.zset.BlockingZPop;
import io.kvasir.gateway.command.zset.ZAdd;
import io.kvasir.gateway.command.zset.ZCard;
import io.kvasir.gateway.command.zset.ZCombine;
import io.kvasir.gateway.command.zset.ZCount;
import io.kvasir.gateway.command.zset.ZMPop;
import io.kvasir.gateway.command.zset.ZMScore;
import io.kvasir.gateway.command.zset.ZPop;
import io.kvasir.gateway.command.zset.ZRandMember;
import io.kvasir.gateway.command.zset.ZRange;
import io.kvasir.gateway.command.zset.ZRangeStore;
import io.kvasir.gateway.command.zset.ZRank;
import io.kvasir.gateway.command.zset.ZRem;
import io.kvasir.gateway.command.zset.ZRemRange;
import io.kvasir.gateway.command.zset.ZScan;
import io.kvasir.gateway.command.zset.ZScore;
import io.kvasir.region.Procedure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All commands of the server. Looked up by the bytes of the name in any case, without garbage. Immutable; safe for any
 * thread. This file is long because all rows stand in one table.
 */
public final class CommandTable {

    /** The commands over data; those of the session layer join them in the constructor. */
    private static final List<Command> DATA = List.of(
            // bitmap
            new Command.Data(BitCount.SPEC, BitCount::parse),
            new Command.Data(BitField.SPEC, BitField::parse),
            new Command.Data(BitFieldRo.SPEC, BitFieldRo::parse),
            new Command.Data(BitOp.SPEC, BitOp::parse),
            new Command.Data(BitPos.SPEC, BitPos::parse),
            new Command.Data(GetBit.SPEC, GetBit::parse),
            new Command.Data(SetBit.SPEC, SetBit::parse),
            // key
            Delete.row(Delete.DEL),
            Delete.row(Delete.UNLINK),
            Exists.row(Exists.EXISTS),
            Exists.row(Exists.TOUCH),
            new Command.Data(Type.SPEC, Type::parse),
            Expire.Form.EXPIRE.row(),
            Expire.Form.PEXPIRE.row(),
            Expire.Form.EXPIREAT.row(),
            Expire.Form.PEXPIREAT.row(),
            Ttl.Form.TTL.row(),
            Ttl.Form.PTTL.row(),
            Ttl.Form.EXPIRETIME.row(),
            Ttl.Form.PEXPIRETIME.row(),
            new Command.Data(Persist.SPEC, Persist::parse),
            Rename.row(Rename.RENAME),
            Rename.row(Rename.RENAMENX),
            new Command.Data(Copy.SPEC, Copy::parse),
            new Command.Data(Move.SPEC, Move::parse),
            new Command.Data(Dump.SPEC, Dump::parse),
            Restore.row(Restore.RESTORE),
            Restore.row(Restore.RESTORE_ASKING),
            new Command.Container(ObjectHelp.CONTAINER),
            ObjectInfo.Form.ENCODING.row(),
            ObjectInfo.Form.REFCOUNT.row(),
            ObjectInfo.Form.IDLETIME.row(),
            ObjectInfo.Form.FREQ.row(),
            ObjectHelp.row(),
            Scan.row(),
            Keys.row(),
            Sort.row(Sort.SORT),
            Sort.row(Sort.SORT_RO),
            RandomKey.row(),
            // database; FLUSHDB and FLUSHALL need a source of instances and join in the constructor
            DbSize.row(),
            SwapDb.row(),
            // geo
            new Command.Data(GeoAdd.SPEC, GeoAdd::parse),
            GeoPos.Form.GEOPOS.row(),
            GeoPos.Form.GEOHASH.row(),
            new Command.Data(GeoDist.SPEC, GeoDist::parse),
            GeoSearch.Form.GEOSEARCH.row(),
            GeoSearch.Form.GEOSEARCHSTORE.row(),
            GeoSearch.Form.GEORADIUS.row(),
            GeoSearch.Form.GEORADIUS_RO.row(),
            GeoSearch.Form.GEORADIUSBYMEMBER.row(),
            GeoSearch.Form.GEORADIUSBYMEMBER_RO.row(),
            // hash
            HSet.row(HSet.HSET),
            HSet.row(HSet.HMSET),
            new Command.Data(HSetNx.SPEC, HSetNx::parse),
            new Command.Data(HGet.SPEC, HGet::parse),
            new Command.Data(HMGet.SPEC, HMGet::parse),
            HGetAll.Form.HGETALL.row(),
            HGetAll.Form.HKEYS.row(),
            HGetAll.Form.HVALS.row(),
            new Command.Data(HLen.SPEC, HLen::parse),
            new Command.Data(HStrLen.SPEC, HStrLen::parse),
            new Command.Data(HExists.SPEC, HExists::parse),
            new Command.Data(HDel.SPEC, HDel::parse),
            new Command.Data(HIncrBy.SPEC, HIncrBy::parse),
            new Command.Data(HIncrByFloat.SPEC, HIncrByFloat::parse),
            new Command.Data(HRandField.SPEC, HRandField::parse),
            new Command.Data(HScan.SPEC, HScan::parse),
            // list
            Push.Form.LPUSH.row(),
            Push.Form.RPUSH.row(),
            Push.Form.LPUSHX.row(),
            Push.Form.RPUSHX.row(),
            Pop.Form.LPOP.row(),
            Pop.Form.RPOP.row(),
            new Command.Data(LLen.SPEC, LLen::parse),
            new Command.Data(LRange.SPEC, LRange::parse),
            new Command.Data(LIndex.SPEC, LIndex::parse),
            new Command.Data(LSet.SPEC, LSet::parse),
            new Command.Data(LInsert.SPEC, LInsert::parse),
            new Command.Data(LRem.SPEC, LRem::parse),
            new Command.Data(LTrim.SPEC, LTrim::parse),
            new Command.Data(LPos.SPEC, LPos::parse),
            LMove.row(LMove.LMOVE),
            LMove.row(LMove.RPOPLPUSH),
            new Command.Data(LMPop.SPEC, LMPop::parse),
            BlockingPop.Form.BLPOP.row(),
            BlockingPop.Form.BRPOP.row(),
            BlockingMove.row(BlockingMove.BLMOVE),
            BlockingMove.row(BlockingMove.BRPOPLPUSH),
            new Command.Data(BlockingMPop.SPEC, BlockingMPop::parse),
            // sorted set
            ZAdd.row(ZAdd.ZADD),
            ZAdd.row(ZAdd.ZINCRBY),
            new Command.Data(ZRem.SPEC, ZRem::parse),
            new Command.Data(ZCard.SPEC, ZCard::parse),
            new Command.Data(ZScore.SPEC, ZScore::parse),
            new Command.Data(ZMScore.SPEC, ZMScore::parse),
            ZRank.Form.ZRANK.row(),
            ZRank.Form.ZREVRANK.row(),
            ZCount.Form.ZCOUNT.row(),
            ZCount.Form.ZLEXCOUNT.row(),
            ZRange.Form.ZRANGE.row(),
            ZRange.Form.ZREVRANGE.row(),
            ZRange.Form.ZRANGEBYSCORE.row(),
            ZRange.Form.ZREVRANGEBYSCORE.row(),
            ZRange.Form.ZRANGEBYLEX.row(),
            ZRange.Form.ZREVRANGEBYLEX.row(),
            new Command.Data(ZRangeStore.SPEC, ZRangeStore::parse),
            ZRemRange.Form.ZREMRANGEBYRANK.row(),
            ZRemRange.Form.ZREMRANGEBYSCORE.row(),
            ZRemRange.Form.ZREMRANGEBYLEX.row(),
            ZPop.Form.ZPOPMIN.row(),
            ZPop.Form.ZPOPMAX.row(),
            new Command.Data(ZMPop.SPEC, ZMPop::parse),
            BlockingZPop.Form.BZPOPMIN.row(),
            BlockingZPop.Form.BZPOPMAX.row(),
            new Command.Data(BlockingZMPop.SPEC, BlockingZMPop::parse),
            new Command.Data(ZRandMember.SPEC, ZRandMember::parse),
            ZCombine.Form.ZUNION.row(),
            ZCombine.Form.ZINTER.row(),
            ZCombine.Form.ZDIFF.row(),
            ZCombine.Form.ZINTERCARD.row(),
            ZCombine.Form.ZUNIONSTORE.row(),
            ZCombine.Form.ZINTERSTORE.row(),
            ZCombine.Form.ZDIFFSTORE.row(),
            new Command.Data(ZScan.SPEC, ZScan::parse),
            // set
            new Command.Data(SAdd.SPEC, SAdd::parse),
            new Command.Data(SCard.SPEC, SCard::parse),
            SCombine.Form.SDIFF.row(),
            SCombine.Form.SINTER.row(),
            SCombine.Form.SUNION.row(),
            SCombineStore.Form.SDIFFSTORE.row(),
            SCombineStore.Form.SINTERSTORE.row(),
            SCombineStore.Form.SUNIONSTORE.row(),
            new Command.Data(SInterCard.SPEC, SInterCard::parse),
            new Command.Data(SIsMember.SPEC, SIsMember::parse),
            new Command.Data(SMembers.SPEC, SMembers::parse),
            new Command.Data(SMIsMember.SPEC, SMIsMember::parse),
            new Command.Data(SMove.SPEC, SMove::parse),
            new Command.Data(SPop.SPEC, SPop::parse),
            new Command.Data(SRandMember.SPEC, SRandMember::parse),
            new Command.Data(SRem.SPEC, SRem::parse),
            new Command.Data(SScan.SPEC, SScan::parse),
            // HyperLogLog
            new Command.Data(PfAdd.SPEC, PfAdd::parse),
            new Command.Data(PfCount.SPEC, PfCount::parse),
            new Command.Data(PfDebug.SPEC, PfDebug::parse),
            new Command.Data(PfMerge.SPEC, PfMerge::parse),
            // stream
            new Command.Data(XAck.SPEC, XAck::parse),
            new Command.Data(XAdd.SPEC, XAdd::parse),
            new Command.Data(XAutoClaim.SPEC, XAutoClaim::parse),
            new Command.Data(XClaim.SPEC, XClaim::parse),
            new Command.Data(XDel.SPEC, XDel::parse),
            new Command.Container(XGroup.CONTAINER),
            XGroup.Form.CREATE.row(),
            XGroup.Form.SETID.row(),
            XGroup.Form.DESTROY.row(),
            XGroup.Form.CREATECONSUMER.row(),
            XGroup.Form.DELCONSUMER.row(),
            StreamHelp.Form.XGROUP.row(),
            new Command.Container(XInfo.CONTAINER),
            XInfo.Form.STREAM.row(),
            XInfo.Form.GROUPS.row(),
            XInfo.Form.CONSUMERS.row(),
            StreamHelp.Form.XINFO.row(),
            new Command.Data(XLen.SPEC, XLen::parse),
            new Command.Data(XPending.SPEC, XPending::parse),
            XRange.Form.XRANGE.row(),
            XRange.Form.XREVRANGE.row(),
            new Command.Data(XRead.SPEC, XRead::parse),
            new Command.Data(XReadGroup.SPEC, XReadGroup::parse),
            new Command.Data(XSetId.SPEC, XSetId::parse),
            new Command.Data(XTrim.SPEC, XTrim::parse),
            // string
            new Command.Data(Append.SPEC, Append::parse),
            new Command.Data(Decr.SPEC, Decr::parse),
            new Command.Data(DecrBy.SPEC, DecrBy::parse),
            new Command.Data(Get.SPEC, Get::parse),
            new Command.Data(GetDel.SPEC, GetDel::parse),
            new Command.Data(GetEx.SPEC, GetEx::parse),
            new Command.Data(GetRange.SPEC, GetRange::parse),
            new Command.Data(GetSet.SPEC, GetSet::parse),
            new Command.Data(Incr.SPEC, Incr::parse),
            new Command.Data(IncrBy.SPEC, IncrBy::parse),
            new Command.Data(IncrByFloat.SPEC, IncrByFloat::parse),
            new Command.Data(Lcs.SPEC, Lcs::parse),
            new Command.Data(MGet.SPEC, MGet::parse),
            new Command.Data(MSet.SPEC, MSet::parse),
            new Command.Data(MSetNx.SPEC, MSetNx::parse),
            new Command.Data(PSetEx.SPEC, PSetEx::parse),
            new Command.Data(Set.SPEC, Set::parse),
            new Command.Data(SetEx.SPEC, SetEx::parse),
            new Command.Data(SetNx.SPEC, SetNx::parse),
            new Command.Data(SetRange.SPEC, SetRange::parse),
            new Command.Data(StrLen.SPEC, StrLen::parse),
            new Command.Data(SubStr.SPEC, SubStr::parse));

    /** Longest part of an unknown name, and of its arguments, that the error quotes (redis server.c). */
    private static final int QUOTED_BYTES_MAX = 128;

    private final List<Command> commands;
    private final Names names;
    private final TreeMap<String, Names> subcommands;

    /**
     * Makes a table of the commands over data and {@code others}: session commands, and containers of subcommands.
     *
     * @throws IllegalArgumentException if two have one name, or a subcommand has no container
     */
    public CommandTable(Collection<? extends Command> others) {
        TreeMap<String, Command> byName = new TreeMap<>();
        List<Command> all = new ArrayList<>(DATA);
        all.addAll(others);
        for (Command command : all) {
            if (byName.put(command.spec().name(), command) != null) {
                throw new IllegalArgumentException(
                        "two commands named " + command.spec().name());
            }
        }
        commands = List.copyOf(byName.values());
        names = new Names(commands.stream()
                .filter(command -> !command.spec().isSubcommand())
                .toList());
        subcommands = new TreeMap<>();
        for (Command command : commands) {
            if (command instanceof Command.Container) {
                subcommands.put(
                        command.spec().name(),
                        new Names(subcommandsOf(command.spec().name())));
            }
        }
        for (Command command : commands) {
            if (command.spec().isSubcommand()
                    && !subcommands.containsKey(command.spec().container())) {
                throw new IllegalArgumentException(
                        "no container for " + command.spec().name());
            }
        }
    }

    /** Returns all commands in the order of their names, subcommands among them. */
    public List<Command> all() {
        return commands;
    }

    /** Returns the subcommands of the container named {@code container}, in the order of their names. */
    public List<Command> subcommandsOf(String container) {
        return commands.stream()
                .filter(command -> command.spec().isSubcommand()
                        && command.spec().container().equals(container))
                .toList();
    }

    /** Returns every procedure that a range must know to serve these commands. */
    public List<Procedure> procedures() {
        List<Procedure> procedures = new ArrayList<>();
        for (Command command : commands) {
            switch (command) {
                case Command.Data data -> procedures.add(data);
                case Command.RangeByRange ranges -> {
                    Command.Data part = ranges.part();
                    if (part != null) {
                        procedures.add(part);
                    }
                }
                case Command.Container container -> {}
                case Command.Session session -> {}
            }
        }
        return Collections.unmodifiableList(procedures);
    }

    /** Returns the command named {@code name}, in any case, subcommands excepted; null if there is none. */
    public @Nullable Command find(byte[] name) {
        return names.find(name);
    }

    /** Returns the subcommand of {@code container} named {@code name}, in any case; null if there is none. */
    public @Nullable Command find(Command.Container container, byte[] name) {
        Names within = subcommands.get(container.spec().name());
        return within == null ? null : within.find(name);
    }

    /**
     * Returns the command that {@code words} call, with the right number of words; a container itself only if it was
     * called alone and its row allows that.
     *
     * @param words at least one
     * @throws CommandError with Redis' text if there is no such command, or the number of words is wrong
     */
    public Command require(byte[][] words) throws CommandError {
        Command command = names.find(words[0]);
        if (command == null) {
            throw unknown(words);
        }
        if (command instanceof Command.Container container && words.length > 1) {
            command = find(container, words[1]);
            if (command == null) {
                throw new CommandError("ERR unknown subcommand '" + CommandError.quote(words[1], QUOTED_BYTES_MAX)
                        + "'. Try " + container.spec().name() + " HELP.");
            }
        }
        if (!command.spec().accepts(words.length)) {
            throw CommandError.wrongArity(command.spec().replyName());
        }
        return command;
    }

    /** Returns the error of a command that is none, as {@code words} call it. */
    public static CommandError unknown(byte[][] words) {
        StringBuilder arguments = new StringBuilder();
        for (int i = 1; i < words.length && arguments.length() < QUOTED_BYTES_MAX; i++) {
            String quoted = CommandError.quote(words[i], QUOTED_BYTES_MAX - arguments.length());
            arguments.append('\'').append(quoted).append("' ");
        }
        return new CommandError("ERR unknown command '" + CommandError.quote(words[0], QUOTED_BYTES_MAX)
                + "', with args beginning with: " + arguments);
    }

    /** Commands by the last word of their name: open addressing over a power of two, at most half full. */
    private static final class Names {

        private final byte[][] keys;
        private final @Nullable Command[] values;

        Names(List<Command> commands) {
            int capacity = Integer.highestOneBit(Math.max(1, commands.size())) << 2;
            keys = new byte[capacity][];
            values = new Command[capacity];
            for (Command command : commands) {
                String name = command.spec().name();
                byte[] key = name.substring(name.indexOf(' ') + 1)
                        .toUpperCase(Locale.ROOT)
                        .getBytes(StandardCharsets.ISO_8859_1);
                int slot = hash(key) & capacity - 1;
                while (values[slot] != null) {
                    slot = slot + 1 & capacity - 1;
                }
                keys[slot] = key;
                values[slot] = command;
            }
        }

        @Nullable
        Command find(byte[] name) {
            int mask = values.length - 1;
            for (int slot = hash(name) & mask; values[slot] != null; slot = slot + 1 & mask) {
                if (matches(keys[slot], name)) {
                    return values[slot];
                }
            }
            return null;
        }

        private static boolean matches(byte[] upper, byte[] name) {
            if (upper.length != name.length) {
                return false;
            }
            for (int i = 0; i < upper.length; i++) {
                if (upper[i] != Arguments.upperCase(name[i])) {
                    return false;
                }
            }
            return true;
        }

        private static int hash(byte[] name) {
            int hash = name.length;
            for (byte letter : name) {
                hash = hash * 31 + Arguments.upperCase(letter);
            }
            return hash ^ hash >>> 15;
        }
    }
}
