package io.kvasir.store.log;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The bodies of the records that are no entries, as docs/log-format.md specifies them. */
final class Body {

    static final int HARD_STATE_BYTES = 20;
    private static final int RUN_BYTES = 16;
    private static final int TYPED_BYTES = 9;
    private static final int MARKED = 1;
    private static final int REMEMBERS = 2;

    private Body() {}

    static byte[] number(long number) {
        return allocate(8).putLong(number).array();
    }

    static long number(ByteBuffer body) {
        return body.getLong();
    }

    static int prefixBytes(Change.TruncatePrefix truncate) {
        byte[] memory = truncate.memory();
        return 8 + (memory == null ? 0 : memory.length);
    }

    static byte[] prefix(Change.TruncatePrefix truncate) {
        byte[] memory = truncate.memory();
        ByteBuffer body = allocate(prefixBytes(truncate)).putLong(truncate.firstKept());
        return memory == null ? body.array() : body.put(memory).array();
    }

    static int installedBytes(Change.Installed installed) {
        byte[] memory = installed.memory();
        return 16 + (memory == null ? 0 : memory.length);
    }

    static byte[] installed(Change.Installed installed) {
        byte[] memory = installed.memory();
        ByteBuffer body = allocate(installedBytes(installed))
                .putLong(installed.mark().index())
                .putLong(installed.mark().term());
        return memory == null ? body.array() : body.put(memory).array();
    }

    /** Returns the memory in the rest of the body of a PREFIX or INSTALLED record, null if it holds none. */
    static byte @Nullable [] restMemory(ByteBuffer body) {
        return body.hasRemaining() ? rest(body) : null;
    }

    static byte[] hardState(HardState state) {
        ByteBuffer body = allocate(HARD_STATE_BYTES);
        putHardState(body, state);
        return body.array();
    }

    static HardState hardState(ByteBuffer body) {
        long term = body.getLong();
        long store = body.getLong();
        int incarnation = body.getInt();
        return new HardState(term, store == 0 ? null : new ReplicaId(new StoreId(store), incarnation));
    }

    static byte[] mark(InstallMark mark) {
        return allocate(16).putLong(mark.index()).putLong(mark.term()).array();
    }

    static InstallMark mark(ByteBuffer body) {
        return new InstallMark(body.getLong(), body.getLong());
    }

    static byte[] epoch(Epoch epoch) {
        return allocate(16)
                .putLong(epoch.confVersion())
                .putLong(epoch.version())
                .array();
    }

    static Epoch epoch(ByteBuffer body) {
        return new Epoch(body.getLong(), body.getLong());
    }

    static byte[] created(Change.Create create) {
        ByteBuffer body = allocate(8 + HARD_STATE_BYTES + create.initialState().length);
        body.putLong(create.nextIndex());
        putHardState(body, create.hardState());
        return body.put(create.initialState()).array();
    }

    static Change.Create created(RegionId region, int incarnation, ByteBuffer body) {
        long nextIndex = body.getLong();
        HardState hardState = hardState(body);
        return new Change.Create(region, incarnation, rest(body), nextIndex, hardState);
    }

    /** A replica as a checkpoint has it: all but the data and the places of its entries. */
    static byte[] replica(
            EntryIndex index,
            HardState state,
            @Nullable InstallMark mark,
            byte @Nullable [] memory,
            byte[] initialState) {
        ByteBuffer body = allocate(16
                + HARD_STATE_BYTES
                + 17
                + 8
                + index.runs() * RUN_BYTES
                + index.typed() * TYPED_BYTES
                + (memory == null ? 0 : 4 + memory.length)
                + initialState.length);
        body.putLong(index.first()).putLong(index.next());
        putHardState(body, state);
        body.put((byte) ((mark == null ? 0 : MARKED) | (memory == null ? 0 : REMEMBERS)));
        body.putLong(mark == null ? 0 : mark.index()).putLong(mark == null ? 0 : mark.term());
        body.putInt(index.runs()).putInt(index.typed());
        for (int i = 0; i < index.runs(); i++) {
            body.putLong(index.runFirst(i)).putLong(index.runTerm(i));
        }
        for (int i = 0; i < index.typed(); i++) {
            body.putLong(index.typedIndex(i)).put(index.typedType(i));
        }
        if (memory != null) {
            body.putInt(memory.length).put(memory);
        }
        return body.put(initialState).array();
    }

    /** Returns the replica that {@link #replica} describes, with entries whose places are unknown. */
    static GroupLog replica(LogEngine engine, RegionId region, int incarnation, ByteBuffer body) {
        long first = body.getLong();
        long next = body.getLong();
        HardState state = hardState(body);
        int flags = body.get();
        boolean marked = (flags & MARKED) != 0;
        InstallMark mark = mark(body);
        int runs = body.getInt();
        int typed = body.getInt();
        long[] runFirst = new long[runs + 1];
        long[] runTerm = new long[runs];
        for (int i = 0; i < runs; i++) {
            runFirst[i] = body.getLong();
            runTerm[i] = body.getLong();
        }
        runFirst[runs] = next;
        long[] typedIndex = new long[typed + 1];
        byte[] typedType = new byte[typed];
        for (int i = 0; i < typed; i++) {
            typedIndex[i] = body.getLong();
            typedType[i] = body.get();
        }
        typedIndex[typed] = next;
        EntryIndex index = new EntryIndex(first);
        int nextTyped = 0;
        for (int run = 0; run < runs; run++) {
            for (long i = runFirst[run]; i < runFirst[run + 1]; i++) {
                byte type = typedIndex[nextTyped] == i ? typedType[nextTyped++] : Entry.DATA;
                index.append(runTerm[run], type, EntryIndex.UNKNOWN, 0);
            }
        }
        if (index.next() != next) {
            throw new IllegalArgumentException("a checkpoint's terms do not cover its entries");
        }
        byte[] memory = null;
        if ((flags & REMEMBERS) != 0) {
            memory = new byte[body.getInt()];
            body.get(memory);
        }
        return new GroupLog(engine, region, incarnation, rest(body), index, state, marked ? mark : null, memory);
    }

    private static void putHardState(ByteBuffer body, HardState state) {
        ReplicaId vote = state.vote();
        body.putLong(state.term());
        body.putLong(vote == null ? 0 : vote.store().value());
        body.putInt(vote == null ? 0 : vote.incarnation());
    }

    private static byte[] rest(ByteBuffer body) {
        byte[] rest = new byte[body.remaining()];
        body.get(rest);
        return rest;
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
