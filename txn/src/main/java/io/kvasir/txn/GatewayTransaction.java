package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.OwnedKey;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.EventCode;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import io.kvasir.txn.percolator.PastRead;
import io.kvasir.txn.percolator.Percolator;
import io.kvasir.txn.percolator.SnapshotRead;
import io.kvasir.txn.percolator.SnapshotRead.Found;
import io.kvasir.txn.percolator.SnapshotRead.Want;
import io.kvasir.txn.percolator.WriteSet;
import io.kvasir.txn.percolator.WriteSet.Write;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a transaction over several ranges: it reads what stood at its start timestamp, from the leaders of the
 * ranges, and keeps its writes to itself. What it has read it will guard, what it has written it will lock, and the
 * {@link Coordinator} asks for both once the procedure is through.
 *
 * <p>Any read may throw {@link Restart} or {@link TransactionRefused}. Confined to the strand that runs the procedure,
 * which waits for the ranges.
 */
final class GatewayTransaction implements Transaction {

    /** User keys that one transaction may write: its primary lists them. */
    static final int WRITTEN_MAX = 16_384;

    /** User keys that one transaction may read one by one. */
    static final int READ_MAX = 65_536;

    /** User keys only read that are locked one by one; beyond, each range locks from the first to the last of them. */
    static final int GUARDS_MAX = 4_096;

    /** Records asked of a range in one message. */
    private static final int WANTS_MAX = 1_024;

    /** Bytes that one transaction may write in one range, about: its locks carry them in one raft entry. */
    static final long RANGE_BYTES_MAX = 3L << 20;

    private static final byte[] UNBOUNDED = new byte[0];

    private final long start;
    private final RouteTable routes;
    private final Participants participants;
    private final Strands strands;
    private final InstanceGuesses guesses;
    private final RandomGenerator random;
    private final boolean fromPast;

    private final NavigableMap<byte[], Found.One> read = new TreeMap<>(Arrays::compareUnsigned);
    private final NavigableMap<byte[], Optional<byte[]>> written = new TreeMap<>(Arrays::compareUnsigned);
    private final NavigableMap<byte[], WriteSet> writes = new TreeMap<>(Arrays::compareUnsigned);
    private final NavigableSet<byte[]> guards = new TreeSet<>(Arrays::compareUnsigned);
    private final Map<Integer, Integer> mappings = new LinkedHashMap<>();
    private final Map<Integer, Integer> remapped = new LinkedHashMap<>();
    private final Map<Integer, Long> counted = new HashMap<>();
    private long deadlineMillis;
    private int ordinal;
    private final GuardSpans spans = new GuardSpans();

    /** How many of the mappings a range has been asked about: later ones nobody has checked yet. */
    private int mappingsAsked;

    /** Whether what {@link #get} returned last is its own write, which nobody saw alive and nobody saw expire. */
    private boolean gotOwn;

    /** @param fromPast whether ranges are to look into what they keep of their past on disk */
    GatewayTransaction(
            long start,
            RouteTable routes,
            Participants participants,
            Strands strands,
            InstanceGuesses guesses,
            RandomGenerator random,
            boolean fromPast) {
        this.fromPast = fromPast;
        this.start = start;
        this.routes = routes;
        this.participants = participants;
        this.strands = strands;
        this.guesses = guesses;
        this.random = random;
    }

    /** Reads the roots of {@code userKeys}, all at once: a procedure that declares keys will want them. */
    void readAhead(int database, List<byte[]> userKeys) {
        List<byte[]> roots = new ArrayList<>();
        for (byte[] userKey : userKeys) {
            roots.add(KeyLayout.root(instance(database), userKey));
        }
        readAll(roots);
    }

    /** Returns whether there is nothing to commit: what was read was so at {@link #timestamp}. */
    boolean isReadOnly() {
        return writes.isEmpty() && remapped.isEmpty();
    }

    /**
     * Has a range check what the transaction took databases for, unless a read has: it may have decided by that alone
     * to write something, or nothing.
     */
    void checkDatabases() {
        if (mappingsAsked < mappings.size()) {
            List<Found> unused = ask(routes.regions().getFirst(), List.of());
        }
    }

    /** Returns what is written to each user key, by stem; for the map of databases one entry a region. */
    NavigableMap<byte[], WriteSet> writes() {
        NavigableMap<byte[], WriteSet> all = new TreeMap<>(Arrays::compareUnsigned);
        all.putAll(writes);
        if (!remapped.isEmpty()) {
            for (RegionDescriptor region : routes.regions()) {
                WriteSet map = new WriteSet();
                remapped.forEach((database, instance) -> map.add(new Write.MapInstance(database, instance)));
                all.put(OwnedKey.mapStem(region.start()), map);
            }
        }
        return all;
    }

    /** Returns the stems of all keys it has read. */
    NavigableSet<byte[]> guards() {
        return guards;
    }

    /** Returns what it has looked through for keys, beside those it knew. */
    GuardSpans spans() {
        return spans;
    }

    /** To be called when it is committed: the gateway's next transaction takes the databases for what they are now. */
    void learnRemapped() {
        remapped.forEach(guesses::learn);
    }

    List<Percolator.Mapping> mappings() {
        return mappings.entrySet().stream()
                .map(entry -> new Percolator.Mapping(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** Returns the earliest expiry of anything it took for alive, 0 for none (rule K12). */
    long deadlineMillis() {
        return deadlineMillis;
    }

    @Override
    public long timestamp() {
        return start;
    }

    @Override
    public long timeMillis() {
        return Timestamp.millis(start);
    }

    @Override
    public boolean isExpired(long expiryMillis) {
        if (expiryMillis == 0) {
            return false;
        }
        if (expiryMillis <= timeMillis()) {
            return true;
        }
        if (!gotOwn) {
            deadlineMillis = deadlineMillis == 0 ? expiryMillis : Math.min(deadlineMillis, expiryMillis);
        }
        return false;
    }

    @Override
    public int instance(int database) {
        Integer own = remapped.get(database);
        return own != null ? own : mappings.computeIfAbsent(database, guesses::of);
    }

    @Override
    public void mapInstance(int database, int instance) {
        remapped.put(database, instance);
    }

    @Override
    public void forgetInstance(int instance) {
        throw new IllegalStateException("a range forgets instances, no transaction over several does");
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        Optional<byte[]> own = written.get(key);
        gotOwn = own != null;
        if (own != null) {
            return own.isPresent() ? own.get() : null;
        }
        return record(key).record().payload();
    }

    @Override
    public Version version(byte[] key) {
        Optional<byte[]> own = written.get(key);
        if (own != null) {
            return own.isPresent() ? generation() : Version.NONE;
        }
        return record(key).record().version();
    }

    @Override
    public Version removedUpTo(byte[] rootKey) {
        return record(rootKey).removedUpTo();
    }

    private Found.One record(byte[] key) {
        Found.One known = read.get(key);
        if (known != null) {
            return known;
        }
        readAll(List.of(key));
        return Objects.requireNonNull(read.get(key));
    }

    private void readAll(List<byte[]> keys) {
        Map<RegionDescriptor, List<Want>> byRegion = new LinkedHashMap<>();
        Map<SnapshotRead, CompletableFuture<Reply>> answers = new LinkedHashMap<>();
        for (byte[] key : keys) {
            guard(KeyLayout.stemLength(key), key);
            if (!read.containsKey(key)) {
                RegionDescriptor region = routes.find(key);
                List<Want> wants = byRegion.computeIfAbsent(region, of -> new ArrayList<>());
                wants.add(new Want.One(key));
                if (wants.size() == WANTS_MAX) {
                    send(region, wants, answers);
                    byRegion.remove(region);
                }
            }
        }
        byRegion.forEach((region, wants) -> send(region, wants, answers));
        mappingsAsked = answers.isEmpty() ? mappingsAsked : mappings.size();
        answers.forEach((step, answer) -> {
            List<Found> found = foundIn(step, strands.await(answer));
            for (int i = 0; i < found.size(); i++) {
                read.put(((Want.One) step.wants().get(i)).key(), (Found.One) found.get(i));
            }
        });
    }

    private void send(RegionDescriptor region, List<Want> wants, Map<SnapshotRead, CompletableFuture<Reply>> answers) {
        SnapshotRead step = new SnapshotRead(start, mappings(), wants);
        answers.put(step, participants.call(region, sent(step)));
    }

    private Percolator.Step sent(SnapshotRead step) {
        return fromPast ? new PastRead(step) : step;
    }

    private List<Found> ask(RegionDescriptor region, List<Want> wants) {
        mappingsAsked = mappings.size();
        SnapshotRead step = new SnapshotRead(start, mappings(), wants);
        return foundIn(step, strands.await(participants.call(region, sent(step))));
    }

    private List<Found> foundIn(SnapshotRead step, Reply reply) {
        return switch (reply) {
            case Reply.Bulk(byte[] bytes) -> step.found(bytes);
            case Reply.Array(List<Reply> others) -> {
                for (int i = 0; i < others.size(); i += 2) {
                    guesses.learn(number(others.get(i)), number(others.get(i + 1)));
                }
                throw new Restart("database " + number(others.getFirst()) + " is another instance");
            }
            case Reply.Error(String text) when Coordinator.mayPass(text) -> throw new Restart(text);
            case Reply.Error(String text) -> throw new TransactionRefused(text);
            default -> throw new IllegalStateException("a range answers " + reply);
        };
    }

    private static int number(Reply reply) {
        return (int) ((Reply.Int) reply).value();
    }

    private void guard(int stemLength, byte[] key) {
        guards.add(Arrays.copyOf(key, stemLength));
        requireRoom();
    }

    private void requireRoom() {
        if (guards.size() > READ_MAX || writes.size() > WRITTEN_MAX) {
            throw new TransactionRefused("ERR a transaction over several ranges can read at most " + READ_MAX
                    + " keys and write at most " + WRITTEN_MAX);
        }
    }

    @Override
    public Engine.Cursor scan(byte[] from, byte[] to, boolean descending) {
        gotOwn = false;
        int stemLength = KeyLayout.findStemLength(from);
        boolean ofOneKey = stemLength >= 0
                && to.length != 0
                && Arrays.compareUnsigned(to, KeyLayout.stemEnd(Arrays.copyOf(from, stemLength))) <= 0;
        if (ofOneKey) {
            guard(stemLength, from);
        }
        NavigableMap<byte[], Optional<byte[]>> own = to.length == 0
                ? written.tailMap(from, true)
                : Arrays.compareUnsigned(from, to) < 0
                        ? written.subMap(from, true, to, false)
                        : new TreeMap<>(Arrays::compareUnsigned);
        NavigableMap<byte[], Optional<byte[]>> copy = new TreeMap<>(own);
        return new PagedCursor(routes, ofOneKey ? this::page : this::guardedPage, copy, from, to, descending);
    }

    private Found.Page page(RegionDescriptor region, byte[] from, byte[] to, boolean descending) {
        return (Found.Page)
                ask(region, List.of(new Want.Page(from, to, descending))).getFirst();
    }

    /** Fetches a page of several keys, and guards as much as it shows. */
    private Found.Page guardedPage(RegionDescriptor region, byte[] from, byte[] to, boolean descending) {
        Found.Page page = page(region, from, to, descending);
        if (page.ended()) {
            spans.add(from, to);
        } else if (descending) {
            spans.add(page.keys().getLast(), to);
        } else {
            byte[] reached = page.keys().getLast();
            spans.add(from, Arrays.copyOf(reached, reached.length + 1));
        }
        return page;
    }

    @Override
    public void put(byte[] key, byte[] payload) {
        written.put(key, Optional.of(payload));
        add(key, new Write.Put(key, payload));
    }

    @Override
    public void delete(byte[] key) {
        written.put(key, Optional.empty());
        add(key, new Write.Delete(key));
    }

    @Override
    public void deleteRange(byte[] from, byte[] to) {
        written.subMap(from, true, to, false).clear();
        add(from, new Write.DeleteRange(from, to));
    }

    @Override
    public void moveExpiry(byte[] rootKey, long oldMillis, long newMillis) {
        add(rootKey, new Write.MoveExpiry(rootKey, oldMillis, newMillis));
    }

    @Override
    public void addKeys(byte[] key, int instance, long delta) {
        counted.merge(instance, delta, Long::sum);
        add(key, new Write.AddKeys(key, instance, delta));
    }

    @Override
    public void event(EventCode code, byte[] rootKey) {
        add(rootKey, new Write.Event(code, rootKey));
    }

    private void add(byte[] key, Write write) {
        byte[] stem = Arrays.copyOf(key, KeyLayout.stemLength(key));
        writes.computeIfAbsent(stem, none -> new WriteSet()).add(write);
        requireRoom();
    }

    @Override
    public long keys(int instance) {
        long sum = counted.getOrDefault(instance, 0L);
        for (RegionDescriptor region : routes.regions()) {
            sum += ((Found.Count) ask(region, List.of(new Want.Count(instance))).getFirst()).keys();
        }
        return sum;
    }

    @Override
    public byte[] rangeStart() {
        return UNBOUNDED;
    }

    @Override
    public byte[] rangeEnd() {
        return UNBOUNDED;
    }

    /** Unique: nobody else has the start timestamp. */
    @Override
    public Version generation() {
        return new Version(start, ordinal);
    }

    /** Whatever it reaches is guarded: nothing needs to be marked before. */
    @Override
    public void requireMarked(byte[] userKey) {}

    @Override
    public void nextCommand() {
        ordinal++;
    }

    @Override
    public long random() {
        return random.nextLong();
    }
}
