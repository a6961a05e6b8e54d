package io.kvasir.tools.config;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The raw values of a configuration with the place each comes from. A flag wins over the environment, that over the
 * file, that over the default. Every name is checked against {@link ConfigTable}.
 *
 * <p>Confined to the thread that builds it.
 */
final class ConfigValues {

    /** Environment variables with this prefix speak to the launcher, not to a node. */
    static final String LAUNCH_PREFIX = "KVASIR_LAUNCH_";

    private static final int DISTANCE_MAX = 4;

    private final Map<String, Raw> byKey = new LinkedHashMap<>();

    private record Raw(Object value, String where) {}

    /** Adds the file at {@code file}. */
    void addFile(Path file) {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException missing) {
            throw new ConfigException(file + ": there is no such file");
        } catch (MalformedInputException foreign) {
            throw new ConfigException(file + ": is not UTF-8 text");
        } catch (IOException failed) {
            throw new ConfigException(file + ": cannot be read (" + failed.getMessage() + ")");
        }
        TomlText.parse(file.toString(), text).forEach((key, entry) -> {
            String where = file + ":" + entry.line();
            byKey.put(known(key, where), new Raw(entry.value(), where));
        });
    }

    /** Adds those of {@code environment} whose names begin with {@code KVASIR_}. */
    void addEnvironment(Map<String, String> environment) {
        new TreeMap<>(environment).forEach((name, value) -> {
            if (name.startsWith("KVASIR_") && !name.startsWith(LAUNCH_PREFIX)) {
                byKey.put(keyOf(name), new Raw(value, name));
            }
        });
    }

    /** Adds flags of the form {@code key=value}. */
    void addFlags(List<String> flags) {
        for (String flag : flags) {
            int equals = flag.indexOf('=');
            if (equals < 1) {
                throw new ConfigException("--set " + flag + ": key=value was expected");
            }
            String where = "--set " + flag.substring(0, equals);
            byKey.put(known(flag.substring(0, equals), where), new Raw(flag.substring(equals + 1), where));
        }
    }

    /** Returns the value of {@code setting}, checked. */
    <T> T get(Setting<T> setting) {
        Raw raw = byKey.get(setting.key());
        if (raw == null) {
            return setting.initial()
                    .orElseThrow(() -> new ConfigException(setting.key() + " must be given; it has no default"));
        }
        try {
            return setting.parse().apply(raw.value());
        } catch (ConfigException wrong) {
            String name = raw.where().contains(setting.key()) ? "" : setting.key() + ": ";
            throw new ConfigException(raw.where() + ": " + name + wrong.getMessage());
        }
    }

    private static String known(String key, String where) {
        List<String> keys = ConfigTable.ALL.stream().map(Setting::key).toList();
        if (!keys.contains(key)) {
            throw new ConfigException(where + ": " + key + " is not known; the nearest is " + nearest(key, keys));
        }
        return key;
    }

    private static String keyOf(String variable) {
        for (Setting<?> setting : ConfigTable.ALL) {
            if (setting.variable().equals(variable)) {
                return setting.key();
            }
        }
        List<String> variables = ConfigTable.ALL.stream().map(Setting::variable).toList();
        throw new ConfigException(
                "environment: " + variable + " is not known; the nearest is " + nearest(variable, variables));
    }

    private static String nearest(String name, List<String> names) {
        String best = names.getFirst();
        for (String candidate : names) {
            if (distance(name, candidate) < distance(name, best)) {
                best = candidate;
            }
        }
        return distance(name, best) <= Math.max(DISTANCE_MAX, name.length() / 2)
                ? best
                : best + " (see --print-config)";
    }

    /** Returns how many characters must be put in, left out or exchanged (Levenshtein). */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int exchange = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(exchange, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[to.length()];
    }
}
