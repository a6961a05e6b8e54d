package io.kvasir.gateway.script;

import io.kvasir.gateway.lua.Lua;
import io.kvasir.gateway.script.RunningScripts.Kind;
import io.kvasir.gateway.script.RunningScripts.Running;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import io.kvasir.region.Withdrawn;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a run every 1,024 steps: one that goes on leaves the thread for which others wait (rule K32), becomes known
 * as running, and ends when somebody asks for it. Belongs to one run.
 */
final class ScriptWatch implements BooleanSupplier {

    /** Looks after which a run is long: some 100,000 steps, a few ms. */
    private static final int LOOKS_AT_OWNER = 100;

    /** Looks between which a virtual thread lets others have its carrier. */
    private static final int LOOKS_BETWEEN_YIELDS = 64;

    /** Memory a run may hold at once. */
    static final long BYTES_MAX = 64L << 20;

    private final Transaction transaction;
    private final RunningScripts all;
    private final Kind kind;
    private final String name;
    private final byte[][] command;
    private final long sinceNanos;
    private int looks;
    private @Nullable Running running;

    /**
     * @param name what the user called
     * @param command all words of the command, for those who ask what runs
     */
    ScriptWatch(Transaction transaction, RunningScripts all, Kind kind, String name, byte[][] command) {
        this.transaction = transaction;
        this.all = all;
        this.kind = kind;
        this.name = name;
        this.command = command;
        this.sinceNanos = all.nanoTime();
    }

    /** Returns what the run may use. */
    Lua.Limits limits() {
        return new Lua.Limits(all.stepsMax(), BYTES_MAX, this);
    }

    String name() {
        return name;
    }

    /** Returns whether the run is to end. */
    @Override
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it: it lets other virtual threads have the carrier
    public boolean getAsBoolean() {
        if (++looks < LOOKS_AT_OWNER) {
            return false;
        }
        Running known = running;
        if (known == null) {
            transaction.takesLong();
            known = all.begin(kind, name, command, sinceNanos);
            running = known;
        }
        if (looks % LOOKS_BETWEEN_YIELDS == 0 && Thread.currentThread().isVirtual()) {
            Thread.yield();
        }
        return known.isKilled() || Thread.currentThread().isInterrupted();
    }

    /** The run is over. */
    void end() {
        Running known = running;
        if (known != null) {
            all.end(known);
        }
    }

    /** Returns what takes back all that a run did which was {@code stopped}. */
    Withdrawn withdrawn(Lua.Stopped stopped) {
        Running known = running;
        return new Withdrawn(new Reply.Error(
                known != null && known.isKilled()
                        ? "ERR Script killed by user with " + kind + " KILL. script: " + name
                        : "ERR " + stopped.getMessage() + ", it had no effect"));
    }
}
