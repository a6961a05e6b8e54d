package io.kvasir.tools.launch;

import io.kvasir.tools.config.Topology;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether ports are free, and who has those that are not. Reads {@code /proc}. */
final class Ports {

    private static final String LOOPBACK = "127.0.0.1";
    private static final int LOCAL_FIELD = 1;
    private static final int STATE_FIELD = 3;
    private static final int INODE_FIELD = 9;
    private static final String LISTENING = "0A";
    private static final int COMMAND_LENGTH_MAX = 60;

    private Ports() {}

    /** Returns why one of the ports of {@code topology} cannot be bound; empty if all can. */
    static Optional<String> refusal(Topology topology) {
        for (int i = 0; i < topology.nodes(); i++) {
            int node = i;
            Optional<String> refusal = refusal(topology.bind(), topology.redisPort(node))
                    .or(() -> refusal(LOOPBACK, topology.peerPort(node)))
                    .or(() -> refusal(LOOPBACK, topology.httpPort(node)));
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    /**
     * Returns why {@code host:port} cannot be bound, in one line naming the process that has it; empty if it can.
     *
     * @throws LaunchException if {@code host} is no address of this machine
     */
    static Optional<String> refusal(String host, int port) {
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException unknown) {
            throw new LaunchException(host + " is not an address of this machine");
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(address, port));
            return Optional.empty();
        } catch (IOException refused) {
            Set<String> inodes = listening(port);
            if (inodes.isEmpty()) {
                return Optional.of("port " + port + " of " + host + " cannot be used (" + refused.getMessage() + ")");
            }
            return Optional.of("port " + port + " is taken by " + holder(inodes).orElse("another user's process"));
        }
    }

    /** The inodes of the sockets that listen at {@code port} on any address. */
    private static Set<String> listening(int port) {
        Set<String> inodes = new HashSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            try {
                for (String row : Files.readAllLines(Path.of(table))) {
                    String[] fields = row.strip().split("\\s+");
                    if (fields.length > INODE_FIELD
                            && fields[STATE_FIELD].equals(LISTENING)
                            && fields[LOCAL_FIELD].endsWith(String.format(":%04X", port))) {
                        inodes.add(fields[INODE_FIELD]);
                    }
                }
            } catch (IOException absent) {
                continue; // a machine without that family of addresses
            }
        }
        return inodes;
    }

    /** The process, visible to this user, that has one of the sockets. */
    private static Optional<String> holder(Set<String> inodes) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (hasSocket(process, inodes)) {
                    return Optional.of("process " + process.getFileName() + " (" + command(process) + ")");
                }
            }
            return Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static boolean hasSocket(Path process, Set<String> inodes) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                String target = Files.readSymbolicLink(descriptor).toString();
                if (target.startsWith("socket:[") && inodes.contains(target.substring(8, target.length() - 1))) {
                    return true;
                }
            }
            return false;
        } catch (IOException endedOrForeign) {
            return false;
        }
    }

    private static String command(Path process) {
        try {
            String line = Files.readString(process.resolve("cmdline"))
                    .replace('\0', ' ')
                    .strip();
            return line.length() <= COMMAND_LENGTH_MAX ? line : line.substring(0, COMMAND_LENGTH_MAX) + "…";
        } catch (IOException ended) {
            return "ended meanwhile";
        }
    }
}
