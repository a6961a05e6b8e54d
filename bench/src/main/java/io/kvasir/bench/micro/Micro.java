package io.kvasir.bench.micro;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * {@code ./kvasir bench --micro}: runs all microbenchmarks, or those that match a pattern, with the flags a node runs
 * with, and counts what they allocate. Takes JMH's own flags too, which win over what is set here. About 20 s for each.
 */
public final class Micro {

    private static final int ROUNDS = 5;

    private Micro() {}

    /** Runs them; results go to {@code bench/results} below system property {@code kvasir.root}. */
    public static void main(String[] arguments) throws Exception {
        CommandLineOptions given;
        try {
            given = new CommandLineOptions(arguments);
        } catch (CommandLineOptionException wrong) {
            System.err.println("kvasir bench --micro: " + wrong.getMessage());
            System.exit(2);
            return;
        }
        if (given.shouldHelp()) {
            given.showHelp();
            return;
        }
        Path results = Files.createDirectories(
                Path.of(System.getProperty("kvasir.root", ".")).resolve("bench/results"));
        OptionsBuilder options = new OptionsBuilder();
        options.parent(given)
                .forks(given.getForkCount().orElse(1))
                .warmupIterations(given.getWarmupIterations().orElse(ROUNDS))
                .warmupTime(given.getWarmupTime().orElse(TimeValue.seconds(1)))
                .measurementIterations(given.getMeasurementIterations().orElse(ROUNDS))
                .measurementTime(given.getMeasurementTime().orElse(TimeValue.seconds(1)))
                .addProfiler(GCProfiler.class)
                .jvmArgs("-ea:io.kvasir...", "-Xmx256m")
                .resultFormat(ResultFormatType.JSON)
                .result(given.getResult()
                        .orElse(results.resolve(LocalDate.now(ZoneOffset.UTC) + "-micro.json")
                                .toString()));
        try {
            new Runner(options.build()).run();
        } catch (RunnerException failed) {
            System.err.println("kvasir bench --micro: " + failed.getMessage());
            System.exit(1);
        }
    }
}
