package io.kvasir.region.raft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.ReadOnlyService;
import com.alipay.sofa.jraft.core.NodeImpl;
import java.lang.reflect.Field;

/**
 * SOFAJRaft's own read-index, which every node starts and nothing here uses: leases and confirmations are ours. It
 * holds two of a node's five threads and one of its four rings, so it is ended as soon as the node has started. There
 * is no way to it but its field; a SOFAJRaft without that field fails the start of the first group.
 */
final class UnusedReadIndex {

    private static final String FIELD = "readOnlyService";

    private UnusedReadIndex() {}

    /** Ends the read-index of {@code node}, which must be initialised; waits until its threads have nothing left. */
    static void end(Node node) {
        try {
            Field field = NodeImpl.class.getDeclaredField(FIELD);
            field.setAccessible(true);
            ReadOnlyService service = (ReadOnlyService) field.get(node);
            field.set(node, null);
            service.shutdown();
            service.join();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this SOFAJRaft has no field " + FIELD, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
