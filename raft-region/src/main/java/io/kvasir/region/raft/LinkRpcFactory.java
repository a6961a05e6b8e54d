package io.kvasir.region.raft;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RaftRpcFactory;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcServer;
import com.alipay.sofa.jraft.util.Endpoint;
import com.alipay.sofa.jraft.util.SPI;
import com.google.protobuf.Message;
import org.jspecify.annotations.Nullable;

/**
 * Gives each group of SOFAJRaft a sender on the link of its own store. SOFAJRaft makes one of these for the whole
 * process, by its service loader, and hands it the group's options when a group starts; they name the group, and so
 * several stores can run in one process.
 */
@SPI(name = "kvasir-link", priority = 100)
public final class LinkRpcFactory implements RaftRpcFactory {

    /** Made by SOFAJRaft's service loader. */
    public LinkRpcFactory() {}

    @Override
    public void registerProtobufSerializer(String className, Object... args) {
        // RaftFrame knows the messages.
    }

    @Override
    public ConfigHelper<RpcClient> defaultJRaftClientConfigHelper(RpcOptions options) {
        JRaftGroup group = ((GroupSettings) options).group();
        return client -> ((GroupClient) client).group = group;
    }

    @Override
    public RpcClient createRpcClient(ConfigHelper<RpcClient> helper) {
        GroupClient client = new GroupClient();
        helper.config(client);
        return client;
    }

    @Override
    public RpcServer createRpcServer(Endpoint endpoint, ConfigHelper<RpcServer> helper) {
        throw new UnsupportedOperationException("requests arrive by the store's link, not by a server of SOFAJRaft");
    }

    /** The sender of one group. Set up by one thread, then safe for any. */
    private static final class GroupClient implements RpcClient {

        private volatile @Nullable JRaftGroup group;

        @Override
        public boolean init(RpcOptions options) {
            return true;
        }

        @Override
        public void shutdown() {
            // The link belongs to the store.
        }

        /** Always true: whether a store can be reached is found out, and remedied, request by request. */
        @Override
        public boolean checkConnection(Endpoint endpoint) {
            return true;
        }

        @Override
        public boolean checkConnection(Endpoint endpoint, boolean createIfAbsent) {
            return true;
        }

        @Override
        public void closeConnection(Endpoint endpoint) {
            // The link belongs to the store.
        }

        @Override
        public void registerConnectEventListener(ReplicatorGroup replicators) {
            owner().replicators(replicators);
        }

        @Override
        public Object invokeSync(Endpoint endpoint, Object request, InvokeContext context, long timeoutMillis)
                throws RemotingException {
            throw new RemotingException("nothing waits for an answer here");
        }

        @Override
        public void invokeAsync(
                Endpoint endpoint, Object request, InvokeContext context, InvokeCallback callback, long timeoutMillis) {
            owner().send(PeerNames.replica(endpoint), (Message) request, callback, (int) timeoutMillis);
        }

        private JRaftGroup owner() {
            JRaftGroup owner = group;
            if (owner == null) {
                throw new IllegalStateException("a sender without its group");
            }
            return owner;
        }
    }
}
