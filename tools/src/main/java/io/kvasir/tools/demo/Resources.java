package io.kvasir.tools.demo;

import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the servers hold of this machine.
 *
 * @param nodesResidentBytes memory of all nodes' processes together
 * @param nodesDiskBytes of all that the nodes keep, logs of their own included
 * @param oracleResidentBytes memory of the redis-server
 */
record Resources(long nodesResidentBytes, long nodesDiskBytes, long oracleResidentBytes) {

    private static final String PROCESS_ID = "process_id:";
    private static final String RESIDENT = "VmRSS:";

    /** Looks at running servers. */
    static Resources of(LocalCluster cluster, OracleServer oracle) throws IOException {
        long resident = 0;
        for (int i = 0; i < cluster.nodes(); i++) {
            resident += residentBytes(processId(cluster.port(i)));
        }
        return new Resources(resident, new Folder(cluster.directory()).bytes(), residentBytes(oracle.pid()));
    }

    private static long processId(int port) throws IOException {
        try (Connection connection = new Connection(port)) {
            if (connection.call("INFO", "server") instanceof Reply.Bulk(byte[] bytes)) {
                return new String(bytes, StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> line.startsWith(PROCESS_ID))
                        .mapToLong(line -> Long.parseLong(
                                line.substring(PROCESS_ID.length()).strip()))
                        .findFirst()
                        .orElse(0);
            }
            return 0;
        }
    }

    private static long residentBytes(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/status"))
                .lines()
                .filter(line -> line.startsWith(RESIDENT))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .sum();
    }
}
