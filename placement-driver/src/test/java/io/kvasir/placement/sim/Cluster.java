package io.kvasir.placement.sim;

import io.kvasir.placement.PlacementService;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.placement.LeaderRoute;
import io.kvasir.region.placement.LinkTimestampSource;
import io.kvasir.region.placement.PlacementClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Placement replicas on stores 1 to n, and as many other processes as wanted, each with clients of its own. */
public final class Cluster {

    /** A process in one of its lives. */
    public static final class Node {
        final Process process;
        final @Nullable PlacementService service;
        final LinkTimestampSource timestamps;
        final PlacementClient client;

        Node(Process process, @Nullable PlacementService service, LinkTimestampSource source, PlacementClient client) {
            this.process = process;
            this.service = service;
            this.timestamps = source;
            this.client = client;
        }

        public Process process() {
            return process;
        }
    }

    private final Network network;
    private final Consensus consensus;
    private final Path directory;
    private final List<StoreId> replicas;
    private final Map<StoreId, Node> nodes = new TreeMap<>();

    Cluster(World world, Path directory, int replicas, int others, Consensus.Fault fault) {
        this.directory = directory;
        this.network = new Network(world);
        this.consensus = new Consensus(world, network, replicas, fault);
        this.replicas =
                LongStream.rangeClosed(1, replicas).mapToObj(StoreId::new).toList();
        for (long id = 1; id <= replicas + others; id++) {
            start(new Process(world, new StoreId(id)));
        }
    }

    /** Makes a cluster in which nothing is broken on purpose. */
    public static Cluster of(World world, Path directory, int replicas, int others) {
        return new Cluster(world, directory, replicas, others, Consensus.Fault.NONE);
    }

    public List<Node> nodes() {
        return new ArrayList<>(nodes.values());
    }

    public Node node(long store) {
        return Objects.requireNonNull(nodes.get(new StoreId(store)));
    }

    List<StoreId> replicas() {
        return replicas;
    }

    /** Kills the process of {@code store} and starts it again on the same directory. */
    public void restart(StoreId store) {
        Node dead = node(store.value());
        dead.process.crash();
        consensus.crashed(store);
        start(dead.process);
    }

    /** Cuts {@code store} off from all others. */
    public void isolate(StoreId store) {
        nodes.keySet().stream().filter(other -> !other.equals(store)).forEach(other -> network.cut(store, other));
    }

    /** Cuts the placement replica {@code store} off from the other replicas, not from the clients. */
    void isolateReplica(StoreId store) {
        replicas.stream().filter(other -> !other.equals(store)).forEach(other -> network.cut(store, other));
    }

    public void heal() {
        network.heal();
    }

    Consensus consensus() {
        return consensus;
    }

    private void start(Process process) {
        Link link = network.open(process);
        PlacementService service = null;
        if (replicas.contains(process.store())) {
            try {
                service = new PlacementService(
                        link,
                        replicas,
                        directory.resolve(process.store().toString()),
                        process,
                        process,
                        process,
                        process,
                        Runnable::run,
                        1 << 20);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            service.start(consensus.open(process, service.machine()));
        }
        LeaderRoute timestamps = new LeaderRoute(
                link,
                Link.Channel.TIMESTAMP,
                replicas,
                service == null ? null : service.timestamps(),
                process,
                process);
        LeaderRoute requests = new LeaderRoute(
                link, Link.Channel.PLACEMENT, replicas, service == null ? null : service.requests(), process, process);
        nodes.put(
                process.store(),
                new Node(
                        process, service, new LinkTimestampSource(timestamps, process), new PlacementClient(requests)));
    }
}
