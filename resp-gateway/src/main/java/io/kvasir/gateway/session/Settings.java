package io.kvasir.gateway.session;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.pubsub.EventClasses;
import io.kvasir.gateway.type.Thresholds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The settings that CONFIG reads and writes: every name of Redis 7.2 with its type, bounds and error texts. Those that
 * mean something to a gateway act; the others are remembered by this process, because tools set them and read them
 * back.
 *
 * <p>Texts hold one char a byte. Reading is safe for any thread and never waits; writing is guarded by this object's
 * monitor.
 */
public final class Settings {

    private static final String TABLE = "settings.tsv";
    private static final String TLS = "tls-";
    private static final Map<String, Setting> BY_NAME = load();

    private final SlowLog slowLog;

    /** What follows from the values, read on every path. */
    private record View(
            Map<String, String> values,
            ClientLimits limits,
            Thresholds thresholds,
            List<Double> percentiles,
            EventClasses events) {}

    private volatile View view;

    /** The values before any client changed one, and before the file of those that clients changed was read. */
    private final Map<String, String> initial;

    private volatile @Nullable SettingsFile file;

    /** Uses settings of TLS before they are published. Guarded by this. */
    private Taker tls = _ -> {};

    /** Uses settings that are about to change, or refuses them. */
    @FunctionalInterface
    public interface Taker {

        /**
         * @param value the new value of each setting by its name
         * @throws IOException with why they cannot be used; then nothing has changed
         */
        void take(UnaryOperator<String> value) throws IOException;
    }

    /**
     * Makes the settings with their values at the start.
     *
     * @param startValues values that differ from Redis' own, by name; immutable ones may be given here
     * @throws IllegalArgumentException if a name is unknown or a value is not allowed
     */
    public Settings(Map<String, String> startValues, SlowLog slowLog) {
        this.slowLog = slowLog;
        Map<String, String> values = new HashMap<>();
        BY_NAME.values().forEach(setting -> values.put(setting.name(), setting.initial()));
        startValues.forEach((name, text) -> {
            Setting setting = BY_NAME.get(name);
            if (setting == null) {
                throw new IllegalArgumentException("no setting is named " + name);
            }
            values.put(setting.name(), SettingText.read(setting, text, required(values, setting.name())));
        });
        initial = Map.copyOf(values);
        view = publish(values);
    }

    /** Says who uses the settings whose names begin with <code>tls-</code>; it may wait for the disk. */
    public synchronized void onTls(Taker taker) {
        tls = taker;
    }

    /**
     * Takes over what {@code path} says, as if a client had set it, and writes there what is to outlive this process.
     * Waits for the disk.
     *
     * @param path need not be there
     * @throws IOException with one line that says what is wrong in it
     */
    void keepIn(Path path) throws IOException {
        SettingsFile kept = new SettingsFile(path);
        List<String> namesAndValues = new ArrayList<>();
        kept.read().forEach((name, value) -> {
            namesAndValues.add(name);
            namesAndValues.add(value);
        });
        try {
            set(namesAndValues);
        } catch (CommandError refused) {
            throw new IOException(path + ": " + refused.reply().text().replaceFirst("^ERR ", ""), refused);
        }
        file = kept;
    }

    /**
     * Writes the settings that differ from what they were at the start, and those that the file names already. Waits
     * for the disk.
     *
     * @throws CommandError with Redis' text if there is no file, or it cannot be written
     */
    void rewrite() throws CommandError {
        SettingsFile kept = file;
        if (kept == null) {
            throw new CommandError("ERR The server is running without a config file");
        }
        Map<String, String> now = view.values;
        SortedMap<String, String> changed = new TreeMap<>();
        now.forEach((name, value) -> {
            if (!value.equals(initial.get(name)) && keptName(name) != null) {
                changed.put(name, value);
            }
        });
        try {
            kept.rewrite(changed, Settings::keptName, now);
        } catch (IOException failed) {
            throw new CommandError("ERR Rewriting config file: " + SettingsFile.reason(failed));
        }
    }

    /** Returns the newer name of a setting that may change, null if {@code name} is none of one. */
    private static @Nullable String keptName(String name) {
        Setting setting = BY_NAME.get(name);
        return setting == null || setting.mark() == Setting.Mark.IMMUTABLE || setting.mark() == Setting.Mark.PROTECTED
                ? null
                : setting.name();
    }

    /** Returns whether the value of {@code name} must not be shown. */
    static boolean isSecret(String name) {
        Setting setting = BY_NAME.get(name.toLowerCase(Locale.ROOT));
        return setting != null && setting.mark() == Setting.Mark.SENSITIVE;
    }

    /** Returns whether changing {@code name} may wait for the disk. */
    static boolean readsFiles(String name) {
        return name.toLowerCase(Locale.ROOT).startsWith(TLS);
    }

    /** Returns the value of the setting named {@code name}, as it is shown. */
    public String get(String name) {
        return required(view.values, name);
    }

    /** Returns the value of a numeric setting; one beyond the range of a long as its largest value. */
    public long number(String name) {
        return new BigInteger(get(name)).min(BigInteger.valueOf(Long.MAX_VALUE)).longValue();
    }

    /** Returns what a new connection asks of its reads. */
    public Consistency consistency() {
        Consistency.Level level =
                Consistency.Level.valueOf(get("client-consistency").toUpperCase(Locale.ROOT));
        return new Consistency(level, level == Consistency.Level.BOUNDED ? number("client-consistency-bound-ms") : 0);
    }

    /** Returns the bounds for clients. */
    public ClientLimits limits() {
        return view.limits;
    }

    /** Returns the thresholds by which values change their encoding. */
    public Thresholds thresholds() {
        return view.thresholds;
    }

    /** Returns the keyspace events that clients hear of. */
    public EventClasses events() {
        return view.events;
    }

    /** Returns the percentiles that INFO shows of each command's time. */
    List<Double> percentiles() {
        return view.percentiles;
    }

    /** Returns the password of the user "default", null if it needs none. */
    byte @Nullable [] password() {
        byte[] password = get("requirepass").getBytes(StandardCharsets.ISO_8859_1);
        return password.length == 0 ? null : password;
    }

    /**
     * Returns the value of the setting named {@code name} in any case, also by its older name; null if there is none.
     */
    @Nullable
    String find(String name) {
        Setting setting = BY_NAME.get(name.toLowerCase(Locale.ROOT));
        return setting == null ? null : get(setting.name());
    }

    /** Returns every name, older names too, in their order. */
    static Collection<String> names() {
        return BY_NAME.keySet();
    }

    /**
     * Changes settings, all or none.
     *
     * @param namesAndValues in turn
     * @throws CommandError with Redis' text if one cannot be changed to that
     */
    synchronized void set(List<String> namesAndValues) throws CommandError {
        Map<String, String> values = new HashMap<>(view.values);
        Set<String> seen = new HashSet<>();
        List<Setting> settings = new ArrayList<>();
        for (int i = 0; i < namesAndValues.size(); i += 2) {
            String name = namesAndValues.get(i);
            Setting setting = BY_NAME.get(name.toLowerCase(Locale.ROOT));
            if (setting == null) {
                throw new CommandError("ERR Unknown option or number of arguments for CONFIG SET - '" + name + "'");
            }
            if (setting.mark() == Setting.Mark.IMMUTABLE || setting.mark() == Setting.Mark.PROTECTED) {
                throw failed(name, "can't set " + setting.mark().name().toLowerCase(Locale.ROOT) + " config");
            }
            if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                throw failed(name, "duplicate parameter");
            }
            settings.add(setting);
        }
        for (int i = 0; i < settings.size(); i++) {
            Setting setting = settings.get(i);
            try {
                String before = required(values, setting.name());
                values.put(setting.name(), SettingText.read(setting, namesAndValues.get(2 * i + 1), before));
            } catch (IllegalArgumentException refused) {
                throw failed(namesAndValues.get(2 * i), Objects.requireNonNullElse(refused.getMessage(), ""));
            }
        }
        takeTls(settings, values);
        view = publish(values);
    }

    private void takeTls(List<Setting> settings, Map<String, String> values) throws CommandError {
        for (Setting setting : settings) {
            if (setting.name().startsWith(TLS)) {
                try {
                    tls.take(name -> required(values, name));
                    return;
                } catch (IOException refused) {
                    throw failed(setting.name(), "Unable to update TLS configuration. " + refused.getMessage());
                }
            }
        }
    }

    private View publish(Map<String, String> values) {
        OutputLimits outputs = OutputLimits.parse(required(values, "client-output-buffer-limit"));
        OutputLimits.Limit output = outputs.normal();
        OutputLimits.Limit messages = outputs.pubsub();
        ClientLimits limits = new ClientLimits(
                number(values, "maxclients"),
                number(values, "timeout"),
                (int) number(values, "tcp-keepalive"),
                number(values, "proto-max-bulk-len"),
                number(values, "client-query-buffer-limit"),
                bounded(output.hardBytes()),
                bounded(output.softBytes()),
                output.softSeconds(),
                bounded(messages.hardBytes()),
                bounded(messages.softBytes()),
                messages.softSeconds(),
                required(values, "protected-mode").equals("yes"));
        slowLog.limits(number(values, "slowlog-log-slower-than"), (int)
                Math.min(SlowLog.ENTRIES_MAX, number(values, "slowlog-max-len")));
        slowLog.peaks().threshold(number(values, "latency-monitor-threshold"));
        List<Double> percentiles = SettingText.split(required(values, "latency-tracking-info-percentiles")).stream()
                .map(Double::valueOf)
                .toList();
        Thresholds thresholds = new Thresholds(
                number(values, "hash-max-listpack-entries"),
                number(values, "hash-max-listpack-value"),
                number(values, "set-max-intset-entries"),
                number(values, "set-max-listpack-entries"),
                number(values, "set-max-listpack-value"),
                number(values, "zset-max-listpack-entries"),
                number(values, "zset-max-listpack-value"),
                number(values, "hll-sparse-max-bytes"),
                number(values, "list-max-listpack-size"),
                number(values, "stream-node-max-bytes"),
                number(values, "stream-node-max-entries"));
        return new View(
                Map.copyOf(values),
                limits,
                thresholds,
                percentiles,
                EventClasses.parse(required(values, "notify-keyspace-events")));
    }

    private static CommandError failed(String name, String why) {
        return new CommandError("ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + why);
    }

    private static long number(Map<String, String> values, String name) {
        return bounded(new BigInteger(required(values, name)));
    }

    private static long bounded(BigInteger value) {
        return value.min(BigInteger.valueOf(Long.MAX_VALUE)).longValue();
    }

    private static String required(Map<String, String> values, String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    /** Reads the table; each row stands under its name and its older name. */
    private static Map<String, Setting> load() {
        Map<String, Setting> byName = new LinkedHashMap<>();
        try (InputStream in = Objects.requireNonNull(Settings.class.getResourceAsStream(TABLE), TABLE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(Settings::row)
                    .forEach(setting -> {
                        byName.put(setting.name(), setting);
                        if (!setting.olderName().isEmpty()) {
                            byName.put(setting.olderName(), setting);
                        }
                    });
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return java.util.Collections.unmodifiableMap(byName);
    }

    private static Setting row(String line) {
        String[] cells = line.split("\t", -1);
        String[] bounds = cells[4].split("\\.\\.");
        boolean numeric = bounds.length == 2;
        return new Setting(
                cells[0],
                Setting.Kind.valueOf(cells[1].toUpperCase(Locale.ROOT).replace('-', '_')),
                cells[2],
                cells[3].isEmpty() ? Setting.Mark.NONE : Setting.Mark.valueOf(cells[3].toUpperCase(Locale.ROOT)),
                numeric ? new BigInteger(bounds[0]) : BigInteger.ZERO,
                numeric ? new BigInteger(bounds[1]) : BigInteger.ZERO,
                numeric || cells[4].isEmpty() ? List.of() : List.of(cells[4].split("\\|")),
                cells[5]);
    }
}
