package io.kvasir.gateway.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Several commands at a time, called by a Lua script that answers all their replies. Half of the scripts declare the
 * keys of their commands, the others none.
 */
record InScripts(KeyWords keys) implements Arrangement {

    private static final int SCRIPT_COMMANDS_MAX = 6;

    /** The word that ends a command among the script's arguments. */
    private static final String END = "--end--";

    private static final String BODY = "local replies, command = {}, {}; for i = 1, #ARGV do if ARGV[i] == '" + END
            + "' then replies[#replies + 1] = redis.pcall(unpack(command)); command = {}"
            + " else command[#command + 1] = ARGV[i] end end; return replies";

    /** In a script they are errors by design: see docs/compatibility.md. */
    private static final Set<String> NEVER = Set.of("FLUSHDB", "FLUSHALL", "SWAPDB");

    /** Redis 7.2 lets scripts call them, where they do not wait; 7.0 does not. */
    private static final Set<String> WAITING =
            Set.of("BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP");

    @Override
    public List<Words> lines(Chance chance, int commands, Function<Chance, Words> draw) {
        List<Words> lines = new ArrayList<>();
        int left = commands;
        while (left > 0) {
            Words first = draw.apply(chance);
            left--;
            if (isPlain(first) || chance.oneIn(8)) {
                lines.add(first);
                continue;
            }
            List<Words> called = new ArrayList<>(List.of(first));
            List<Words> after = new ArrayList<>();
            int more =
                    InTransactions.ALONE.contains(first.name()) ? 0 : Math.min(left, chance.below(SCRIPT_COMMANDS_MAX));
            for (; more > 0; more--, left--) {
                Words next = draw.apply(chance);
                boolean elsewhere = isPlain(next) || InTransactions.ALONE.contains(next.name());
                (elsewhere ? after : called).add(next);
            }
            lines.add(script(called, chance.oneIn(2)));
            lines.addAll(after);
        }
        return lines;
    }

    private Words script(List<Words> called, boolean declared) {
        List<byte[]> names = new ArrayList<>();
        List<byte[]> arguments = new ArrayList<>();
        for (Words words : called) {
            if (declared) {
                names.addAll(keys.of(words.list().toArray(byte[][]::new)));
            }
            arguments.addAll(words.list());
            arguments.add(Words.bytes(END));
        }
        List<byte[]> all = new ArrayList<>(List.of(Words.bytes("EVAL"), Words.bytes(BODY)));
        all.add(Words.bytes(Integer.toString(names.size())));
        all.addAll(names);
        all.addAll(arguments);
        return new Words(all);
    }

    private static boolean isPlain(Words words) {
        return NEVER.contains(words.name()) || WAITING.contains(words.name()) || InTransactions.isPlain(words);
    }

    /** Returns the commands that {@code eval}, a line of such a script, calls; empty if it is none, or was cut. */
    static Optional<List<Words>> calledBy(Words eval) {
        if (!eval.name().equals("EVAL")
                || eval.size() < 4
                || !eval.text(1).equals(BODY)
                || !eval.text(2).matches("[0-9]{1,5}")) {
            return Optional.empty();
        }
        List<Words> commands = new ArrayList<>();
        List<byte[]> command = new ArrayList<>();
        for (int i = 3 + Integer.parseInt(eval.text(2)); i < eval.size(); i++) {
            if (!eval.text(i).equals(END)) {
                command.add(eval.get(i));
            } else if (command.isEmpty()) {
                return Optional.empty();
            } else {
                commands.add(new Words(command));
                command = new ArrayList<>();
            }
        }
        return Optional.of(commands);
    }
}
