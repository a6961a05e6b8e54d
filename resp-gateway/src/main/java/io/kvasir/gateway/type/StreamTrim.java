package io.kvasir.gateway.type;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a stream is trimmed (redis t_stream.c, streamTrim): to a number of entries, or of those before an id. Whole nodes
 * go first; the entries of another one only if the trimming is exact.
 *
 * @param byId whether {@code minId} counts, not {@code lengthMax}
 * @param lengthMax most entries to stay, from 0
 * @param minId the first id that may stay
 * @param approximate whether only whole nodes go
 * @param limit most entries to go, in whole nodes; 0 for no limit
 */
public record StreamTrim(boolean byId, long lengthMax, StreamId minId, boolean approximate, long limit) {

    /** Returns whether {@code length} entries may all stay. */
    boolean isDone(long length) {
        return !byId && length <= lengthMax;
    }

    /** Returns whether all entries go, of which {@code lastId} is the last or behind it. */
    boolean takesAll(StreamId lastId) {
        return limit == 0 && (byId ? lastId.isBefore(minId) : lengthMax == 0);
    }

    /**
     * Finds what goes of a stream.
     *
     * @param length number of its entries
     * @param chunks in order; read as far as chunks go, and to the end of that node
     */
    Plan plan(long length, Iterator<StreamChunk> chunks) {
        Plan plan = new Plan(length);
        StreamChunk next = chunks.hasNext() ? chunks.next() : null;
        boolean goesOn = true;
        while (next != null && goesOn) {
            List<StreamChunk> node = new ArrayList<>();
            StreamChunk first = next;
            while (next != null && next.isOfNodeOf(first)) {
                node.add(next);
                next = chunks.hasNext() ? chunks.next() : null;
            }
            goesOn = plan.take(node);
        }
        return plan;
    }

    /** What goes. Confined to the thread that trims. */
    final class Plan {

        private long left;
        private long deleted;
        private long nodes;
        private long chunks;
        private StreamId lastChunk = StreamId.ZERO;
        private @Nullable StreamChunk cut;
        private @Nullable StreamId kept;

        private Plan(long length) {
            left = length;
        }

        /** Returns how many entries go. */
        long deleted() {
            return deleted;
        }

        /** Returns how many nodes go as a whole. */
        long nodes() {
            return nodes;
        }

        /** Returns how many chunks go as a whole, from the first on. */
        long chunks() {
            return chunks;
        }

        /** Returns the key of the last chunk that goes, if one does. */
        StreamId lastChunk() {
            return lastChunk;
        }

        /** Returns what is left of the chunk that loses some of its entries, null if there is none. */
        @Nullable
        StreamChunk cut() {
            return cut;
        }

        /** Returns the key of the first chunk that stays, null if none does. */
        @Nullable
        StreamId kept() {
            return kept;
        }

        /** Looks at one node; returns whether it goes as a whole. */
        private boolean take(List<StreamChunk> node) {
            kept = node.getFirst().key();
            long live = 0;
            for (StreamChunk chunk : node) {
                live += chunk.count();
            }
            if (isDone(left) || limit > 0 && deleted + live > limit) {
                return false;
            }
            StreamId last = node.getLast().nodeLast();
            if (byId ? last.isBefore(minId) : left - live >= lengthMax) {
                left -= live;
                deleted += live;
                nodes++;
                chunks += node.size();
                lastChunk = node.getLast().key();
                kept = null;
                return true;
            }
            if (!approximate) {
                cut(node);
            }
            return false;
        }

        /** Takes entries at the start of a node; a chunk of it stays, be it empty, as the node does in Redis. */
        private void cut(List<StreamChunk> node) {
            for (StreamChunk chunk : node) {
                int taken =
                        byId ? chunk.countBefore(minId) : (int) Math.min(chunk.count(), Math.max(0, left - lengthMax));
                left -= taken;
                deleted += taken;
                kept = chunk.key();
                if (taken < chunk.count() || chunk == node.getLast()) {
                    cut = taken == 0 ? null : chunk.withoutFirst(taken);
                    return;
                }
                chunks++;
                lastChunk = chunk.key();
            }
        }
    }
}
