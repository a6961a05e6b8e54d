package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.glob.Glob;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The CONFIG commands. */
final class ConfigCommands {

    private final Settings settings;
    private final Supplier<Statistics> statistics;
    private final Runnable whenSet;

    /** @param whenSet is run after settings have changed */
    ConfigCommands(Settings settings, Supplier<Statistics> statistics, Runnable whenSet) {
        this.settings = settings;
        this.whenSet = whenSet;
        this.statistics = statistics;
    }

    List<Command> all() {
        return List.of(
                Rows.container("CONFIG", "2.0.0"),
                Rows.immediate(row("GET", -3, "2.0.0"), this::get),
                new SessionCommand.Deferred(row("SET", -4, "2.0.0"), this::set),
                Rows.immediate(row("RESETSTAT", 2, "2.0.0"), (_, _) -> {
                    statistics.get().reset();
                    return Reply.OK;
                }),
                new SessionCommand.Deferred(row("REWRITE", 2, "2.8.0"), (_, _, whenDone) -> rewrite(whenDone)),
                Rows.immediate(Rows.row("CONFIG HELP", 2, "5.0.0", LOADING, STALE), (_, _) -> help()));
    }

    private static CommandSpec row(String name, int arity, String since) {
        return Rows.row("CONFIG " + name, arity, since, ADMIN, LOADING, NOSCRIPT, STALE);
    }

    private Reply get(Session session, Arguments arguments) throws CommandError {
        Map<String, String> found = new LinkedHashMap<>();
        while (arguments.hasNext()) {
            String text = Rows.text(arguments.next());
            if (text.indexOf('*') < 0 && text.indexOf('?') < 0 && text.indexOf('[') < 0) {
                String value = settings.find(text);
                if (value != null && !found.containsKey(text.toLowerCase(Locale.ROOT))) {
                    found.put(text, value);
                }
                continue;
            }
            Glob glob = new Glob(text.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1));
            for (String name : Settings.names()) {
                if (glob.matches(name.getBytes(StandardCharsets.US_ASCII))) {
                    found.putIfAbsent(name, Objects.requireNonNull(settings.find(name)));
                }
            }
        }
        List<Reply> reply = new ArrayList<>(2 * found.size());
        found.forEach((name, value) -> {
            reply.add(Rows.bulk(name));
            reply.add(Rows.bulk(value));
        });
        return new Reply.MapOf(reply);
    }

    private void set(Session session, Arguments arguments, Consumer<Reply> whenDone) throws CommandError {
        if (arguments.size() % 2 != 0) {
            throw CommandError.SYNTAX;
        }
        List<String> namesAndValues = new ArrayList<>();
        boolean readsFiles = false;
        while (arguments.hasNext()) {
            String word = Rows.text(arguments.next());
            readsFiles |= namesAndValues.size() % 2 == 0 && Settings.readsFiles(word);
            namesAndValues.add(word);
        }
        if (readsFiles) {
            Thread.ofPlatform().name("kvasir-config").daemon().start(() -> whenDone.accept(set(namesAndValues)));
        } else {
            whenDone.accept(set(namesAndValues));
        }
    }

    private Reply set(List<String> namesAndValues) {
        try {
            settings.set(namesAndValues);
        } catch (CommandError refused) {
            return refused.reply();
        }
        whenSet.run();
        return Reply.OK;
    }

    private void rewrite(Consumer<Reply> whenDone) {
        Thread.ofPlatform().name("kvasir-config").daemon().start(() -> {
            try {
                settings.rewrite();
                whenDone.accept(Reply.OK);
            } catch (CommandError failed) {
                whenDone.accept(failed.reply());
            }
        });
    }

    private static Reply help() {
        return Rows.help(
                "CONFIG",
                "GET <pattern> [<pattern> ...]",
                "    Return the settings whose names match, with their values.",
                "SET <name> <value> [<name> <value> ...]",
                "    Change settings, all or none.",
                "RESETSTAT",
                "    Set the counters that INFO shows to zero.",
                "REWRITE",
                "    Write the settings that were changed to the file that the next start reads.");
    }
}
