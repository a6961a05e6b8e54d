package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.rdb.RdbStream;
import io.kvasir.gateway.rdb.RdbValue;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.ListValue;
import io.kvasir.gateway.type.ScoredMember;
import io.kvasir.gateway.type.SetEncoding;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.gateway.type.Thresholds;
import java.util.ArrayList;
import java.util.List;

/** Whole values of any type, between the keyspace and the forms of DUMP. Stateless. */
final class StoredValues {

    /** Counted for each element beside its own bytes when a value is stored: keys of its records, and an index. */
    private static final long ELEMENT_BYTES = 256;

    private StoredValues() {}

    /** A value and whether Redis would keep it in one compact block. */
    record Read(RdbValue value, boolean packed) {}

    /**
     * Returns the value of {@code entry}, which exists.
     *
     * @throws CommandError if it cannot be read
     */
    static Read read(Keyspace keyspace, Entry entry, Thresholds thresholds) throws CommandError {
        byte[] key = entry.userKey();
        return switch (entry.root().type()) {
            case STRING -> new Read(new RdbValue.Text(StringValue.of(entry).bytes()), false);
            case LIST -> {
                ListValue list = ListValue.of(entry);
                yield new Read(new RdbValue.Sequence(list.range(0, list.size())), true);
            }
            case SET -> {
                SetValue set = SetValue.open(keyspace, key);
                yield new Read(new RdbValue.Members(set.members()), set.encoding() == SetEncoding.INTSET);
            }
            case HASH -> {
                HashValue hash = HashValue.open(keyspace, key);
                List<byte[]> fields = new ArrayList<>();
                List<byte[]> values = new ArrayList<>();
                hash.forEach((field, value) -> fields.add(field) && values.add(value));
                yield new Read(
                        new RdbValue.Fields(fields, values), hash.encoding().equals("listpack"));
            }
            case ZSET -> {
                SortedSetValue zset = SortedSetValue.open(keyspace, key);
                List<byte[]> members = new ArrayList<>();
                List<Double> scores = new ArrayList<>();
                for (ScoredMember scored : zset.slice(0, zset.size(), false)) {
                    members.add(scored.member());
                    scores.add(scored.score());
                }
                boolean packed = zset.isListpack(thresholds.zsetEntries(), thresholds.zsetBytes());
                yield new Read(new RdbValue.Scores(members, scores), packed);
            }
            case STREAM -> new Read(StoredStreams.read(StreamValue.open(keyspace, key)), false);
        };
    }

    /**
     * Returns without effect if one command can store {@code value}.
     *
     * @throws CommandError "ERR value too large…" if it cannot
     */
    static void claim(Keyspace keyspace, byte[] key, RdbValue value) throws CommandError {
        long each = key.length + ELEMENT_BYTES;
        switch (value) {
            case RdbValue.Text text -> StringValue.requireReplaceable(text.bytes().length);
            case RdbValue.Sequence sequence -> claim(keyspace, each, sequence.elements());
            case RdbValue.Members members -> claim(keyspace, each, members.members());
            case RdbValue.Fields fields -> {
                claim(keyspace, each, fields.fields());
                claim(keyspace, 0, fields.values());
            }
            case RdbValue.Scores scores -> {
                claim(keyspace, 3 * each, scores.members());
                claim(keyspace, 0, scores.members());
            }
            case RdbStream stream -> StoredStreams.claim(keyspace, each, stream);
        }
    }

    private static void claim(Keyspace keyspace, long each, List<byte[]> elements) throws CommandError {
        long bytes = 0;
        for (byte[] element : elements) {
            bytes += each + element.length;
        }
        keyspace.claim(0, bytes);
    }

    /**
     * Stores {@code value} at {@code key}, which is absent, without an expiry; what it takes was found to fit
     * ({@link #claim}).
     *
     * @return the key's entry
     */
    static Entry add(Keyspace keyspace, byte[] key, RdbValue value) throws CommandError {
        return switch (value) {
            case RdbValue.Text text -> {
                StringValue string = keyspace.string(key);
                string.replace(text.bytes());
                yield string.entry();
            }
            case RdbValue.Sequence sequence -> {
                ListValue list = ListValue.open(keyspace, key);
                list.push(false, sequence.elements().toArray(byte[][]::new));
                list.claim();
                list.store();
                yield list.entry();
            }
            case RdbValue.Members members -> {
                SetValue set = SetValue.open(keyspace, key);
                set.expect(members.members().getFirst(), members.members().size());
                members.members().forEach(set::add);
                set.store();
                yield set.entry();
            }
            case RdbValue.Fields fields -> {
                HashValue hash = HashValue.open(keyspace, key);
                for (int i = 0; i < fields.fields().size(); i++) {
                    hash.put(fields.fields().get(i), fields.values().get(i));
                }
                hash.store();
                yield hash.entry();
            }
            case RdbValue.Scores scores -> {
                List<ScoredMember> members = new ArrayList<>(scores.members().size());
                for (int i = 0; i < scores.members().size(); i++) {
                    // A score of -0 is kept as 0.
                    members.add(new ScoredMember(
                            scores.members().get(i), scores.scores().get(i) + 0.0));
                }
                Entry entry = keyspace.open(key);
                SortedSetValue.replace(entry, members);
                yield entry;
            }
            case RdbStream stream -> {
                StreamValue added = StreamValue.open(keyspace, key);
                StoredStreams.add(added, stream);
                yield added.entry();
            }
        };
    }
}
