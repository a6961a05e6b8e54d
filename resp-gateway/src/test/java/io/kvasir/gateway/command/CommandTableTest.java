package io.kvasir.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class CommandTableTest {

    private static final int NAME = 0;
    private static final int ARITY = 3;
    private static final int FLAGS = 4;
    private static final int CATEGORIES = 5;
    private static final int SINCE = 6;
    private static final int KEY_SPECS = 8;

    private final CommandTable table = new CommandTable(List.of());

    @Test
    void everyRowSaysWhatRedisOwnTableSays() {
        Map<String, String[]> reference = reference();
        for (Command command : table.all()) {
            CommandSpec spec = command.spec();
            String[] row = reference.get(spec.name());
            assertNotNull(row, spec.name() + " is no command of Redis");
            assertEquals(Integer.parseInt(row[ARITY]), spec.arity(), spec.name() + ": arity");
            assertEquals(words(row[FLAGS]), names(spec.flags()), spec.name() + ": flags");
            assertEquals(words(row[CATEGORIES]), names(spec.categories()), spec.name() + ": ACL categories");
            assertEquals(row[SINCE], spec.since(), spec.name() + ": since");
            assertEquals(Integer.parseInt(row[KEY_SPECS]), spec.keys().size(), spec.name() + ": key specifications");
        }
    }

    @Test
    void aCommandIsFoundInAnyCase() {
        for (Command command : table.all()) {
            if (!command.spec().isSubcommand()) {
                String name = command.spec().name();
                assertEquals(command, table.find(bytes(name)));
                assertEquals(command, table.find(bytes(name.toLowerCase(Locale.ROOT))));
                assertNull(table.find(bytes(name + "-")));
            }
        }
        assertNull(table.find(bytes("")));
        assertNull(table.find(bytes("nosuch")));
    }

    @Test
    void everyCommandOfDataIsAProcedureOfItsName() {
        Set<String> names = table.procedures().stream().map(p -> p.name()).collect(Collectors.toSet());
        assertEquals(names.size(), table.procedures().size());
        for (Command command : table.all()) {
            if (command instanceof Command.Data) {
                assertEquals(
                        true,
                        names.contains(command.spec().name()),
                        command.spec().name());
            }
        }
    }

    @Test
    void errorsOfDispatchHaveRedisText() {
        assertEquals("ERR wrong number of arguments for 'get' command", failure("GeT"));
        assertEquals("ERR wrong number of arguments for 'mset' command", failure("MSET a"));
        assertEquals("ERR unknown command 'nosuch', with args beginning with: 'a' 'b' ", failure("nosuch a b"));
        assertEquals("ERR unknown command 'nosuch', with args beginning with: ", failure("nosuch"));
    }

    @Test
    void twoCommandsOfOneNameAreRefused() {
        List<Command> twice = List.of(assertInstanceOf(Command.Data.class, table.find(bytes("GET"))));
        assertThrows(IllegalArgumentException.class, () -> new CommandTable(twice));
    }

    private String failure(String words) {
        return assertThrows(CommandError.class, () -> table.require(CommandRunner.split(words)))
                .reply()
                .text();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Set<String> words(String list) {
        return Stream.of(list.split(","))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(Set<? extends Enum<?>> values) {
        return values.stream().map(Enum::name).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, String[]> reference() {
        Map<String, String[]> rows = new HashMap<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(CommandTableTest.class.getResourceAsStream("redis-commands.tsv")),
                StandardCharsets.UTF_8))) {
            reader.lines().skip(1).map(line -> line.split("\t", -1)).forEach(row -> rows.put(row[NAME], row));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }
}
