package io.kvasir.tools.demo;

import io.kvasir.region.time.Ticker;
import io.kvasir.tools.transfer.Transfer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Carries all data through dump files both ways: what {@code ./kvasir export} writes is loaded by another redis-server,
 * and what redis-server saves is loaded by {@code ./kvasir import} into an emptied Kvasir. Confined to one thread.
 *
 * @param binary of redis-server
 * @param folder for files and the other redis-server
 */
record FilePassage(Path binary, Path folder, Ticker ticker) {

    /**
     * What came of it.
     *
     * @param exported keys that redis-server found in Kvasir's file
     * @param imported keys that Kvasir found in redis-server's file
     * @param comparison of both with where they came from
     */
    record Result(int exported, long exportNanos, int imported, long importNanos, KeyComparison.Result comparison) {}

    /**
     * Carries database 0 of each side; afterwards {@code ours} holds what {@code theirs} does.
     *
     * @param saved where {@code theirs} writes its file
     * @param keysMax about how many keys of each are compared by value; all are by name
     */
    Result run(Side ours, Side theirs, Path saved, int keysMax) throws IOException {
        Path loading = Files.createDirectories(folder.resolve("loaded"));
        long begin = ticker.nanoTime();
        transfer("export", loading.resolve("dump.rdb").toString(), at(ours));
        KeyComparison.Result comparison;
        int exported;
        long exportNanos;
        try (OracleServer other = OracleServer.start(binary, loading)) {
            exportNanos = ticker.nanoTime() - begin;
            Side loaded = new Side(List.of(other.port()), 0);
            Set<Name> names = KeyComparison.keys(loaded);
            exported = names.size();
            comparison = compared(ours, loaded, names, KeyComparison.keys(ours), keysMax);
        }
        begin = ticker.nanoTime();
        ask(theirs, "SAVE");
        ask(ours, "FLUSHALL");
        transfer("import", saved.toString(), at(ours));
        long importNanos = ticker.nanoTime() - begin;
        Set<Name> names = KeyComparison.keys(ours);
        comparison = comparison.plus(compared(ours, theirs, names, KeyComparison.keys(theirs), keysMax));
        return new Result(exported, exportNanos, names.size(), importNanos, comparison);
    }

    private KeyComparison.Result compared(Side ours, Side theirs, Set<Name> these, Set<Name> those, int keysMax)
            throws IOException {
        int step = these.size() / keysMax + 1;
        List<Name> chosen = new ArrayList<>();
        int index = 0;
        for (Name name : these) {
            if (index++ % step == 0 || PackageWrites.isShared(name) || !those.contains(name)) {
                chosen.add(name);
            }
        }
        for (Name name : those) {
            if (!these.contains(name)) {
                chosen.add(name);
            }
        }
        return new KeyComparison(ours, theirs, new Ledger(ticker.nanoTime())).run(chosen);
    }

    private static void ask(Side side, String command) throws IOException {
        try (Connection connection = side.connect(0)) {
            Side.ask(connection, List.of(Connection.words(command)));
        }
    }

    private static String at(Side side) {
        return "--at=redis://127.0.0.1:" + side.ports().getFirst();
    }

    private static void transfer(String... words) throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        if (Transfer.run(List.of(words), out, out) != 0) {
            throw new IOException(words[0] + " failed: " + said.toString(StandardCharsets.UTF_8));
        }
    }
}
