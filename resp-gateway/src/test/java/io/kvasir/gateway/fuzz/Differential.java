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

    private final Target left;
    private final Target right;
    private Runnable afterScript = () -> {};
    private int commandsPerScript = COMMANDS_PER_SCRIPT;
    private int batchLines = 1;

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

    /** A failing seed, and the smallest script found that fails in its stead. */
    public record Failure(String family, long seed, Script smallest, Difference difference) {

        @Override
        public String toString() {
            return "family " + family + ", seed " + seed + " differs; the smallest script found is\n" + smallest + "\n"
                    + difference;
        }
    }

    /** What a campaign did. */
    public record Result(long scripts, long commands, Optional<Failure> failure) {}

    /** Runs {@code script} on both servers, emptied before, up to the first difference. */
    public Optional<Difference> run(Script script, Comparison.Rules rules) {
        left.reset(script.protocol());
        right.reset(script.protocol());
        Conversation conversation = new Conversation(rules);
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
        List<Reply> leftReplies = left.sendAll(lines);
        List<Reply> rightReplies = right.sendAll(lines);
        for (int i = 0; i < lines.size(); i++) {
            Words words = lines.get(i);
            Reply leftReply = leftReplies.get(i);
            Reply rightReply = rightReplies.get(i);
            Optional<String> wrong =
                    conversation.compare(new Comparison.Exchange(words, left, leftReply, right, rightReply));
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
        long commands = 0;
        for (long next = seed; System.nanoTime() < end || scripts == 0; next++) {
            Script script = family.script(next, commandsPerScript);
            Optional<Difference> difference = run(script, family.rules());
            scripts++;
            commands += script.lines().size();
            if (difference.isPresent()) {
                Script smallest =
                        new Shrinker(candidate -> run(candidate, family.rules()).isPresent()).shrink(script);
                Difference last = run(smallest, family.rules()).orElse(difference.get());
                return new Result(scripts, commands, Optional.of(new Failure(family.name(), next, smallest, last)));
            }
        }
        return new Result(scripts, commands, Optional.empty());
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
