package io.kvasir.gateway.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bugs that a command might have, each made by doing another command in its stead: the fuzzer finds all of them. */
@Tag("fuzz")
final class SeededBugTest {

    private static final Duration TIME_MAX = Duration.ofSeconds(20);
    private static final int LINES_MAX = 8;

    private enum Bug {
        LREM_COUNTS_FROM_THE_HEAD(ListFamily.family(), "LREM", words -> {
            return words.size() > 2 && words.text(2).startsWith("-")
                    ? words.with(2, Words.bytes(words.text(2).substring(1)))
                    : words;
        }),
        ZRANGEBYSCORE_TAKES_ITS_BOUND_IN(SortedSetFamily.family(), "ZRANGEBYSCORE", words -> {
            return words.size() > 2 && words.text(2).startsWith("(")
                    ? words.with(2, Words.bytes(words.text(2).substring(1)))
                    : words;
        }),
        EXPIRE_FORGETS_GT(KeyFamily.family(), "EXPIRE", words -> {
            return words.size() == 4 && words.text(3).equals("GT") ? words.without(3) : words;
        }),
        GETEX_KEEPS_THE_DEADLINE(StringFamily.family(), "GETEX", words -> {
            return words.size() == 3 && words.text(2).equalsIgnoreCase("PERSIST") ? words.without(2) : words;
        }),
        SINTERCARD_FORGETS_ITS_LIMIT(SetFamily.family(), "SINTERCARD", words -> {
            int last = words.size() - 1;
            return last > 3 && words.text(last - 1).equals("LIMIT")
                    ? words.without(last).without(last - 1)
                    : words;
        }),
        BITPOS_TAKES_BITS_FOR_BYTES(BitmapFamily.family(), "BITPOS", words -> {
            return words.size() == 6 && words.text(5).equals("BIT") ? words.without(5) : words;
        }),
        COPY_REPLACES_UNASKED(KeyFamily.family(), "COPY", words -> {
            return words.size() == 3 ? words.append(Words.bytes("REPLACE")) : words;
        }),
        HSETNX_OVERWRITES(HashFamily.family(), "HSETNX", words -> {
            return words.size() == 4 ? words.with(0, Words.bytes("HSET")) : words;
        }),
        LINSERT_KNOWS_NO_AFTER(ListFamily.family(), "LINSERT", words -> {
            return words.size() > 2 && words.text(2).equalsIgnoreCase("AFTER")
                    ? words.with(2, Words.bytes("BEFORE"))
                    : words;
        }),
        PFMERGE_FORGETS_ITS_LAST_SOURCE(HyperLogLogFamily.family(), "PFMERGE", words -> {
            return words.size() > 3 ? words.without(words.size() - 1) : words;
        }),
        ZADD_FORGETS_GT(SortedSetFamily.family(), "ZADD", words -> {
            return words.size() > 4 && words.text(2).equals("GT") ? words.without(2) : words;
        }),
        GEOSEARCH_KNOWS_NO_DESC(GeoFamily.family(), "GEOSEARCH", words -> {
            for (int i = 2; i < words.size(); i++) {
                if (words.text(i).equals("DESC")) {
                    return words.with(i, Words.bytes("ASC"));
                }
            }
            return words;
        }),
        RESTORE_FORGETS_ABSTTL(DumpFamily.family(), "RESTORE", words -> {
            return words.size() == 5 && words.text(4).equals("ABSTTL") ? words.without(4) : words;
        });

        private final Family family;
        private final String command;
        private final UnaryOperator<Words> change;

        Bug(Family family, String command, UnaryOperator<Words> change) {
            this.family = family;
            this.command = command;
            this.change = change;
        }
    }

    @ParameterizedTest
    @EnumSource(Bug.class)
    void isFound(Bug bug) throws IOException {
        Optional<RedisServer> started = RedisServer.start();
        assumeTrue(started.isPresent(), "no redis-server on this machine");
        try (RedisServer server = started.get();
                Target redis = server.connect();
                Target broken = new Broken(new InProcessTarget(), bug)) {
            Differential.Result result =
                    new Differential(broken, redis).campaign(bug.family, Differential.seed(), TIME_MAX);
            System.out.println(bug + " is found after " + result.commands() + " commands");
            Differential.Failure failure = result.failure().orElseThrow(() -> new AssertionError("not found"));
            Script smallest = failure.smallest();
            assertTrue(smallest.lines().size() <= LINES_MAX, failure::toString);
            assertTrue(
                    smallest.lines().stream().anyMatch(words -> words.name().equals(bug.command)), failure::toString);
        }
    }

    /** Kvasir with a bug. */
    private record Broken(Target sound, Bug bug) implements Target {

        @Override
        public String name() {
            return "broken";
        }

        @Override
        public Reply send(Words words) {
            return sound.send(words.name().equals(bug.command) ? bug.change.apply(words) : words);
        }

        @Override
        public void reset(int protocol) {
            sound.reset(protocol);
        }

        @Override
        public void close() {
            sound.close();
        }
    }
}
