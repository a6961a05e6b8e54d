package io.kvasir.tools.launch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process that keeps to the agreement between launcher and node, and answers nothing but PING. */
public final class EchoNode {

    private EchoNode() {}

    /** Serves at the port that the configuration in {@code arguments[1]} says; files beside it make it fail. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[1]);
        Path directory = file.toAbsolutePath().getParent();
        if (Files.exists(directory.resolve("refuse"))) {
            System.out.println("FATAL: refused by the file beside the configuration");
            System.exit(1);
        }
        if (Files.exists(directory.resolve("crash"))) {
            throw new IOException("as the file says");
        }
        String port = Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("port = "))
                .findFirst()
                .orElseThrow()
                .substring(7);
        try (DirectoryLock _ = DirectoryLock.acquire(directory);
                ServerSocket server = new ServerSocket(Integer.parseInt(port), 10, InetAddress.getLoopbackAddress())) {
            System.out.println("READY");
            while (true) {
                try (Socket client = server.accept()) {
                    client.getInputStream().readNBytes(6);
                    client.getOutputStream().write("+PONG\r\n".getBytes(StandardCharsets.US_ASCII));
                }
            }
        }
    }
}
