package io.kvasir.bench.micro;

import io.kvasir.gateway.type.Root;
import io.kvasir.gateway.type.RootType;
import io.kvasir.proto.key.KeyLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Keys and root records of strings: what each command does with each of its keys. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RecordBenchmark {

    private final byte[] key = Sets.key(1);
    private final byte[] value = Sets.value(1);
    private final byte[] record =
            Root.inline(RootType.STRING, 0, value.length, value).encode();

    /** A user's key into the key of its root record: slot, hash, copy. */
    @Benchmark
    public byte[] key() {
        return KeyLayout.root(0, key);
    }

    /** A string into its record. */
    @Benchmark
    public byte[] encode() {
        return Root.inline(RootType.STRING, 0, value.length, value).encode();
    }

    /** A record into its parts. */
    @Benchmark
    public Root decode() {
        return Root.decode(record);
    }
}
