package io.kvasir.tools.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The configuration as text for people: as a file that can be read back, and as the table of
 * {@code docs/configuration.md}.
 */
public final class ConfigDocument {

    private static final List<Setting<?>> SECRETS =
            List.of(ConfigTable.CLIENT_REQUIREPASS, ConfigTable.TLS_KEY_FILE_PASS);

    private ConfigDocument() {}

    /**
     * Returns the configuration in force as a TOML file with every field, its type, bound and meaning. A password is
     * left out; a comment says so.
     *
     * @throws ConfigException as {@link NodeConfig#load}
     */
    public static String inForce(Path file, Map<String, String> environment, List<String> flags) {
        NodeConfig.load(file, environment, flags);
        ConfigValues values = new ConfigValues();
        values.addFile(file);
        values.addEnvironment(environment);
        values.addFlags(flags);
        return text(values, false);
    }

    /**
     * Returns a file with every field, password included: {@code flags} over {@code base} over the defaults.
     *
     * @param base a file whose values are kept where no flag says otherwise
     * @throws ConfigException if a name is unknown or a value out of its bound
     */
    public static String file(Optional<Path> base, List<String> flags) {
        ConfigValues values = new ConfigValues();
        base.ifPresent(values::addFile);
        values.addFlags(flags);
        return text(values, true);
    }

    private static String text(ConfigValues values, boolean secrets) {
        StringBuilder out = new StringBuilder();
        String table = "";
        for (Setting<?> setting : ConfigTable.ALL) {
            int dot = setting.key().indexOf('.');
            if (!setting.key().substring(0, dot).equals(table)) {
                table = setting.key().substring(0, dot);
                out.append(out.isEmpty() ? "" : "\n").append('[').append(table).append("]\n");
            }
            out.append("# ")
                    .append(setting.meaning())
                    .append("\n# ")
                    .append(row(setting))
                    .append('\n');
            Object value = values.get(setting);
            boolean hidden = !secrets && SECRETS.contains(setting) && !"".equals(value);
            out.append(hidden ? "# set, not shown: " : "")
                    .append(setting.key().substring(dot + 1))
                    .append(" = ")
                    .append(hidden ? "\"…\"" : toml(setting, value))
                    .append('\n');
        }
        return out.toString();
    }

    /** Returns the table of all fields as Markdown. */
    public static String markdown() {
        StringBuilder out = new StringBuilder("| field | type | default | bound | meaning |\n|---|---|---|---|---|\n");
        for (Setting<?> setting : ConfigTable.ALL) {
            out.append("| `")
                    .append(setting.key())
                    .append("` | ")
                    .append(setting.type())
                    .append(" | ");
            out.append(setting.initial()
                    .map(value -> "`" + toml(setting, value) + "`")
                    .orElse("must be given"));
            out.append(" | ")
                    .append(setting.bound())
                    .append(" | ")
                    .append(setting.meaning())
                    .append(" |\n");
        }
        return out.toString();
    }

    /** Returns {@code value} of {@code setting} as it stands in a file. */
    static String toml(Setting<?> setting, Object value) {
        return switch (value) {
            case String text -> TomlText.quote(text);
            case Long bytes when setting.type().startsWith("size") -> TomlText.quote(Sizes.text(bytes));
            case List<?> list ->
                list.stream()
                        .map(element -> TomlText.quote(element.toString()))
                        .collect(Collectors.joining(", ", "[", "]"));
            default -> value.toString();
        };
    }

    private static String row(Setting<?> setting) {
        String initial = setting.initial()
                .map(value -> "default " + toml(setting, value))
                .orElse("must be given");
        return setting.type() + (setting.bound().isEmpty() ? "" : "; " + setting.bound()) + "; " + initial;
    }
}
