package io.kvasir.gateway.script;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * {@code user command…}: a script or function whose calls are checked against the rights of a user, wherever it runs.
 * Gateways say it for users who may not do everything; clients cannot. Stateless.
 */
public final class RunAs {

    /** The row; no client may call it (see Dispatcher). */
    public static final CommandSpec SPEC =
            CommandSpec.of("KVASIR.AS", -3, "7.2.0").flags(CommandFlag.NOSCRIPT, CommandFlag.MAY_REPLICATE);

    /** Words before those of the script's command. */
    private static final int ADDED_WORDS = 2;

    private RunAs() {}

    static Command.Data command(Supplier<CommandTable> table) {
        return new Command.Data(SPEC, arguments -> {
            String user = new String(arguments.next(), StandardCharsets.ISO_8859_1);
            byte[] name = arguments.next();
            if (!(table.get().find(name) instanceof Command.Data script)) {
                throw new CommandError("ERR no script command is named so");
            }
            return script.parser().parse(arguments.restOnBehalfOf(user));
        });
    }

    /** Returns {@code words}, of a command of {@code spec}, as the client sent them. */
    public static byte[][] called(byte[][] words, CommandSpec spec) {
        return spec == SPEC ? Arrays.copyOfRange(words, ADDED_WORDS, words.length) : words;
    }

    /** Returns the words that have {@code words}, a command that runs a script, run with the rights of {@code user}. */
    public static byte[][] words(String user, byte[][] words) {
        byte[][] all = new byte[words.length + ADDED_WORDS][];
        all[0] = SPEC.name().getBytes(StandardCharsets.US_ASCII);
        all[1] = user.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(words, 0, all, ADDED_WORDS, words.length);
        return all;
    }
}
