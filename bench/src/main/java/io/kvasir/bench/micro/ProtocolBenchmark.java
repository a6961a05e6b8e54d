package io.kvasir.bench.micro;

import io.kvasir.gateway.resp.ReplyEncoder;
import io.kvasir.gateway.resp.RequestDecoder;
import io.kvasir.proto.reply.Reply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** The client's protocol: a pipeline of {@link Sets#COUNT} SETs as they arrive, and answers as they leave. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Sets.COUNT)
public class ProtocolBenchmark {

    private final RequestDecoder decoder = new RequestDecoder();
    private final ByteBuf out = Unpooled.buffer(4096);
    private final Reply value = new Reply.Bulk(Sets.value(1));
    private byte[] pipeline = {};

    /** Writes the pipeline. */
    @Setup
    public void prepare() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < Sets.COUNT; i++) {
            String words = "*3\r\n$3\r\nSET\r\n$16\r\n" + new String(Sets.key(i), StandardCharsets.US_ASCII)
                    + "\r\n$100\r\n" + new String(Sets.value(i), StandardCharsets.US_ASCII) + "\r\n";
            bytes.writeBytes(words.getBytes(StandardCharsets.US_ASCII));
        }
        pipeline = bytes.toByteArray();
    }

    /** Bytes of a socket into requests. */
    @Benchmark
    public void decode(Blackhole taken) {
        decoder.feed(pipeline, 0, pipeline.length);
        int requests = 0;
        while (decoder.next() == RequestDecoder.Step.REQUEST) {
            taken.consume(decoder.words());
            requests++;
        }
        if (requests != Sets.COUNT) {
            throw new AssertionError(requests + " requests: " + decoder.fault());
        }
        decoder.release();
    }

    /** Answers of a GET into the bytes of a socket. */
    @Benchmark
    public int encode() {
        out.clear();
        for (int i = 0; i < Sets.COUNT; i++) {
            ReplyEncoder.encode(value, false, out);
        }
        return out.readableBytes();
    }
}
