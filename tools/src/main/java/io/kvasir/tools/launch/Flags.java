package io.kvasir.tools.launch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The words after a command: flags {@code --name value} or {@code --name=value}, switches {@code --name}, and the rest.
 *
 * <p>Immutable once parsed. An unknown flag, a missing or a repeated value is refused in one line.
 */
public final class Flags {

    private final String command;
    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private final List<String> words = new ArrayList<>();

    private Flags(String command) {
        this.command = command;
    }

    /**
     * Parses {@code arguments} of {@code command}.
     *
     * @param valued names of the flags that take a value, without dashes; {@code set} may be repeated
     * @param switches names of those that take none
     * @param wordsMax how many other words may stand there
     */
    public static Flags parse(
            String command, List<String> arguments, List<String> valued, List<String> switches, int wordsMax) {
        Flags flags = new Flags(command);
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("--")) {
                flags.words.add(argument);
                continue;
            }
            int equals = argument.indexOf('=');
            String name = argument.substring(2, equals < 0 ? argument.length() : equals);
            if (switches.contains(name) && equals < 0) {
                flags.values.put(name, List.of("true"));
            } else if (valued.contains(name)) {
                if (equals < 0 && i + 1 == arguments.size()) {
                    throw new LaunchException("--" + name + " needs a value");
                }
                flags.add(name, equals < 0 ? arguments.get(++i) : argument.substring(equals + 1));
            } else {
                List<String> known = new ArrayList<>(valued);
                known.addAll(switches);
                throw new LaunchException(
                        command + ": " + argument.substring(0, equals < 0 ? argument.length() : equals)
                                + " is no flag; there are --" + String.join(", --", known));
            }
        }
        if (flags.words.size() > wordsMax) {
            throw new LaunchException(command + ": '" + flags.words.get(wordsMax) + "' is one word too many");
        }
        return flags;
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).map(List::getLast);
    }

    List<String> texts(String name) {
        return values.getOrDefault(name, List.of());
    }

    Optional<Integer> integer(String name, int min, int max) {
        return text(name).map(text -> bounded("--" + name, text, min, max));
    }

    /** Returns the other words, at most {@code wordsMax} of them. */
    public List<String> words() {
        return List.copyOf(words);
    }

    /** Returns the word at {@code index} as an integer; {@code what} names it in errors. */
    int wordAsInteger(int index, String what, int min, int max) {
        if (words.size() <= index) {
            throw new LaunchException(command + " needs " + what);
        }
        return bounded(what, words.get(index), min, max);
    }

    private void add(String name, String value) {
        List<String> so = values.computeIfAbsent(name, ignored -> new ArrayList<>());
        if (!so.isEmpty() && !name.equals("set")) {
            throw new LaunchException("--" + name + " is given twice");
        }
        so.add(value);
    }

    private static int bounded(String what, String text, int min, int max) {
        if (!text.matches("-?[0-9]{1,9}") || Integer.parseInt(text) < min || Integer.parseInt(text) > max) {
            throw new LaunchException(what + ": '" + text + "' is not an integer within " + min + " to " + max);
        }
        return Integer.parseInt(text);
    }
}
