package io.kvasir.region.raft;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import io.kvasir.store.log.Entry;
import io.kvasir.store.log.GroupLog;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The log that SOFAJRaft sees, on a {@link GroupLog}. It never reports a failure: an I/O error of the engine halts the
 * process before any of these methods returns.
 *
 * <p>What SOFAJRaft truncates at the front is dropped only as far as the applied state is flushed, whatever it asks
 * for, because the rest will be replayed after a power cut. It does not notice: it asks for the first index at its
 * start alone. The newest configuration entry that is dropped is remembered, because a restart learns the voters from
 * it.
 *
 * <p>Called by one thread of the group at a time, reads by any thread.
 */
final class GroupLogStorage implements LogStorage {

    static final byte DATA = Entry.DATA;
    static final byte CONFIGURATION = 1;
    static final byte NO_OP = 2;

    private final GroupLog log;
    private final LongSupplier flushedIndex;
    private final Consumer<Membership> membershipIs;
    private final Consumer<Membership> membershipGrows;
    private final Membership initial;

    /** The last index of the snapshot that was installed last. */
    private volatile long installedIndex;

    /**
     * @param flushedIndex index up to which the log is not needed for replay; safe for any thread
     * @param membershipIs told of the newest configuration in the log when it was opened or its end cut off
     * @param membershipGrows told of the newest configuration that was appended
     * @param initial the voters while the log holds no configuration
     */
    GroupLogStorage(
            GroupLog log,
            LongSupplier flushedIndex,
            Consumer<Membership> membershipIs,
            Consumer<Membership> membershipGrows,
            Membership initial) {
        this.log = log;
        this.flushedIndex = flushedIndex;
        this.membershipIs = membershipIs;
        this.membershipGrows = membershipGrows;
        this.initial = initial;
    }

    /** Returns the newest configuration entry at or before {@code index} that {@code log} holds or remembers. */
    static Optional<LogEntry> configurationAt(GroupLog log, long index) {
        long[] indexes = log.indexesOfType(CONFIGURATION);
        for (int i = indexes.length - 1; i >= 0; i--) {
            if (indexes[i] <= index) {
                return Optional.of(requireConfiguration(log, indexes[i]));
            }
        }
        return log.memory()
                .map(ConfigurationCodec::decodeMemory)
                .filter(entry -> entry.getId().getIndex() <= index);
    }

    @Override
    public boolean init(LogStorageOptions options) {
        ConfigurationManager configurations = options.getConfigurationManager();
        for (long index : log.indexesOfType(CONFIGURATION)) {
            configurations.add(ConfigurationCodec.configuration(requireConfiguration(log, index)));
        }
        tellMembership();
        return true;
    }

    @Override
    public void shutdown() {
        // The log belongs to the engine.
    }

    @Override
    public long getFirstLogIndex() {
        return log.firstIndex();
    }

    @Override
    public long getLastLogIndex() {
        return log.lastIndex();
    }

    @Override
    public @Nullable LogEntry getEntry(long index) {
        byte[] data = log.read(index);
        if (data == null) {
            return null;
        }
        long term = log.termAt(index);
        byte type = log.typeAt(index);
        if (type == CONFIGURATION) {
            return ConfigurationCodec.decode(index, term, data);
        }
        LogEntry entry = new LogEntry(type == NO_OP ? EntryType.ENTRY_TYPE_NO_OP : EntryType.ENTRY_TYPE_DATA);
        entry.setId(new LogId(index, term));
        entry.setData(ByteBuffer.wrap(data));
        return entry;
    }

    @Override
    @Deprecated
    public long getTerm(long index) {
        return Math.max(0, log.termAt(index));
    }

    @Override
    public boolean appendEntry(LogEntry entry) {
        return appendEntries(List.of(entry)) == 1;
    }

    @Override
    public int appendEntries(List<LogEntry> entries) {
        if (entries.isEmpty()) {
            return 0;
        }
        List<Entry> encoded = new ArrayList<>(entries.size());
        Membership newest = null;
        for (LogEntry entry : entries) {
            if (entry.getId().getIndex() <= installedIndex) {
                continue; // on its way since before the snapshot, which stands for it
            }
            if (entry.getType() == EntryType.ENTRY_TYPE_CONFIGURATION) {
                newest = ConfigurationCodec.membership(entry);
            }
            encoded.add(encode(entry));
        }
        if (encoded.isEmpty()) {
            return entries.size();
        }
        log.append(entries.getLast().getId().getIndex() - encoded.size() + 1, encoded);
        if (newest != null) {
            membershipGrows.accept(newest);
        }
        return entries.size();
    }

    @Override
    public boolean truncatePrefix(long firstKept) {
        long dropped = firstKept > log.lastIndex() + 1 ? firstKept : Math.min(firstKept, flushedIndex.getAsLong() + 1);
        Optional<LogEntry> configuration = configurationAt(log, dropped - 1);
        if (configuration.isPresent()) {
            log.truncatePrefix(dropped, ConfigurationCodec.encodeMemory(configuration.get()));
        } else {
            log.truncatePrefix(dropped);
        }
        return true;
    }

    @Override
    public boolean truncateSuffix(long lastKept) {
        log.truncateSuffix(Math.max(lastKept, log.firstIndex() - 1));
        tellMembership();
        return true;
    }

    @Override
    public boolean reset(long nextLogIndex) {
        log.reset(nextLogIndex);
        tellMembership();
        return true;
    }

    /** A snapshot up to {@code index} has taken the place of the log. */
    void installed(long index) {
        installedIndex = index;
        tellMembership();
    }

    private void tellMembership() {
        membershipIs.accept(GroupStorages.membership(log, initial));
    }

    private static Entry encode(LogEntry entry) {
        long term = entry.getId().getTerm();
        return switch (entry.getType()) {
            case ENTRY_TYPE_DATA -> new Entry(term, DATA, bytes(entry.getData()));
            case ENTRY_TYPE_NO_OP -> new Entry(term, NO_OP, new byte[0]);
            case ENTRY_TYPE_CONFIGURATION -> new Entry(term, CONFIGURATION, ConfigurationCodec.encode(entry));
            case ENTRY_TYPE_UNKNOWN -> throw new IllegalArgumentException("entry without type at " + entry.getId());
        };
    }

    /** Returns the bytes of {@code data}, without a copy if it is the whole of its array. */
    static byte[] bytes(@Nullable ByteBuffer data) {
        if (data == null) {
            return new byte[0];
        }
        if (data.hasArray()
                && data.arrayOffset() == 0
                && data.position() == 0
                && data.remaining() == data.array().length) {
            return data.array();
        }
        byte[] copy = new byte[data.remaining()];
        data.duplicate().get(copy);
        return copy;
    }

    private static LogEntry requireConfiguration(GroupLog log, long index) {
        byte[] data = log.read(index);
        if (data == null) {
            throw new IllegalStateException("configuration entry " + index + " is gone");
        }
        return ConfigurationCodec.decode(index, log.termAt(index), data);
    }
}
