package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs scripts on two servers and finds where they differ. Confined to one thread, as its targets are. */
public final class Differential {

    /** Random commands in one script. */
    public static final int COMMANDS_PER_SCRIPT = 60;

    /** How often a failing script is run again before its failure counts as one that does not repeat. */
    private static final int REPEATS_MAX = 3;

    private final Target left;
    private final Target right;
    private Runnable afterScript = () -> {};
    private int commandsPerScript = COMMANDS_PER_SCRIPT;
    private int batchLines = 1;
    private Duration shrinkMax = Duration.ofDays(1);
    private long slackMillis;

    public Differential(Target left, Target right) {
        this.left = left;
        this.right = right;
    }

    /** Runs {@code check} after each script that made no difference; it may throw an AssertionError. Returns this. */
    public Differential afterScript(Runnable check) {
        afterScript = check;
        return this;
    }

    /** Makes scripts of {@code commands} random commands. Returns this. */
    public Differential commandsPerScript(int commands) {
        commandsPerScript = commands;
        return this;
    }

    /** Sends up to {@code lines} lines in one piece before it compares their replies. Returns this. */
    public Differential batches(int lines) {
        batchLines = lines;
        return this;
    }

    /** Spends at most {@code time} on making a failing script small. Returns this. */
    public Differential shrinkingFor(Duration time) {
        shrinkMax = time;
        return this;
    }

    /**
     * Where a script made the servers differ.
     *
     * @param line index of the line in the script
     */
    public record Difference(int line, Words words, String what, String left, String right) {

        @Override
        public String toString() {
            return "line " + line + ": " + words + "\n  " + what + "\n  " + left + "\n  " + right;
        }
    }

    /**
     * A failing seed, and the smallest script found that fails in its stead.
     *
     * @param repeats whether the script failed again when it was run again
     */
    public record Failure(String family, long seed, boolean repeats, Script smallest, Difference difference) {

        @Override
        public String toString() {
            return "family " + family + ", seed " + seed + " differs"
                    + (repeats ? "; the smallest script found is\n" + smallest : ", but not when it is run again")
                    + "\n" + difference;
        }
    }

    /**
     * What a campaign did.
     *
     * @param commands random ones, whether sent plainly, queued or called
     * @param audits commands that read what scripts had left
     */
    public record Result(long scripts, long commands, long audits, Optional<Failure> failure) {}

    /** Runs {@code script} on both servers, emptied before, up to the first difference. */
    public Optional<Difference> run(Script script, Comparison.Rules rules) {
        left.reset(script.protocol());
        right.reset(script.protocol());
        Conversation conversation = new Conversation(rules);
        slackMillis = 0;
        int from = 0;
        while (from < script.lines().size()) {
            int to = conversation.batchEnd(script.lines(), from, batchLines);
            Optional<Difference> difference = run(script, from, to, conversation);
            if (difference.isPresent()) {
                return difference;
            }
            from = to;
        }
        try {
            afterScript.run();
            return Optional.empty();
        } catch (AssertionError broken) {
            Words none = Words.of("(after the script)");
            return Optional.of(new Difference(script.lines().size(), none, String.valueOf(broken), "", ""));
        }
    }

    private Optional<Difference> run(Script script, int from, int to, Conversation conversation) {
        List<Words> lines = script.lines().subList(from, to);
        long begin = System.nanoTime();
        List<Reply> leftReplies = left.sendAll(lines);
        List<Reply> rightReplies = right.sendAll(lines);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin) + 1;
        // A span begins in one piece and ends in another, and within each the two are at most as far apart as it is
        // long.
        slackMillis = Math.max(slackMillis, 2 * millis);
        for (int i = 0; i < lines.size(); i++) {
            Words words = lines.get(i);
            Reply leftReply = leftReplies.get(i);
            Reply rightReply = rightReplies.get(i);
            Optional<String> wrong = conversation.compare(
                    new Comparison.Exchange(words, left, leftReply, right, rightReply, slackMillis));
            if (wrong.isPresent()) {
                return Optional.of(new Difference(
                        from + i,
                        words,
                        wrong.get(),
                        left.name() + ": " + ReplyText.shown(leftReply),
                        right.name() + ": " + ReplyText.shown(rightReply)));
            }
        }
        return Optional.empty();
    }

    /**
     * Runs scripts of {@code family} from {@code seed} on (seed, seed + 1, …) until one fails or {@code time} is over;
     * a failing one is made small.
     */
    public Result campaign(Family family, long seed, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        long scripts = 0;
        for (long next = seed; System.nanoTime() < end || scripts == 0; next++) {
            Script script = family.script(next, commandsPerScript);
            Optional<Difference> difference = run(script, family.rules());
            scripts++;
            if (difference.isPresent()) {
                Failure failure = shrink(family, next, script, difference.get());
                return new Result(
                        scripts,
                        scripts * commandsPerScript,
                        scripts * family.audit().size(),
                        Optional.of(failure));
            }
        }
        return new Result(
                scripts, scripts * commandsPerScript, scripts * family.audit().size(), Optional.empty());
    }

    private Failure shrink(Family family, long seed, Script script, Difference difference) {
        Script failing =
                script.with(script.lines().subList(0, Math.min(script.lines().size(), difference.line() + 1)));
        Optional<Difference> again = Optional.empty();
        for (int i = 0; i < REPEATS_MAX && again.isEmpty(); i++) {
            again = rerun(failing, family);
        }
        if (again.isEmpty()) {
            return new Failure(family.name(), seed, false, script, difference);
        }
        long end = System.nanoTime() + shrinkMax.toNanos();
        Script smallest = new Shrinker(candidate ->
                        System.nanoTime() < end && rerun(candidate, family).isPresent())
                .shrink(failing);
        Difference last = rerun(smallest, family).orElse(again.get());
        return new Failure(family.name(), seed, true, smallest, last);
    }

    private Optional<Difference> rerun(Script script, Family family) {
        try {
            return run(script, family.rules());
        } catch (Target.Inconclusive unknown) {
            return Optional.empty();
        }
    }

    /** Returns a seed of this moment, or the number in system property {@code kvasir.fuzz.seed}. */
    public static long seed() {
        return Long.getLong("kvasir.fuzz.seed", System.nanoTime());
    }

    /** Returns how long a campaign of a test run lasts: {@code kvasir.fuzz.millis}, or {@code otherwiseMillis}. */
    public static Duration time(long otherwiseMillis) {
        return Duration.ofMillis(Long.getLong("kvasir.fuzz.millis", otherwiseMillis));
    }

    /** Returns {@code duration} in whole milliseconds and the numbers of {@code result}, for a test's report. */
    public static String summary(Result result, Duration duration) {
        return result.scripts() + " scripts, " + result.commands() + " commands in "
                + TimeUnit.NANOSECONDS.toMillis(duration.toNanos()) + " ms";
    }
}
