package io.kvasir.gateway.script;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.glob.Glob;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code FUNCTION LIST [LIBRARYNAME pattern] [WITHCODE]}: the libraries and their functions, in the order of names.
 *
 * @param pattern in lower case, null for all
 */
record FunctionList(FunctionStore store, @Nullable Glob pattern, boolean withCode) implements FunctionCommand {

    static final CommandSpec SPEC = FunctionCommand.row("LIST", -2, CommandFlag.NOSCRIPT);

    private static final CommandError NO_PATTERN = new CommandError("ERR library name argument was not given");

    static FunctionList parse(FunctionStore store, Arguments arguments) throws CommandError {
        Glob pattern = null;
        boolean withCode = false;
        while (arguments.hasNext()) {
            if (!withCode && arguments.accept("WITHCODE")) {
                withCode = true;
            } else if (pattern == null && arguments.accept("LIBRARYNAME")) {
                if (!arguments.hasNext()) {
                    throw NO_PATTERN;
                }
                pattern = new Glob(lower(new String(arguments.next(), StandardCharsets.ISO_8859_1)));
            } else {
                throw new CommandError(
                        "ERR Unknown argument " + CommandError.quote(arguments.next(), Integer.MAX_VALUE));
            }
        }
        return new FunctionList(store, pattern, withCode);
    }

    private static byte[] lower(String text) {
        return text.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        List<Reply> listed = new ArrayList<>();
        for (FunctionLibrary library : store.read(transaction).libraries()) {
            if (pattern == null || pattern.matches(lower(library.name()))) {
                listed.add(describe(library));
            }
        }
        return Reply.array(listed);
    }

    private Reply describe(FunctionLibrary library) {
        List<Reply> functions = new ArrayList<>();
        for (FunctionLibrary.Function function : library.functions().values()) {
            List<Reply> flags = new ArrayList<>();
            function.flags().forEach(flag -> flags.add(new Reply.Status(flag.text())));
            functions.add(new Reply.MapOf(List.of(
                    Reply.bulk("name"),
                    Reply.bulk(function.name()),
                    Reply.bulk("description"),
                    function.description() == null
                            ? Reply.NULL
                            : Reply.bulk(function.description().bytes()),
                    Reply.bulk("flags"),
                    new Reply.SetOf(flags))));
        }
        List<Reply> fields = new ArrayList<>(List.of(
                Reply.bulk("library_name"),
                Reply.bulk(library.name()),
                Reply.bulk("engine"),
                Reply.bulk(FunctionLibrary.ENGINE),
                Reply.bulk("functions"),
                Reply.array(functions)));
        if (withCode) {
            fields.add(Reply.bulk("library_code"));
            fields.add(Reply.bulk(library.code()));
        }
        return new Reply.MapOf(fields);
    }
}
