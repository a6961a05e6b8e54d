package io.kvasir.gateway.fuzz;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandTable;
import java.util.List;

/** Which words of a command are keys, by Kvasir's command table. Immutable. */
final class KeyWords {

    private final CommandTable table = new CommandTable(List.of());

    /** Returns the keys among {@code words}, the same arrays; none if the command is unknown or malformed. */
    List<byte[]> of(byte[][] words) {
        Command command = table.find(words[0]);
        if (command instanceof Command.Container container && words.length > 1) {
            command = table.find(container, words[1]);
        }
        return command == null || !command.spec().accepts(words.length)
                ? List.of()
                : command.spec().keysIn(words);
    }
}
