package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.process.LaunchedCluster;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The memory of a node is what its process may hold, not what it tries to. {@code ./kvasir bench --memory} does the
 * same with any multiple, any budget, and several nodes.
 */
@Tag("kill")
final class MemoryBudgetTest {

    private static final long MIB = 1L << 20;

    /** What {@link LaunchedCluster} gives a node: the least there is. */
    private static final long BUDGET_BYTES = 512 * MIB;

    private static final int TIMES = 3;

    /** Long values, so that 1.5 GiB are quickly there; each is four chunks and a root record. */
    private static final int VALUE_BYTES = 64 << 10;

    private static final int VALUES = (int) (TIMES * BUDGET_BYTES / VALUE_BYTES);
    private static final int WRITES_PIPELINED = 32;
    private static final int READS = 1_000;
    private static final int HASH_EVERY = 10;
    private static final int NOISE_BYTES = 4 << 20;
    private static final int STAMP_CHARS = 8;
    private static final int REPLY_MILLIS_MAX = 45_000;

    private final SplittableRandom random = new SplittableRandom(1);
    private final byte[] noise = new byte[NOISE_BYTES];

    @Test
    void aNodeLoadedWithThreeTimesItsBudgetNeverHoldsMoreThanIt() throws IOException {
        random.nextBytes(noise);
        try (LaunchedCluster cluster = LaunchedCluster.start(1);
                Connection asking = Connection.open(cluster.port(0));
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), cluster.port(0))) {
            socket.setSoTimeout(REPLY_MILLIS_MAX);
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), VALUE_BYTES);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            long pid = pid(asking);
            for (int first = 0; first < VALUES; first += WRITES_PIPELINED) {
                for (int i = first; i < first + WRITES_PIPELINED; i++) {
                    write(out, i);
                }
                out.flush();
                for (int i = first; i < first + WRITES_PIPELINED; i++) {
                    assertEquals(isHash(i) ? ":1" : "+OK", line(in));
                }
            }
            for (int i = 0; i < READS; i++) {
                assertRead(out, in, random.nextInt(VALUES));
            }
            assertEquals(new Answer.Done((long) VALUES), asking.call("DBSIZE"));
            assertEquals(pid, pid(asking), "it is the process that was loaded");
            long peak = peakBytes(pid);
            System.out.println("peak of resident memory " + peak / MIB + " MiB of " + BUDGET_BYTES / MIB + ", ranges "
                    + asking.call("INFO", "kvasir").toString().replaceAll("(?s).*regions:(\\d+).*", "$1"));
            assertTrue(peak <= BUDGET_BYTES, () -> peak + " bytes were resident, of " + BUDGET_BYTES);
        }
    }

    private void write(OutputStream out, int index) throws IOException {
        byte[] stamp = stamp(index);
        int from = random.nextInt(NOISE_BYTES - VALUE_BYTES);
        String command = isHash(index)
                ? "*4\r\n$4\r\nHSET\r\n$8\r\n" + key(index) + "\r\n$1\r\nf\r\n"
                : "*3\r\n$3\r\nSET\r\n$8\r\n" + key(index) + "\r\n";
        out.write((command + "$" + VALUE_BYTES + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(stamp);
        out.write(noise, from, VALUE_BYTES - STAMP_CHARS);
        out.write('\r');
        out.write('\n');
    }

    private static void assertRead(OutputStream out, DataInputStream in, int index) throws IOException {
        String command = isHash(index)
                ? "*3\r\n$4\r\nHGET\r\n$8\r\n" + key(index) + "\r\n$1\r\nf\r\n"
                : "*2\r\n$3\r\nGET\r\n$8\r\n" + key(index) + "\r\n";
        out.write(command.getBytes(StandardCharsets.US_ASCII));
        out.flush();
        assertEquals("$" + VALUE_BYTES, line(in));
        byte[] value = new byte[VALUE_BYTES + 2];
        in.readFully(value);
        assertEquals(
                new String(stamp(index), StandardCharsets.US_ASCII),
                new String(value, 0, STAMP_CHARS, StandardCharsets.US_ASCII));
    }

    private static boolean isHash(int index) {
        return index % HASH_EVERY == 0;
    }

    /** Returns a key of 8 characters. */
    private static String key(int index) {
        return "k" + String.valueOf(10_000_000 + index).substring(1);
    }

    private static byte[] stamp(int index) {
        return key(index).getBytes(StandardCharsets.US_ASCII);
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
            if (next != '\r') {
                text.append((char) next);
            }
        }
        return text.toString();
    }

    private static long pid(Connection asking) {
        String info = String.valueOf(asking.call("INFO", "server"));
        return Long.parseLong(info.replaceAll("(?s).*process_id:(\\d+).*", "$1"));
    }

    /** Returns the kernel's own record of the most that process {@code pid} has held. */
    private static long peakBytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                        .sum()
                << 10;
    }
}
