package io.kvasir.tools.fuzz;

import io.kvasir.gateway.fuzz.Family;
import io.kvasir.gateway.fuzz.HashTag;
import io.kvasir.gateway.fuzz.InProcessTarget;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Target;
import io.kvasir.tools.demo.LocalCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where Kvasir's commands run while they are compared. Safe for any thread. */
sealed interface Site extends AutoCloseable {

    String HOST = "127.0.0.1";

    /** Starts {@code nodes} nodes with as many ranges, in {@code folder}, or none if {@code nodes} is 0. */
    static Site start(int nodes, Path folder) {
        return nodes == 0 ? new InProcess() : new Nodes(LocalCluster.start(folder, nodes, nodes));
    }

    /** Returns how many nodes it has. */
    int nodes();

    /** Returns all that {@code families} are tried as here. */
    List<Family> variants(List<Family> families);

    /** Opens a connection that empties only {@code database}, or everything if {@code whole}. */
    Target connect(int node, int database, boolean whole) throws IOException;

    @Override
    void close();

    /** The commands alone, over a map in this process that is cut into ranges. */
    record InProcess() implements Site {

        @Override
        public int nodes() {
            return 0;
        }

        @Override
        public List<Family> variants(List<Family> families) {
            List<Family> variants = new ArrayList<>();
            for (Family family : families) {
                variants.add(family);
                variants.add(family.spoiled());
            }
            return variants;
        }

        @Override
        public Target connect(int node, int database, boolean whole) {
            return new InProcessTarget();
        }

        @Override
        public void close() {}
    }

    /** Nodes as users start them. */
    record Nodes(LocalCluster cluster) implements Site {

        @Override
        public int nodes() {
            return cluster.nodes();
        }

        @Override
        public List<Family> variants(List<Family> families) {
            HashTag tag = new HashTag();
            List<Family> variants = new ArrayList<>();
            for (Family family : families) {
                variants.add(family);
                variants.add(family.inTransactions());
                variants.add(family.inScripts());
                if (nodes() == 1) {
                    variants.add(family.spoiled());
                } else {
                    variants.add(tag.in(family));
                    variants.add(tag.in(family.inTransactions()));
                    variants.add(tag.in(family.inScripts()));
                }
            }
            return variants;
        }

        @Override
        public Target connect(int node, int database, boolean whole) throws IOException {
            int port = cluster.port(node);
            return new PatientTarget(
                    whole
                            ? new RespTarget("kvasir", HOST, port)
                            : RespTarget.inDatabase("kvasir", HOST, port, database));
        }

        @Override
        public void close() {
            cluster.close();
        }
    }
}
