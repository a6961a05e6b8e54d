package io.kvasir.region.range;

import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.range.Batch.Fate;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.time.Ticker;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The entries that a leader proposes one after the other, and what becomes of their batches (rules K2, K22).
 *
 * <p><b>Model.</b> A chain begins with an entry without effects; each later one names its place after the one before,
 * and apply refuses what follows a gap. So the log alone tells fates: a batch whose entry was applied is applied, one
 * before whose entry a later one was judged is surely lost. Nothing else decides but time running out, which is
 * "undetermined".
 *
 * <p><b>Invariants.</b> Batches end in the order of their links. What is in flight when a chain begins stays there
 * until the log tells its fate.
 *
 * <p><b>Threads.</b> Confined to the owner thread unless said otherwise.
 */
final class EntryChain {

    private static final Logger LOG = LoggerFactory.getLogger(EntryChain.class);

    private final ReplicaState state;
    private final CommandEnds ends;
    private final Ticker ticker;
    private final RangeSettings settings;
    private final long origin;
    private final StageTimes times;

    /**
     * In chain order; added to by the owner, taken from by the applying thread and, after a step-down, by the owner.
     */
    private final Queue<Batch> inflight = new ConcurrentLinkedQueue<>();

    private final AtomicInteger inflightCount = new AtomicInteger();

    /** Batches that ended, for the owner to forget their writes. */
    private final Queue<Batch> ended = new ConcurrentLinkedQueue<>();

    private @Nullable RaftGroup group;
    private long term;
    private int chain;
    private long sequence;
    private boolean started;

    /** Whether writes of a batch of this chain were forgotten that are not applied. */
    private boolean broken;

    private long startProposedNanos;
    private @Nullable Batch newest;

    /** The term in which commands are served, 0 if none. Written by the owner, read by any thread. */
    private volatile long servingTerm;

    EntryChain(
            ReplicaState state,
            CommandEnds ends,
            Ticker ticker,
            RangeSettings settings,
            long origin,
            StageTimes times) {
        this.state = state;
        this.ends = ends;
        this.ticker = ticker;
        this.settings = settings;
        this.origin = origin;
        this.times = times;
    }

    /** Sets the group to propose to; once. */
    void attach(RaftGroup raftGroup) {
        group = raftGroup;
    }

    boolean isAttached() {
        return group != null;
    }

    RaftGroup requireGroup() {
        if (group == null) {
            throw new IllegalStateException("no raft group attached");
        }
        return group;
    }

    /** Returns the term in which commands are served, 0 if none. Any thread. */
    long servingTerm() {
        return servingTerm;
    }

    /** Returns the term this replica leads in, 0 if it does not. */
    long term() {
        return term;
    }

    /** Returns the first link of the chain. */
    ChainLink first() {
        return new ChainLink(term, chain, 0);
    }

    /** Returns whether the entry that starts the chain is applied, so that batches may follow it. */
    boolean isStarted() {
        return started;
    }

    /**
     * Returns whether a batch of the chain is lost. Its writes are forgotten one by one, while locks and fates stand as
     * it left them: until a new chain begins nothing may be evaluated, and the next entry would be refused anyway.
     */
    boolean isBroken() {
        return broken;
    }

    /** Returns the number of batches proposed whose fate is not known. */
    int inflight() {
        return inflightCount.get();
    }

    /** Takes the leadership of {@code newTerm}; returns false if a newer one is held already. */
    boolean lead(long newTerm) {
        if (newTerm < term) {
            return false;
        }
        if (newTerm > term) {
            term = newTerm;
            chain = 0;
        }
        return true;
    }

    /** Begins a chain by proposing its first entry; if that fails, {@link #isOverdue} says so at once. */
    void begin() {
        servingTerm = 0;
        started = false;
        broken = false;
        chain++;
        sequence = 0;
        startProposedNanos = ticker.nanoTime();
        Entry start = Entry.start(state.descriptor().id(), state.descriptor().epoch(), term, chain, origin);
        if (!requireGroup().propose(EntryCodec.encode(start), term)) {
            LOG.info(
                    "range {} could not start chain {} of term {}",
                    state.descriptor().id(),
                    chain,
                    term);
            startProposedNanos -= settings.proposalNanosMax(); // the next tick tries again
        }
    }

    /** Says in the log that an entry of this chain was refused. */
    void noteRefusal() {
        LOG.warn(
                "range {} starts a new chain in term {}: an entry was refused",
                state.descriptor().id(),
                term);
    }

    /** Returns whether {@code link}, which is applied, starts the chain begun last and nobody has seen it yet. */
    boolean awaits(ChainLink link) {
        return link.term() == term && link.chain() == chain && !started;
    }

    /** The first entry is applied: batches may follow. */
    void start() {
        newest = null;
        started = true;
        servingTerm = term;
    }

    /** Gives leadership up; what is in flight keeps its replies until its fate is known. */
    void stepDown() {
        term = 0;
        servingTerm = 0;
        started = false;
    }

    /** No command is served from now on. Any thread. */
    void stopServing() {
        servingTerm = 0;
    }

    /** Proposes the effects of {@code batch}; if false, it was never appended and is lost. */
    boolean propose(Batch batch) {
        sequence++;
        batch.link = new ChainLink(term, chain, sequence);
        batch.proposedNanos = ticker.nanoTime();
        Entry entry = new Entry(
                state.descriptor().id(),
                state.descriptor().epoch(),
                batch.link,
                batch.timestamp,
                origin,
                batch.effects);
        inflight.add(batch);
        inflightCount.incrementAndGet();
        newest = batch;
        if (requireGroup().propose(EntryCodec.encode(entry), term)) {
            times.add(Stage.PROPOSE, ticker.nanoTime() - batch.proposedNanos);
            return true;
        }
        inflight.remove(batch);
        inflightCount.decrementAndGet();
        end(batch, Fate.LOST);
        return false;
    }

    /**
     * Makes {@code reads} share the fate of the newest batch under way.
     *
     * @return empty if it is told later, else the fate: {@link Fate#APPLIED} also if nothing is under way
     */
    Optional<Fate> followNewest(Batch reads) {
        return newest == null ? Optional.of(Fate.APPLIED) : newest.addDependent(reads);
    }

    /**
     * An entry linked as {@code link} was applied ({@code accepted}) or refused at its place in the log. Ends the
     * batches whose fate this tells. Applying thread.
     */
    void judge(ChainLink link, boolean accepted) {
        while (true) {
            Batch head = inflight.peek();
            if (head == null || isBefore(link, head.link)) {
                return;
            }
            if (!inflight.remove(head)) {
                continue; // the owner gave it up meanwhile
            }
            inflightCount.decrementAndGet();
            boolean applied = accepted && head.link.equals(link);
            end(head, applied ? Fate.APPLIED : Fate.LOST);
            if (head.link.equals(link)) {
                return;
            }
        }
    }

    /**
     * A snapshot has taken the place of the entries up to the one linked as {@code link}. What is in flight of its
     * chain up to there is applied, because a chain has no gaps; of what is older nobody here will learn. Applying
     * thread.
     */
    void skipTo(ChainLink link) {
        for (Batch head = inflight.peek(); head != null && !isBefore(link, head.link); head = inflight.peek()) {
            if (inflight.remove(head)) {
                inflightCount.decrementAndGet();
                boolean sameChain = head.link.term() == link.term() && head.link.chain() == link.chain();
                end(head, sameChain ? Fate.APPLIED : Fate.UNDETERMINED);
            }
        }
    }

    private static boolean isBefore(ChainLink a, ChainLink b) {
        if (a.term() != b.term()) {
            return a.term() < b.term();
        }
        return a.chain() != b.chain() ? a.chain() < b.chain() : a.sequence() < b.sequence();
    }

    private void end(Batch batch, Fate fate) {
        long begin = ticker.nanoTime();
        List<Batch> dependents = batch.end(fate);
        ends.end(batch, fate);
        for (Batch reads : dependents) {
            ends.end(reads, fate);
        }
        if (fate == Fate.APPLIED) {
            times.add(Stage.COMMIT, begin - batch.proposedNanos);
            times.add(Stage.REPLY, ticker.nanoTime() - begin);
        }
        ended.add(batch);
    }

    /** Returns whether batches have ended that {@link #forgetEnded} has not passed on. Any thread. */
    boolean hasEnded() {
        return !ended.isEmpty();
    }

    /** Passes the batches that have ended to {@code forget}. */
    void forgetEnded(Consumer<Batch> forget) {
        for (Batch batch = ended.poll(); batch != null; batch = ended.poll()) {
            forget.accept(batch);
            broken |= started && batch.link.term() == term && batch.link.chain() == chain && !batch.isApplied();
            if (batch == newest) {
                newest = null;
            }
        }
    }

    /** Returns whether the chain's first entry, or the batch proposed first, has been under way for too long. */
    boolean isOverdue() {
        long now = ticker.nanoTime();
        if (!started) {
            return now - startProposedNanos > settings.proposalNanosMax();
        }
        Batch head = inflight.peek();
        return head != null && now - Math.max(head.proposedNanos, startProposedNanos) > settings.proposalNanosMax();
    }

    /** Ends, after a step-down, what nobody told the fate of for too long. */
    void giveUpOverdue() {
        long now = ticker.nanoTime();
        for (Batch head = inflight.peek();
                head != null && now - head.proposedNanos > settings.proposalNanosMax();
                head = inflight.peek()) {
            if (inflight.remove(head)) {
                inflightCount.decrementAndGet();
                end(head, Fate.UNDETERMINED);
            }
        }
    }
}
