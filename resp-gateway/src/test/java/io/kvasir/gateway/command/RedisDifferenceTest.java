package io.kvasir.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.gateway.type.Root;
import io.kvasir.gateway.type.RootType;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The same random commands go to Kvasir's code and to a redis-server; every reply and every keyspace event must be the
 * same, and so must be what is stored at the end. The seed is printed and can be given as the system property
 * {@code seed}.
 */
final class RedisDifferenceTest {

    private static final int COMMANDS = 20_000;
    private static final int HISTORY_LINES = 12;
    private static final int WORD_CHARS_SHOWN = 60;
    private static final long CLOCK_DIFFERENCE_MILLIS_MAX = 60_000;

    private static final List<String> STRINGS = List.of(
            "SET K V",
            "SET K V ?NX|XX ?GET ?EX:SECONDS|PX:MILLIS|EXAT:UNIXSECONDS|KEEPTTL ?KEEPTTL|NX",
            "GET K",
            "SETNX K V",
            "SETEX K SECONDS V",
            "PSETEX K MILLIS V",
            "GETSET K V",
            "GETDEL K",
            "GETEX K ?EX:SECONDS|PX:MILLIS|EXAT:UNIXSECONDS|PERSIST ?PERSIST|EX:SECONDS",
            "MGET K*",
            "MSET K:V*",
            "MSETNX K:V*",
            "APPEND K V",
            "STRLEN K",
            "GETRANGE K SMALL|OFFSET|INT SMALL|OFFSET|INT",
            "SUBSTR K SMALL|OFFSET SMALL|OFFSET",
            "SETRANGE K OFFSET V",
            "INCR K",
            "DECR K",
            "INCRBY K INT",
            "DECRBY K INT",
            "INCRBYFLOAT K FLOAT",
            "SET S WORD",
            "LCS S S|K",
            "LCS S S ?IDX|LEN ?MINMATCHLEN:SMALL ?WITHMATCHLEN ?IDX");

    private static final List<String> BITMAPS = List.of(
            "SET K V",
            "SETRANGE K OFFSET V",
            "APPEND K V",
            "GET K",
            "SETBIT K BITOFFSET BIT",
            "SETBIT K BITOFFSET BIT",
            "GETBIT K BITOFFSET",
            "BITCOUNT K ?SMALL:SMALL|INT:INT ?BYTE|BIT",
            "BITCOUNT K SMALL SMALL|BITOFFSET ?BYTE|BIT",
            "BITPOS K BIT ?SMALL|INT",
            "BITPOS K BIT SMALL|BITOFFSET SMALL|BITOFFSET ?BYTE|BIT",
            "BITOP AND|OR|XOR K K*",
            "BITOP NOT K K ?K",
            "BITFIELD K GET:FIELDTYPE:FIELDOFFSET|SET:FIELDTYPE:FIELDOFFSET:INT|INCRBY:FIELDTYPE:FIELDOFFSET:INT*",
            "BITFIELD K OVERFLOW:SAT|OVERFLOW:FAIL|OVERFLOW:WRAP|OVERFLOW:FOO"
                    + " SET:FIELDTYPE:FIELDOFFSET:INT|INCRBY:FIELDTYPE:FIELDOFFSET:INT*",
            "BITFIELD K OVERFLOW:SAT|OVERFLOW:FAIL SET:TINYTYPE:SMALL:SMALL|INCRBY:TINYTYPE:SMALL:SMALL*",
            "BITFIELD_RO K GET:FIELDTYPE:FIELDOFFSET|GET:FIELDTYPE:FIELDOFFSET|OVERFLOW:SAT* ?SET:FIELDTYPE:FIELDOFFSET:INT");

    private static final List<String> LISTS = List.of(
            "RPUSH K LETTER|V*",
            "LPUSH K LETTER|V*",
            "RPUSH K LETTER:LETTER:V*",
            "LPUSHX K LETTER|V*",
            "RPUSHX K LETTER|V*",
            "LPOP K ?SMALL",
            "RPOP K ?SMALL",
            "LLEN K",
            "LRANGE K SMALL SMALL",
            "LINDEX K SMALL",
            "LSET K SMALL LETTER|V",
            "LINSERT K BEFORE|AFTER LETTER V|LETTER",
            "LREM K SMALL LETTER",
            "LTRIM K SMALL SMALL",
            "LPOS K LETTER ?RANK:SMALL|COUNT:SMALL ?MAXLEN:SMALL",
            "LMOVE K K LEFT|RIGHT LEFT|RIGHT",
            "RPOPLPUSH K K",
            "LMPOP 2 K K LEFT|RIGHT ?COUNT:SMALL",
            "SORT K ?DESC ?LIMIT:SMALL:SMALL ?STORE:K",
            "SORT K BY nosort STORE K",
            "SET K V",
            "RENAME K K");

    /** Those whose replies show no scores, which Redis 7.0 prints with more digits than 7.2. */
    private static final List<String> SORTED_SETS = List.of(
            "ZADD K SMALL:LETTER|SMALL:WORD*",
            "ZADD K NX|XX|GT|LT|CH ?CH SMALL:LETTER|FLOAT:LETTER*",
            "ZREM K LETTER*",
            "ZCARD K",
            "ZCOUNT K SMALL|FLOAT SMALL|FLOAT",
            "ZRANGE K SMALL SMALL ?REV",
            "ZRANGE K SMALL SMALL BYSCORE ?LIMIT:SMALL:SMALL",
            "ZRANGESTORE K K SMALL SMALL ?BYSCORE",
            "ZREMRANGEBYRANK K SMALL SMALL",
            "ZREMRANGEBYSCORE K SMALL SMALL",
            "ZUNION 2 K K ?AGGREGATE:MIN|WEIGHTS:SMALL:SMALL",
            "ZINTER 2 K K",
            "ZDIFF 2 K K",
            "ZINTERCARD 2 K K ?LIMIT:SMALL",
            "ZUNIONSTORE K 2 K K ?AGGREGATE:MAX",
            "ZINTERSTORE K 2 K K",
            "ZDIFFSTORE K 2 K K",
            "GEOADD K ?XX|NX ?CH BIT:SMALL:LETTER*",
            "GEOPOS K LETTER",
            "GEODIST K LETTER LETTER",
            "GEOSEARCHSTORE K K FROMLONLAT BIT SMALL BYRADIUS 300 km",
            "GEORADIUS K BIT SMALL 300 km STORE|STOREDIST K",
            "SADD K LETTER*",
            "SET K V",
            "RENAME K K");

    @Test
    void sortedSetCommandsAnswerAsRedisDoes() throws Exception {
        compare(SORTED_SETS);
    }

    @Test
    void listCommandsAnswerAsRedisDoes() throws Exception {
        compare(LISTS);
    }

    @Test
    void stringCommandsAnswerAsRedisDoes() throws Exception {
        compare(STRINGS);
    }

    @Test
    void bitmapCommandsAnswerAsRedisDoes() throws Exception {
        compare(BITMAPS);
    }

    private static void compare(List<String> grammar) throws Exception {
        Optional<Path> program = RedisOracle.find();
        assumeTrue(program.isPresent(), "no redis-server on the PATH to compare with");
        long seed = Long.getLong("seed", new SplittableRandom().nextLong());
        System.out.println("seed " + seed);
        try (RedisOracle redis = RedisOracle.start(program.orElseThrow())) {
            new Comparison(redis, seed, grammar).run();
        }
    }

    /** One run of commands against both. */
    private static final class Comparison {

        /**
         * An error without effect that makes Redis forget that a number was too large for a double: before 7.2 its next
         * SORT takes the note of that, errno, for its own.
         */
        private static final String CLEARS_ERRNO = "ZADD k0 x x";

        private static final byte[] LEAST = bytes(Long.toString(Long.MIN_VALUE));

        private final RedisOracle redis;
        private final RandomCommands commands;
        private final SplittableRandom random;
        private final MapTransaction transaction;
        private final CommandRunner runner;
        private final Deque<String> history = new ArrayDeque<>();
        private final long seed;

        Comparison(RedisOracle redis, long seed, List<String> grammar) {
            this.redis = redis;
            this.seed = seed;
            commands = new RandomCommands(seed, grammar);
            random = new SplittableRandom(seed);
            transaction = new MapTransaction(seed);
            runner = new CommandRunner(transaction);
        }

        void run() throws Exception {
            for (int i = 0; i < COMMANDS; i++) {
                if (i % 1_000 == 0) {
                    takeTime();
                }
                if (random.nextInt(60) == 0) {
                    makeList("k" + random.nextInt(6));
                }
                if (random.nextInt(15) == 0) {
                    delete("k" + random.nextInt(6));
                }
                byte[][] words = commands.next();
                if (isRefusedSinceRedis72(words)) {
                    continue;
                }
                remember(words);
                if (words[0].length == "SORT".length()) {
                    redis.run(CLEARS_ERRNO);
                }
                String expected = CommandRunner.text(redis.run(words));
                String actual = CommandRunner.text(runner.run(words));
                if (!expected.equals(actual)
                        && !bothFaulty(expected, actual)
                        && !answeredUnread(words, expected, actual)) {
                    assertEquals(expected, actual, this::story);
                }
                assertEquals(timely(redis.eventLines()), timely(transaction.eventLines()), this::story);
                if (i % 50 == 0) {
                    transaction.check();
                }
            }
            compareState();
        }

        /** LREM and LPOS refuse the least number since Redis 7.2; before, it was taken for a count or a rank. */
        private static boolean isRefusedSinceRedis72(byte[][] words) {
            String name = new String(words[0], StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
            return (name.equals("LREM") || name.equals("LPOS"))
                    && Arrays.stream(words).anyMatch(word -> Arrays.equals(word, LEAST));
        }

        /**
         * With two faults in one command Redis may report one that shows only when it runs; parsing comes first here.
         */
        private static boolean bothFaulty(String expected, String actual) {
            boolean ofType = expected.startsWith("WRONGTYPE ")
                    || expected.equals("ERR The specified keys must contain string values");
            return ofType && actual.startsWith("ERR ");
        }

        /**
         * Redis before 7.2 answers BITCOUNT and BITPOS for an absent key, or a reversed range, without looking at the
         * rest (redis #11734); and of two faults in a range the one or the other.
         */
        private boolean answeredUnread(byte[][] words, String expected, String actual) {
            String name = new String(words[0], StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
            boolean unread = expected.equals("0") || expected.equals("-1");
            boolean faulty = expected.equals("ERR syntax error") && words.length > 5;
            return (name.equals("BITCOUNT") || name.equals("BITPOS"))
                    && actual.startsWith("ERR ")
                    && (faulty
                            || unread
                                    && (words.length == 5
                                            || !Keyspace.of(transaction, 0)
                                                    .open(words[1])
                                                    .exists()));
        }

        /** Without the events of expired keys: Redis drops them at reads too, and when it finds time. */
        private static List<String> timely(List<String> events) {
            return events.stream()
                    .filter(event -> !event.startsWith("expired "))
                    .toList();
        }

        private void takeTime() throws Exception {
            Reply.Array time = (Reply.Array) redis.run(CommandRunner.split("TIME"));
            String seconds = new String(((Reply.Bulk) time.elements().getFirst()).bytes(), StandardCharsets.US_ASCII);
            transaction.begin(Long.parseLong(seconds) * 1_000);
        }

        private void makeList(String key) throws Exception {
            delete(key);
            redis.run("RPUSH " + key + " x");
            redis.eventLines();
            transaction.begin();
            Entry entry = Keyspace.of(transaction, 0).open(bytes(key));
            // Flags, then the one element with its length.
            entry.put(Root.inline(RootType.LIST, 0, 1, new byte[] {0, 1, 'x'}));
        }

        private void delete(String key) throws Exception {
            redis.run("DEL " + key);
            redis.eventLines();
            transaction.begin();
            Keyspace.of(transaction, 0).open(bytes(key)).remove();
        }

        private void compareState() throws Exception {
            for (int i = 0; i < 6; i++) {
                String key = "k" + i;
                transaction.begin();
                Entry entry = Keyspace.of(transaction, 0).open(bytes(key));
                String type = entry.exists() ? entry.root().type().replyName() : "none";
                assertEquals(redis.run("TYPE " + key), type, this::story);
                long ttl = ((Reply.Int) redis.run(CommandRunner.split("PTTL " + key))).value();
                long expected = ttl < 0 ? 0 : ttl + transaction.timeMillis();
                assertEquals(
                        0, Math.abs(expected - entry.expiryMillis()) / CLOCK_DIFFERENCE_MILLIS_MAX, "expiry of " + key);
            }
        }

        private void remember(byte[][] words) {
            StringBuilder line = new StringBuilder();
            for (byte[] word : words) {
                String text = new String(word, StandardCharsets.ISO_8859_1);
                line.append(text.length() > WORD_CHARS_SHOWN ? "<" + text.length() + " bytes>" : text)
                        .append(' ');
            }
            history.addLast(line.toString());
            if (history.size() > HISTORY_LINES) {
                history.removeFirst();
            }
        }

        private String story() {
            return "seed " + seed + ", after\n" + String.join("\n", history) + "\n";
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
    }
}
