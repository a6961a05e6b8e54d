package io.kvasir.gateway.session;

import io.kvasir.gateway.command.Command;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What one event loop counts. The loop alone writes; any thread may read through {@link Statistics}, a little late. */
public final class LoopStatistics {

    /** Different error codes counted before the rest is counted as one (redis server.c bounds them too). */
    private static final int ERROR_CODES_MAX = 128;

    private static final VarHandle COMMANDS;
    private static final VarHandle INPUT;
    private static final VarHandle OUTPUT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COMMANDS = lookup.findVarHandle(LoopStatistics.class, "commands", long.class);
            INPUT = lookup.findVarHandle(LoopStatistics.class, "inputBytes", long.class);
            OUTPUT = lookup.findVarHandle(LoopStatistics.class, "outputBytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long commands;
    private long inputBytes;
    private long outputBytes;
    private final Map<Command, CommandMeter> meters;
    private final ConcurrentHashMap<String, Long> errors = new ConcurrentHashMap<>();

    LoopStatistics(Map<Command, CommandMeter> meters) {
        this.meters = meters;
    }

    /** Returns the meter of {@code command}, which is in the table. */
    public CommandMeter meter(Command command) {
        CommandMeter meter = meters.get(command);
        if (meter == null) {
            throw new IllegalArgumentException(
                    "not in the table: " + command.spec().name());
        }
        return meter;
    }

    /** Counts a command that ran. */
    public void ran(CommandMeter meter, long nanos, boolean error) {
        COMMANDS.setOpaque(this, commands + 1);
        meter.ran(nanos, error);
    }

    /** Counts an error reply of {@code text} by its first word. */
    public void error(String text) {
        int space = text.indexOf(' ');
        String code = space < 0 ? text : text.substring(0, space);
        if (errors.size() >= ERROR_CODES_MAX && !errors.containsKey(code)) {
            code = "OTHER";
        }
        errors.merge(code, 1L, Long::sum);
    }

    /** Counts {@code bytes} read from sockets. */
    public void read(long bytes) {
        INPUT.setOpaque(this, inputBytes + bytes);
    }

    /** Counts {@code bytes} handed to sockets. */
    public void written(long bytes) {
        OUTPUT.setOpaque(this, outputBytes + bytes);
    }

    long commands() {
        return (long) COMMANDS.getOpaque(this);
    }

    long inputBytes() {
        return (long) INPUT.getOpaque(this);
    }

    long outputBytes() {
        return (long) OUTPUT.getOpaque(this);
    }

    Map<Command, CommandMeter> meters() {
        return meters;
    }

    Map<String, Long> errors() {
        return errors;
    }

    void clear() {
        COMMANDS.setOpaque(this, 0L);
        INPUT.setOpaque(this, 0L);
        OUTPUT.setOpaque(this, 0L);
        meters.values().forEach(CommandMeter::clear);
        errors.clear();
    }
}
