package io.kvasir.gateway.command.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.time.Timestamp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExecTest {

    private static final long STAMP = Timestamp.of(1_700_000_000_000L, 5);

    private final CommandTable table = new CommandTable(List.of());

    @Test
    void theArgumentIsTheDocumentedOne() throws IOException {
        byte[] made = Exec.encode(
                List.of(new WatchedKey(0, bytes("foo"), 0, new Version(STAMP, 2), new Version(STAMP, 9))),
                List.of(words("SET", "foo", "bar")));
        String hex = HexFormat.of().formatHex(made);
        String document = Files.readString(Path.of("..", "docs", "keyspace.md"));
        assertTrue(
                document.lines()
                        .anyMatch(line -> line.startsWith("exec.argument: ")
                                && line.substring(15).replace(" ", "").equals(hex)),
                "exec.argument: " + hex);
        Exec read = Exec.decode(table, made);
        assertEquals(2, read.userKeys().size());
    }

    @Test
    void tenThousandCommandsAreOneProcedure() {
        List<QueuedCommand.Words> commands = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            commands.add(words("INCR", "counter"));
        }
        Exec exec = Exec.decode(table, Exec.encode(List.of(), commands));
        Reply reply = exec.run(new MapTransaction(1));
        List<Reply> replies = ((Reply.Array) reply).elements();
        assertEquals(10_000, replies.size());
        assertEquals(new Reply.Int(10_000), replies.getLast());
    }

    private static QueuedCommand.Words words(String name, String... arguments) {
        byte[][] words = new byte[arguments.length][];
        for (int i = 0; i < words.length; i++) {
            words[i] = bytes(arguments[i]);
        }
        return new QueuedCommand.Words(QueuedCommand.Words.KEYS, name, 0, false, words);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
