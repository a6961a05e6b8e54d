package io.kvasir.tools.launch;

import io.kvasir.tools.config.ConfigException;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.tools.config.Topology;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a node serves Redis clients, as its file says.
 *
 * @param plain port without TLS, 0 for none
 * @param tls port with TLS, 0 for none
 * @param http the node's port of metrics and health, on loopback
 */
record ClientPorts(String bind, int plain, int tls, int http) {

    private static final String TLS_PORT = "tls.port=";
    private static final String NO_PLAIN_PORT = "listen.port=0";

    static ClientPorts of(ClusterDirectory directory, NodeDirectory node) {
        Topology topology = directory.topology();
        int http = topology.httpPort(node.index());
        try {
            NodeConfig config = NodeConfig.load(node.configFile(), System.getenv(), List.of());
            return new ClientPorts(
                    topology.bind(), config.listen().redisPort(), config.tls().port(), http);
        } catch (ConfigException damaged) {
            return new ClientPorts(topology.bind(), topology.redisPort(node.index()), 0, http);
        }
    }

    /** Returns {@code fields} as node {@code index} gets them: the port of TLS is that of the first node and this. */
    static List<String> fieldsOf(int index, List<String> fields) {
        List<String> own = new ArrayList<>();
        for (String field : fields) {
            boolean port = field.matches(TLS_PORT + "[1-9][0-9]{0,4}");
            own.add(port ? TLS_PORT + (Integer.parseInt(field.substring(TLS_PORT.length())) + index) : field);
        }
        return own;
    }

    /** Returns the fields by which node {@code to} serves clients as node {@code from} does, which has these ports. */
    List<String> fieldsFor(int from, int to) {
        List<String> fields = new ArrayList<>();
        if (tls > 0) {
            fields.add(TLS_PORT + (tls - from + to));
        }
        if (plain == 0) {
            fields.add(NO_PLAIN_PORT);
        }
        return fields;
    }

    /** Returns whether the node answers clients; over TLS alone, whether it answers at all. */
    boolean answer() {
        return plain > 0
                ? Ping.answers(bind, plain)
                : new NodePages(http).ranges().isPresent();
    }

    /** Returns the addresses for people. */
    String text() {
        String secure = bind + ":" + tls + " (TLS)";
        if (tls == 0) {
            return bind + ":" + plain;
        }
        return plain == 0 ? secure : bind + ":" + plain + ", " + secure;
    }
}
