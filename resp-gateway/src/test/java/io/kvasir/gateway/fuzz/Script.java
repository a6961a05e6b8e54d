package io.kvasir.gateway.fuzz;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Commands to run one after another on an empty server.
 *
 * @param protocol version of RESP in which they are answered, 2 or 3
 */
public record Script(int protocol, List<Words> lines) {

    public Script {
        lines = List.copyOf(lines);
    }

    public Script with(List<Words> otherLines) {
        return new Script(protocol, otherLines);
    }

    @Override
    public String toString() {
        return lines.stream().map(Words::toString).collect(Collectors.joining("\n", "HELLO " + protocol + "\n", ""));
    }
}
