package io.kvasir.region.range;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.RequestId;
import io.kvasir.region.EventCode;
import java.util.List;
import java.util.Optional;

/**
 * One raft entry of a range: the effects of one batch of commands, or the start of a chain. Its bytes are made and read
 * by {@link EntryCodec} and specified in {@code docs/keyspace.md}.
 *
 * @param region the range it was evaluated for
 * @param epoch the epoch it was evaluated in; apply refuses another {@link Epoch#version}
 * @param link its place in the chain of its leader's entries
 * @param timestamp batch timestamp; 0 for {@link #start}
 * @param origin id of the cluster in which the write was made first
 * @param commands those commands of the batch that have effects, events or a request id, by ascending ordinal
 */
public record Entry(
        RegionId region, Epoch epoch, ChainLink link, long timestamp, long origin, List<CommandEffects> commands) {

    public Entry {
        commands = List.copyOf(commands);
    }

    /**
     * Place in a chain (rule K2): the entries that one leader evaluated one over the other.
     *
     * @param term term it was evaluated in; apply accepts it in that term only
     * @param chain number of the chain in that term, from 1: a leader that is confirmed twice in a term starts anew
     * @param sequence 0 for the entry that starts the chain, then one more for each entry
     */
    public record ChainLink(long term, int chain, long sequence) {

        /** Before every chain. */
        public static final ChainLink NONE = new ChainLink(0, 0, 0);

        /** Returns whether an entry linked as {@code next} may be applied after one linked as this. */
        public boolean admits(ChainLink next) {
            if (next.sequence == 0) {
                return next.term > term || next.term == term && next.chain > chain;
            }
            return next.term == term && next.chain == chain && next.sequence == sequence + 1;
        }
    }

    /**
     * The effects of one command.
     *
     * @param ordinal its position in the batch, from 0; the second part of the version its records get
     * @param id present if the client asked for exactly-once
     * @param reply a small reply with it; the one kept for the id stands among the effects, in the id's record
     * @param commit commit timestamp of what it writes, below the batch's: it was decided over several ranges; 0 for
     *     the batch's own
     */
    public record CommandEffects(
            int ordinal,
            Optional<RequestId> id,
            Optional<Reply> reply,
            List<Effect> effects,
            List<Event> events,
            long commit) {

        public CommandEffects(
                int ordinal, Optional<RequestId> id, Optional<Reply> reply, List<Effect> effects, List<Event> events) {
            this(ordinal, id, reply, effects, events, 0);
        }

        /** Returns the version of the records it writes in a batch of {@code timestamp}. */
        public Version version(long timestamp) {
            return new Version(commit == 0 ? timestamp : commit, ordinal);
        }
    }

    /** A keyspace event, recorded only when somebody listens (rule K35). */
    public record Event(EventCode code, byte[] rootKey) {}

    /**
     * Returns the entry by which a leader starts a chain: it has no effects, and what was unchained before it is lost.
     */
    public static Entry start(RegionId region, Epoch epoch, long term, int chain, long origin) {
        return new Entry(region, epoch, new ChainLink(term, chain, 0), 0, origin, List.of());
    }
}
