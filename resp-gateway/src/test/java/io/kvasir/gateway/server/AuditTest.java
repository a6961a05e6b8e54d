package io.kvasir.gateway.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.fuzz.ReplyText;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the audit log says, and what nobody is shown. */
final class AuditTest {

    @TempDir
    private Path folder;

    @Test
    void whatIsAdministratedAndWhatIsRefusedIsWrittenWithoutPasswords() throws IOException {
        Path file = folder.resolve("audit.log");
        try (TestGateway gateway = new TestGateway();
                RespTarget client = new RespTarget("client", "127.0.0.1", gateway.port())) {
            gateway.commands().audit().open(file, 1 << 20, 2);
            for (String line : List.of(
                    "CONFIG SET slowlog-log-slower-than 0 requirepass geheim1",
                    "ACL SETUSER bob on >geheim2 #" + "a".repeat(64) + " ~b* +get +acl +migrate",
                    "AUTH default geheim1",
                    "AUTH default geheim3",
                    "HELLO 2 AUTH default geheim1",
                    "MIGRATE h 1 nokey 0 1 AUTH2 u geheim4",
                    "GET k",
                    "FLUSHALL",
                    "AUTH bob geheim2",
                    "GET a",
                    "DEL b")) {
                client.send(Words.of(line.split(" ")));
            }
            client.send(Words.of("AUTH", "default", "geheim1"));
            String slow = ReplyText.of(client.send(Words.of("SLOWLOG", "GET", "-1")));
            assertTrue(slow.contains("(redacted)") && slow.contains("requirepass"), slow);
            assertFalse(slow.contains("geheim"), slow);
            gateway.commands().audit().close();
        }
        String all = Files.readString(file);
        assertFalse(all.contains("geheim") || all.contains("aaaaaaaa"), all);
        List<String> lines = all.lines()
                .map(line -> line.replaceAll("^\\S+Z ", "").replaceAll("client=\\S+ id=\\d+", "CLIENT"))
                .map(line -> line.replaceAll("\"id=.*", "CLIENT"))
                .toList();
        assertEquals(
                String.join(
                        "\n",
                        "called user=\"default\" CLIENT tls=no db=0 \"CONFIG\" \"SET\" \"slowlog-log-slower-than\" \"0\""
                                + " \"requirepass\" \"(redacted)\"",
                        "called user=\"default\" CLIENT tls=no db=0 \"ACL\" \"SETUSER\" \"bob\" \"on\" \"(redacted)\""
                                + " \"(redacted)\" \"~b*\" \"+get\" \"+acl\" \"+migrate\"",
                        "called user=\"default\" CLIENT tls=no db=0 \"AUTH\" \"(redacted)\" \"(redacted)\"",
                        "called user=\"default\" CLIENT tls=no db=0 \"AUTH\" \"(redacted)\" \"(redacted)\"",
                        "denied user=\"default\" reason=auth context=toplevel \"AUTH\" CLIENT",
                        "called user=\"default\" CLIENT tls=no db=0 \"HELLO\" \"2\" \"AUTH\" \"(redacted)\""
                                + " \"(redacted)\"",
                        "called user=\"default\" CLIENT tls=no db=0 \"MIGRATE\" \"h\" \"1\" \"nokey\" \"0\" \"1\""
                                + " \"AUTH2\" \"(redacted)\" \"(redacted)\"",
                        "called user=\"default\" CLIENT tls=no db=0 \"FLUSHALL\"",
                        "called user=\"default\" CLIENT tls=no db=0 \"AUTH\" \"(redacted)\" \"(redacted)\"",
                        "denied user=\"bob\" reason=key context=toplevel \"a\" CLIENT",
                        "denied user=\"bob\" reason=command context=toplevel \"del\" CLIENT",
                        "called user=\"bob\" CLIENT tls=no db=0 \"AUTH\" \"(redacted)\" \"(redacted)\"",
                        "called user=\"default\" CLIENT tls=no db=0 \"SLOWLOG\" \"GET\" \"-1\""),
                String.join("\n", lines));
    }

    @Test
    void filesAreBoundedInSizeAndNumber() throws IOException {
        Path file = folder.resolve("audit.log");
        try (TestGateway gateway = new TestGateway();
                RespTarget client = new RespTarget("client", "127.0.0.1", gateway.port())) {
            gateway.commands().audit().open(file, 2_000, 3);
            for (int i = 0; i < 200; i++) {
                client.send(Words.of("CONFIG", "SET", "maxclients", Integer.toString(1_000 + i)));
            }
            gateway.commands().audit().close();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.sorted().toList();
            assertEquals(
                    List.of("audit.log", "audit.log.1", "audit.log.2"),
                    all.stream().map(each -> each.getFileName().toString()).toList());
            for (Path each : all) {
                assertTrue(Files.size(each) <= 2_000, each + " has " + Files.size(each));
            }
        }
        assertTrue(Files.readString(file).endsWith("\"1199\"\n"), "the newest line stands last");
    }
}
