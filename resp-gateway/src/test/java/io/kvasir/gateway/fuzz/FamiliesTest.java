package io.kvasir.gateway.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandTable;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class FamiliesTest {

    private static final int COMMANDS_PER_FAMILY = 5_000;

    @Test
    void everyCommandOverDataIsInAFamily() {
        Set<String> drawn = new HashSet<>();
        for (Family family : Families.all()) {
            for (Words words : family.script(1, COMMANDS_PER_FAMILY).lines()) {
                drawn.add(words.name());
                if (words.size() > 1) {
                    drawn.add(words.name() + "|" + words.text(1).toUpperCase(Locale.ROOT));
                }
            }
        }
        Set<String> missing = new TreeSet<>();
        for (Command command : new CommandTable(List.of()).all()) {
            String name = command.spec().name().toUpperCase(Locale.ROOT).replace(' ', '|');
            if (!drawn.contains(name)) {
                missing.add(name);
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void transactionsAndScriptsRunAsManyCommands() {
        Family strings = StringFamily.family();
        int audit = strings.audit().size();
        for (long seed = 0; seed < 100; seed++) {
            int queued = 0;
            int called = 0;
            for (Words words : strings.inTransactions().script(seed, 50).lines()) {
                queued += Set.of("MULTI", "EXEC", "DISCARD", "WATCH").contains(words.name()) ? 0 : 1;
            }
            for (Words words : strings.inScripts().script(seed, 50).lines()) {
                called += InScripts.calledBy(words).map(List::size).orElse(1);
            }
            assertEquals(50 + audit, queued, "seed " + seed);
            assertEquals(50 + audit, called, "seed " + seed);
        }
    }
}
