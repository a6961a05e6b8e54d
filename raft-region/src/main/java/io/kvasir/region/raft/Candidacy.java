package io.kvasir.region.raft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.rpc.RaftServerService;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowResponse;
import com.google.protobuf.Message;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;

/**
 * Makes a node of SOFAJRaft stand for leader, or give up a term, by the only message it obeys at once: the TimeoutNow
 * that a leader would send. Called by threads that may wait for the disk.
 */
final class Candidacy {

    private final RegionId region;
    private final ReplicaId self;
    private final Node node;

    Candidacy(RegionId region, ReplicaId self, Node node) {
        this.region = region;
        this.self = self;
        this.node = node;
    }

    /** Makes the node stand in a term after {@code term}, the newest durable one, unless it leads. */
    void stand(long term) {
        TimeoutNowResponse answer = timeoutNow(term);
        if (!answer.getSuccess() && !node.isLeader(false)) {
            // A candidate stands again only as a follower of a newer term.
            long next = answer.getTerm() > term ? answer.getTerm() : term + 1;
            timeoutNow(next);
            timeoutNow(next);
        }
    }

    /** Makes the node a follower in the term after {@code term}, if {@code term} is its own. */
    void giveUp(long term) {
        timeoutNow(term + 1);
    }

    private TimeoutNowResponse timeoutNow(long term) {
        TimeoutNowRequest request = TimeoutNowRequest.newBuilder()
                .setGroupId(PeerNames.group(region))
                .setServerId(PeerNames.peer(self).toString())
                .setPeerId(PeerNames.peer(self).toString())
                .setTerm(term)
                .build();
        RaftReply.Kept kept = new RaftReply.Kept();
        Message answer = ((RaftServerService) node)
                .handleTimeoutNowRequest(request, kept.reply().closure(TimeoutNowResponse.getDefaultInstance()));
        return (TimeoutNowResponse) (answer == null ? kept.message() : answer);
    }
}
