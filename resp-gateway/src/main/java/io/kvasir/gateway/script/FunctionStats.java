package io.kvasir.gateway.script;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.gateway.command.database.Databases;
import io.kvasir.gateway.command.database.EachRange;
import io.kvasir.gateway.script.RunningScripts.Running;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code FUNCTION STATS}: what has run for long here or where a range is led, and how many libraries and functions
 * there are.
 */
record FunctionStats(FunctionStore store, RunningScripts running) implements RangeCommand {

    static final CommandSpec SPEC = FunctionCommand.row("STATS", 2, CommandFlag.ALLOW_BUSY, CommandFlag.NOSCRIPT);

    static Command command(FunctionStore store, RunningScripts running) {
        return new Command.RangeByRange(SPEC, _ -> new FunctionStats(store, running), part(store, running));
    }

    private static Command.Data part(FunctionStore store, RunningScripts running) {
        return new Command.Data(SPEC, _ -> new Part(store, running));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply run(Ranges ranges) throws CommandError {
        Reply runs = describe(running);
        Reply libraries = Reply.of(0);
        Reply functions = Reply.of(0);
        for (Reply reply : EachRange.callAll(ranges, part(store, running), Databases.SYSTEM)) {
            List<Reply> facts = EachRange.elements(reply);
            if (runs.equals(Reply.NULL)) {
                runs = facts.getFirst();
            }
            if (facts.size() == Part.FACTS_MAX) {
                libraries = facts.get(1);
                functions = facts.get(2);
            }
        }
        return new Reply.MapOf(List.of(
                Reply.bulk("running_script"),
                runs,
                Reply.bulk("engines"),
                new Reply.MapOf(List.of(
                        Reply.bulk(FunctionLibrary.ENGINE),
                        new Reply.MapOf(List.of(
                                Reply.bulk("libraries_count"),
                                libraries,
                                Reply.bulk("functions_count"),
                                functions))))));
    }

    private static Reply describe(RunningScripts running) {
        return running.oldest().map(one -> describe(running, one)).orElse(Reply.NULL);
    }

    private static Reply describe(RunningScripts running, Running one) {
        List<Reply> words = new ArrayList<>();
        for (byte[] word : one.command) {
            words.add(Reply.bulk(word));
        }
        return new Reply.MapOf(List.of(
                Reply.bulk("name"),
                Reply.bulk(one.name),
                Reply.bulk("command"),
                Reply.array(words),
                Reply.bulk("duration_ms"),
                Reply.of(running.millis(one))));
    }

    /** What the process that leads a range runs; and from the range of the libraries, how many there are. */
    record Part(FunctionStore store, RunningScripts running) implements DataCommand {

        static final int FACTS_MAX = 3;

        @Override
        public CommandSpec spec() {
            return SPEC;
        }

        @Override
        public int database() {
            return Databases.SYSTEM;
        }

        @Override
        public List<byte[]> userKeys() {
            return List.of();
        }

        @Override
        public Reply execute(Transaction transaction) throws CommandError {
            List<Reply> facts = new ArrayList<>();
            facts.add(describe(running));
            byte[] root = KeyLayout.root(transaction.instance(Databases.SYSTEM), FunctionStore.KEY);
            byte[] end = transaction.rangeEnd();
            boolean here = Arrays.compareUnsigned(transaction.rangeStart(), root) <= 0
                    && (end.length == 0 || Arrays.compareUnsigned(root, end) < 0);
            if (here) {
                Functions functions = store.read(transaction);
                facts.add(Reply.of(functions.libraries().size()));
                facts.add(Reply.of(functions.count()));
            }
            return Reply.array(facts);
        }
    }
}
