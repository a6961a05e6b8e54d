package io.kvasir.gateway.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Most commands in blocks of MULTI and EXEC, now and then with a key watched before, or discarded.
 *
 * <p>Commands over all keys have blocks of their own: over several ranges a transaction that writes takes none (see
 * docs/compatibility.md). What is random and changes data runs outside, where the comparison can put it right.
 */
record InTransactions() implements Arrangement {

    private static final int BLOCK_COMMANDS_MAX = 8;

    /**
     * Have an option, WITHSCORE, that is new in Redis 7.2: before it a third argument is an error of the whole block.
     */
    private static final Set<String> RANKS = Set.of("ZRANK", "ZREVRANK");

    private static final int RANK_WORDS = 3;

    static final Set<String> ALONE =
            Set.of("KEYS", "SCAN", "RANDOMKEY", "DBSIZE", "FLUSHDB", "FLUSHALL", "SELECT", "SWAPDB");

    /** Redis 7.0 does not know WITHSCORE there, and refuses to queue a word too many. */
    private static boolean isNewerThanOracle(Words words) {
        return words.size() > 3 && Set.of("ZRANK", "ZREVRANK").contains(words.name());
    }

    @Override
    public List<Words> lines(Chance chance, int commands, Function<Chance, Words> drawn) {
        Function<Chance, Words> draw = any -> {
            Words words = drawn.apply(any);
            while (isNewerThanOracle(words)) {
                words = drawn.apply(any);
            }
            return words;
        };
        List<Words> lines = new ArrayList<>();
        int left = commands;
        while (left > 0) {
            Words first = draw.apply(chance);
            left--;
            if (isPlain(first) || chance.oneIn(6)) {
                lines.add(first);
                continue;
            }
            if (first.size() > 1 && chance.oneIn(4)) {
                lines.add(Words.of("WATCH").append(first.get(1)));
            }
            lines.add(Words.of("MULTI"));
            lines.add(first);
            int more = ALONE.contains(first.name()) ? 0 : Math.min(left, chance.below(BLOCK_COMMANDS_MAX));
            List<Words> after = new ArrayList<>();
            for (; more > 0; more--, left--) {
                Words next = draw.apply(chance);
                (isPlain(next) || ALONE.contains(next.name()) ? after : lines).add(next);
            }
            lines.add(Words.of(chance.oneIn(12) ? "DISCARD" : "EXEC"));
            lines.addAll(after);
        }
        return lines;
    }

    /**
     * Returns whether {@code words} run outside a block, where their own rule compares them. The members that SPOP
     * takes are random: they are given back after the reply, which a block leaves no time for.
     */
    static boolean isPlain(Words words) {
        return words.name().equals("SPOP") || RANKS.contains(words.name()) && words.size() > RANK_WORDS;
    }
}
