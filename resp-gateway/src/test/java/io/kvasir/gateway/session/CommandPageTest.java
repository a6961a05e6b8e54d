package io.kvasir.gateway.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.server.TestGateway;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/commands.md} is what is written here from the table of commands; {@code -Drecord=true} writes it anew.
 */
final class CommandPageTest {

    private static final Path PAGE = Path.of("../docs/commands.md");

    private static final String HEAD = """
            # Commands

            Every command and subcommand, written by `CommandPageTest` from the table that the server itself goes by;
            `-Drecord=true` writes this page anew.

            - **words**: how many there are, the name included; with a minus sign the least number.
            - **cost**: at most; N and M are the numbers of keys, elements, bytes or nodes that a command looks at or
              answers, as Redis' documentation has them.
            - **moment**: *one*: takes effect, or reads, at one moment over all its keys, wherever they are, and is
              durable and replicated as a whole before it is answered; *ranges*: reads range by range; *none*: about the
              connection, the node or the cluster, not data.
            - **differs**: from Redis 7.2, in short; [compatibility.md](compatibility.md) says more.

            """;

    @Test
    void thePageIsWhatTheTableSays() throws IOException {
        try (TestGateway gateway = new TestGateway()) {
            String page = page(gateway.commands().table().all());
            if (Boolean.getBoolean("record")) {
                Files.writeString(PAGE, page);
            }
            assertEquals(Files.readString(PAGE), page);
        }
    }

    @Test
    void everyCommandOfRedisIsOnThePage() throws IOException {
        String page = Files.readString(PAGE);
        for (String name : redisNames()) {
            assertTrue(page.contains("| " + name + " |") || page.contains("`" + name + "`"), name + " is missing");
        }
    }

    private static String page(Collection<? extends Command> commands) throws IOException {
        Map<String, List<Command>> byGroup = new TreeMap<>();
        List<String> missing = new ArrayList<>(redisNames());
        for (Command command : commands) {
            String name = command.spec().name();
            missing.remove(name);
            if (!name.equals("KVASIR.AS")) {
                byGroup.computeIfAbsent(CommandDocs.of(name).group(), _ -> new ArrayList<>())
                        .add(command);
            }
        }
        StringBuilder page = new StringBuilder(HEAD);
        byGroup.forEach((group, members) -> {
            page.append("## ").append(group).append("\n\n");
            page.append("| command | words | since | cost | moment | what it does | differs |\n");
            page.append("|---|---|---|---|---|---|---|\n");
            members.sort(Comparator.comparing(command -> command.spec().name()));
            members.forEach(command -> page.append(row(command)));
            page.append('\n');
        });
        page.append("## Not there\n\nCommands of Redis that are unknown here: ");
        page.append(
                String.join(", ", missing.stream().map(name -> "`" + name + "`").toList()));
        return page.append(".\n").toString();
    }

    private static String row(Command command) {
        CommandSpec spec = command.spec();
        CommandDocs.Entry docs = CommandDocs.of(spec.name());
        return "| " + spec.name() + " | " + spec.arity() + " | " + spec.since() + " | " + docs.cost() + " | "
                + moment(command) + " | " + docs.summary() + " | " + docs.difference() + " |\n";
    }

    private static String moment(Command command) {
        return switch (command) {
            case Command.Data _ -> "one";
            case Command.RangeByRange _ -> command.spec().is(CommandFlag.WRITE) ? "one" : "ranges";
            case SessionCommand.Transactional(CommandSpec _, SessionCommand.Step step) ->
                step == SessionCommand.Step.EXEC ? "one" : "none";
            case Command.Container _, Command.Session _ -> "none";
        };
    }

    private static List<String> redisNames() throws IOException {
        List<String> names = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(
                CommandPageTest.class.getResourceAsStream("/io/kvasir/gateway/command/redis-commands.tsv"))) {
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .skip(1)
                    .forEach(line -> names.add(line.substring(0, line.indexOf('\t'))));
        }
        return names;
    }
}
