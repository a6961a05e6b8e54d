package io.kvasir.bench.micro;

import io.kvasir.gateway.type.Root;
import io.kvasir.gateway.type.RootType;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.RequestId;
import io.kvasir.region.EventCode;
import io.kvasir.region.range.Effect;
import io.kvasir.region.range.Entry;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.range.Entry.Event;
import io.kvasir.region.range.EntryCodec;
import io.kvasir.store.engine.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A raft entry of {@link Sets#COUNT} SETs, a time for each SET: what the leader spends on making it and each replica on
 * reading it. The forms differ in what an entry carries beside the records themselves, so their differences are what
 * those extras cost.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Sets.COUNT)
public class EntryBenchmark {

    /**
     * {@code records}: the records alone, as effects of one command; {@code set}: each command with its own, as SETs
     * travel; {@code events}: a listener wants the keyspace events; {@code ids}: each has a request id and its reply.
     */
    @Param({"records", "set", "events", "ids"})
    public String form = "";

    private Entry entry = Entry.start(new RegionId(1), Epoch.FIRST, 1, 1, 1);
    private byte[] bytes = {};

    /** Makes the entry. */
    @Setup
    public void prepare() {
        List<CommandEffects> commands = new ArrayList<>();
        List<Effect> all = new ArrayList<>();
        for (int i = 0; i < Sets.COUNT; i++) {
            byte[] key = KeyLayout.root(0, Sets.key(i));
            byte[] record = Root.inline(RootType.STRING, 0, Sets.value(i).length, Sets.value(i))
                    .encode();
            Effect put = new Effect.Put(Family.NEWEST, key, record);
            all.add(put);
            List<Event> events = form.equals("events") ? List.of(new Event(new EventCode(1), key)) : List.of();
            boolean named = form.equals("ids");
            commands.add(new CommandEffects(
                    i,
                    named ? Optional.of(new RequestId(i, ~i, 31L * i)) : Optional.empty(),
                    named ? Optional.of(Reply.OK) : Optional.empty(),
                    List.of(put),
                    events));
        }
        if (form.equals("records")) {
            commands = List.of(new CommandEffects(0, Optional.empty(), Optional.empty(), all, List.of()));
        }
        entry = new Entry(new RegionId(1), Epoch.FIRST, new ChainLink(1, 1, 1), 1L << 40, 1, commands);
        bytes = EntryCodec.encode(entry);
    }

    /** The leader's side. */
    @Benchmark
    public byte[] encode() {
        return EntryCodec.encode(entry);
    }

    /** A replica's side. */
    @Benchmark
    public Entry decode() {
        return EntryCodec.decode(bytes);
    }
}
