package io.kvasir.gateway.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.acl.AclLog;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.script.RunningScripts.Kind;
import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Withdrawn;
import io.kvasir.region.range.OwnerThread;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a script may use is bounded, and no script can catch that. */
@Timeout(60)
final class ScriptLimitTest {

    private static final long STEPS_MAX = 2_000_000;

    private final MapTransaction transaction = new MapTransaction(1);
    private final CommandTable table = new CommandTable(List.of());
    private final Users users = new Users(() -> table, new AclLog(() -> 0));
    private final CallableCommands commands = new CallableCommands(table, users, null);

    private Reply run(String source) throws CommandError {
        return run(source, new RunningScripts(System::nanoTime, STEPS_MAX));
    }

    private Reply run(String source, RunningScripts running) throws CommandError {
        transaction.begin(1_700_000_000_000L);
        ScriptCalls calls = new ScriptCalls(commands, transaction, 0, Thresholds.DEFAULT, true);
        Script script = Script.parse(source.getBytes(StandardCharsets.US_ASCII));
        ScriptWatch watch = new ScriptWatch(transaction, running, Kind.SCRIPT, script.sha(), new byte[0][]);
        return ScriptRun.run(script, calls, watch, new byte[0][], new byte[0][]);
    }

    @Test
    void aLoopWithoutEndIsEndedAndHasNoEffect() {
        Withdrawn ended = assertThrows(Withdrawn.class, () -> run("while true do pcall(function() end) end"));
        assertTrue(ended.reply().text().contains("steps"), ended.reply().text());
        assertThrows(Withdrawn.class, () -> run("pcall(function() while true do end end)"));
        assertThrows(Withdrawn.class, () -> run("local f = coroutine.wrap(function() while true do end end) f()"));
        assertThrows(Withdrawn.class, () -> run("return string.rep('a', 3000):find(('a*'):rep(12) .. 'b')"));
        assertThrows(Withdrawn.class, () -> run("local t = {} for i = 1, 1e9 do t[1] = i end"));
    }

    @Test
    void aLongScriptIsKnownAndCanBeEnded() throws Exception {
        RunningScripts running = new RunningScripts(System::nanoTime, ScriptRun.STEPS_MAX);
        transaction.begin(1_700_000_000_000L);
        FutureTask<String> run = new FutureTask<>(() -> {
            Withdrawn ended = assertThrows(
                    Withdrawn.class,
                    () -> run("redis.call('set', 'k', 1) pcall(function() while true do end end)", running));
            return ended.reply().text();
        });
        Thread thread = new Thread(run, "script");
        thread.start();
        while (running.oldest().isEmpty()) {
            Thread.onSpinWait();
        }
        assertEquals(0, running.kill(Kind.FUNCTION));
        assertEquals(1, running.kill(Kind.SCRIPT));
        assertTrue(run.get().startsWith("ERR Script killed by user with SCRIPT KILL"), run.get());
        thread.join();
        assertTrue(running.oldest().isEmpty());
        assertEquals(0, running.kill(Kind.SCRIPT));
    }

    @Test
    void memoryIsBoundedByWhatIsInUse() throws CommandError {
        assertTrue(text(run("local t = {} for i = 1, 1e6 do t[i] = string.rep('x', 1000) end"))
                .contains("not enough memory"));
        assertTrue(text(run("return string.rep('x', 1e10)")).contains("not enough memory"));
        assertTrue(text(run("local s = 'x' while true do s = s .. s end")).contains("not enough memory"));
        // What is dropped does not count: 1 GiB in all, of which little is in use at once.
        assertEquals(
                Reply.of(1_000),
                run("local s for i = 1, 1000 do s = string.rep('x', 1000000) .. i end return #s - 1000000 + 996"));
    }

    @Test
    void depthIsBounded() throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            requireDepthIsBounded();
            return true;
        });
        new Thread(null, task, "owner", OwnerThread.STACK_BYTES).start();
        assertTrue(task.get());
    }

    private void requireDepthIsBounded() throws CommandError {
        assertTrue(text(run("local function f() return 1 + f() end return f()")).contains("stack overflow"));
        assertTrue(text(run("return loadstring('return ' .. ('('):rep(5000) .. '1' .. (')'):rep(5000))()"))
                .contains("attempt to call"));
        assertTrue(text(run("local function f(n) return (string.gsub('x', 'x', function() return f(n + 1) end)) end "
                        + "return f(1)"))
                .contains("C stack overflow"));
        assertTrue(text(run("local t = {} for i = 1, 2000 do t[i] = coroutine.create(function() end) end"))
                .contains("too many coroutines"));
    }

    private static String text(Reply reply) {
        return reply instanceof Reply.Error(String text) ? text : reply.toString();
    }
}
