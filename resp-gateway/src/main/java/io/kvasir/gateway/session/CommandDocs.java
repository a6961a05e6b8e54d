package io.kvasir.gateway.session;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** What COMMAND DOCS says of commands beyond their rows. Immutable; safe for any thread. */
final class CommandDocs {

    private static final String TABLE = "commands.tsv";
    private static final Entry UNDESCRIBED = new Entry("generic", "", "", "");
    private static final Map<String, Entry> BY_NAME = load();

    /**
     * @param group the group Redis puts the command in
     * @param summary one sentence
     * @param cost in O notation, at most
     * @param difference what differs from Redis, in short, perhaps empty
     */
    record Entry(String group, String summary, String cost, String difference) {}

    private CommandDocs() {}

    /** Returns what is said of the command named {@code name}, in upper case. */
    static Entry of(String name) {
        return BY_NAME.getOrDefault(name, UNDESCRIBED);
    }

    private static Map<String, Entry> load() {
        Map<String, Entry> byName = new HashMap<>();
        try (InputStream in = Objects.requireNonNull(CommandDocs.class.getResourceAsStream(TABLE), TABLE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            lines.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] cells = line.split("\t", -1);
                byName.put(cells[0], new Entry(cells[1], cells[2], cells[3], cells[4]));
            });
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return Map.copyOf(byName);
    }
}
