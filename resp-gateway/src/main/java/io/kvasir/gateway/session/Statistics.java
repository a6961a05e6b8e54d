package io.kvasir.gateway.session;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/** What a gateway counts, merged over its event loops. Safe for any thread. */
public final class Statistics {

    private static final int SAMPLES = 16;

    private final CommandTable table;
    private final List<LoopStatistics> loops = new CopyOnWriteArrayList<>();
    private final LongAdder connections = new LongAdder();
    private final LongAdder rejectedConnections = new LongAdder();
    private final LongAdder failedHandshakes = new LongAdder();
    private final LongAdder queryLimitDisconnections = new LongAdder();
    private final LongAdder outputLimitDisconnections = new LongAdder();

    /** Counters of one command, summed. */
    record CommandSums(long calls, long nanos, long rejected, long failed, long[] latencies) {}

    /** A rate meter: per-second rates over the last samples. Guarded by itself. */
    private final Rate commandRate = new Rate();

    private final Rate inputRate = new Rate();
    private final Rate outputRate = new Rate();

    /** @param table the commands that are counted */
    public Statistics(CommandTable table) {
        this.table = table;
    }

    /** Returns the counters of a new event loop, which count from now on. */
    public LoopStatistics newLoop() {
        Map<Command, CommandMeter> meters = new IdentityHashMap<>();
        table.all()
                .forEach(command ->
                        meters.put(command, new CommandMeter(command.spec().is(CommandFlag.FAST))));
        LoopStatistics loop = new LoopStatistics(meters);
        loops.add(loop);
        return loop;
    }

    /** Counts a connection that was accepted. */
    public void connected() {
        connections.increment();
    }

    /** Counts a connection that was refused because there are too many. */
    public void rejectedConnection() {
        rejectedConnections.increment();
    }

    /** Counts a connection that ended because its TLS handshake failed or took too long. */
    public void failedHandshake() {
        failedHandshakes.increment();
    }

    /** Counts a connection closed because its request passed the limit of a query. */
    public void passedQueryLimit() {
        queryLimitDisconnections.increment();
    }

    /** Counts a connection closed because its unread replies passed the limit. */
    public void passedOutputLimit() {
        outputLimitDisconnections.increment();
    }

    /** Takes a sample for the rates; called about ten times a second. */
    public void sample(long nowNanos) {
        commandRate.sample(commands(), nowNanos);
        inputRate.sample(inputBytes(), nowNanos);
        outputRate.sample(outputBytes(), nowNanos);
    }

    long commands() {
        return sum(LoopStatistics::commands);
    }

    long inputBytes() {
        return sum(LoopStatistics::inputBytes);
    }

    long outputBytes() {
        return sum(LoopStatistics::outputBytes);
    }

    long connections() {
        return connections.sum();
    }

    long failedHandshakes() {
        return failedHandshakes.sum();
    }

    long rejectedConnections() {
        return rejectedConnections.sum();
    }

    long queryLimitDisconnections() {
        return queryLimitDisconnections.sum();
    }

    long outputLimitDisconnections() {
        return outputLimitDisconnections.sum();
    }

    double commandsPerSecond() {
        return commandRate.perSecond();
    }

    double inputBytesPerSecond() {
        return inputRate.perSecond();
    }

    double outputBytesPerSecond() {
        return outputRate.perSecond();
    }

    /** Returns the errors answered, by code, in the order of the codes. */
    Map<String, Long> errors() {
        Map<String, Long> all = new TreeMap<>();
        loops.forEach(loop -> loop.errors().forEach((code, count) -> all.merge(code, count, Long::sum)));
        return all;
    }

    CommandSums sums(Command command) {
        long calls = 0;
        long nanos = 0;
        long rejected = 0;
        long failed = 0;
        long[] latencies = LatencyCounts.newSums();
        for (LoopStatistics loop : loops) {
            CommandMeter meter = loop.meter(command);
            calls += meter.calls();
            nanos += meter.nanos();
            rejected += meter.rejected();
            failed += meter.failed();
            meter.latencies().addTo(latencies);
        }
        return new CommandSums(calls, nanos, rejected, failed, latencies);
    }

    /** Returns the commands that were called or refused, containers left out, in the order of their names. */
    List<Command> used() {
        List<Command> used = new ArrayList<>();
        for (Command command : table.all()) {
            for (LoopStatistics loop : loops) {
                CommandMeter meter = loop.meter(command);
                if (meter.calls() != 0 || meter.rejected() != 0) {
                    used.add(command);
                    break;
                }
            }
        }
        return Collections.unmodifiableList(used);
    }

    /** Sets every counter to zero (CONFIG RESETSTAT). */
    void reset() {
        loops.forEach(LoopStatistics::clear);
        connections.reset();
        rejectedConnections.reset();
        failedHandshakes.reset();
        queryLimitDisconnections.reset();
        outputLimitDisconnections.reset();
        commandRate.reset();
        inputRate.reset();
        outputRate.reset();
    }

    private long sum(ToLongFunction<LoopStatistics> counter) {
        long total = 0;
        for (LoopStatistics loop : loops) {
            total += counter.applyAsLong(loop);
        }
        return total;
    }

    /** The mean of the last {@link #SAMPLES} rates. Guarded by its own monitor. */
    private static final class Rate {

        private final double[] samples = new double[SAMPLES];
        private int next;
        private long lastCount;
        private long lastNanos;
        private boolean begun;

        synchronized void sample(long count, long nowNanos) {
            if (begun && nowNanos - lastNanos > 0) {
                samples[next] = Math.max(0, (count - lastCount) * 1e9 / (nowNanos - lastNanos));
                next = (next + 1) % SAMPLES;
            }
            begun = true;
            lastCount = count;
            lastNanos = nowNanos;
        }

        synchronized double perSecond() {
            double sum = 0;
            for (double sample : samples) {
                sum += sample;
            }
            return sum / SAMPLES;
        }

        synchronized void reset() {
            java.util.Arrays.fill(samples, 0);
            begun = false;
        }
    }
}
