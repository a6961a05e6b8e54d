package io.kvasir.gateway.command;

import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Runs commands of data over a {@link MapTransaction}, as a gateway and a range would. Not thread-safe. */
public final class CommandRunner {

    private final CommandTable table = new CommandTable(List.of());
    private final MapTransaction transaction;

    public CommandRunner(MapTransaction transaction) {
        this.transaction = transaction;
    }

    public CommandRunner() {
        this(new MapTransaction(1));
    }

    public MapTransaction transaction() {
        return transaction;
    }

    /** Runs a command whose words are separated by single spaces and returns its reply as text, see {@link #text}. */
    public String run(String words) {
        return text(run(split(words)));
    }

    /** Runs one command in its own operation, with its arguments sent as those of a request would be. */
    public Reply run(byte[]... words) {
        transaction.begin();
        try {
            Command command = table.require(words);
            if (!(command instanceof Command.Data data)) {
                throw new IllegalArgumentException(
                        "not a command over data: " + command.spec().name());
            }
            data.parser().parse(Arguments.of(words, data.spec().nameWords(), 0, false));
            byte[][] arguments = Arrays.copyOfRange(words, data.spec().nameWords(), words.length);
            Invocation invocation = data.parse(new Request(data.name(), 1, 0, 0, 0, Optional.empty(), 0, arguments));
            return invocation.run(transaction);
        } catch (CommandError error) {
            return error.reply();
        }
    }

    /** Returns the words of {@code line}, separated by single spaces; the word {@code ""} is the empty one. */
    public static byte[][] split(String line) {
        return Arrays.stream(line.split(" ", -1))
                .map(word -> word.equals("\"\"") ? "" : word)
                .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
                .toArray(byte[][]::new);
    }

    /**
     * Returns {@code reply} as a line: {@code OK}, {@code (nil)}, {@code 5} for an integer, {@code "x"}, {@code [..]}.
     */
    public static String text(Reply reply) {
        return switch (reply) {
            case Reply.Status status -> status.text();
            case Reply.Error error -> error.text();
            case Reply.Int number -> Long.toString(number.value());
            case Reply.Bulk bulk -> quoted(bulk.bytes());
            case Reply.Null none -> "(nil)";
            case Reply.Array array -> list(array.elements());
            case Reply.MapOf map -> list(map.keysAndValues());
            case Reply.SetOf set -> list(set.elements());
            case Reply.Push push -> list(push.elements());
            case Reply.Published published -> text(published.reply());
            case Reply.Real real -> Double.toString(real.value());
            case Reply.Bool bool -> bool.value() ? "1" : "0";
            case Reply.BigNumber big -> big.digits();
            case Reply.Verbatim verbatim -> new String(verbatim.text(), StandardCharsets.ISO_8859_1);
        };
    }

    /** Returns {@code bytes} between quotes, what is not printable ASCII in hexadecimal. */
    private static String quoted(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length + 2).append('"');
        for (byte b : bytes) {
            if (b >= ' ' && b < 0x7F && b != '\\') {
                text.append((char) b);
            } else {
                text.append("\\x").append(HexFormat.of().toHexDigits(b));
            }
        }
        return text.append('"').toString();
    }

    private static String list(List<Reply> elements) {
        return elements.stream().map(CommandRunner::text).collect(Collectors.joining(", ", "[", "]"));
    }

    /** Returns the replies of several lines run one after another. */
    public List<String> runAll(String... lines) {
        List<String> replies = new ArrayList<>();
        for (String line : lines) {
            replies.add(run(line));
        }
        return replies;
    }
}
