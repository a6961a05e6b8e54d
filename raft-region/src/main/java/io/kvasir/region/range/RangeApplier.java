package io.kvasir.region.range;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.key.Version;
import io.kvasir.region.raft.StateMachine;
import io.kvasir.region.raft.StateSnapshot;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.range.RangeState.Applied;
import io.kvasir.region.time.Ticker;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Applies the entries of a range, blindly: an entry is accepted if it continues its chain in its own term and epoch
 * (rule K2), and then every effect is written as it stands. All entries handed over together, and how far they go, are
 * one write to the engine.
 *
 * <p>Called by the raft group's applying thread alone.
 */
final class RangeApplier implements StateMachine {

    private final Engine engine;
    private final RecordCache cache;
    private final ReplicaState state;
    private final RangeLeader leader;
    private final ApplyListener listener;
    private final Ticker ticker;

    /** Where replicas come to be that splits make. Set once, before the first entry. */
    private volatile @Nullable SplitHost splitHost;

    RangeApplier(
            Engine engine,
            RecordCache cache,
            ReplicaState state,
            RangeLeader leader,
            ApplyListener listener,
            Ticker ticker) {
        this.engine = engine;
        this.cache = cache;
        this.state = state;
        this.leader = leader;
        this.listener = listener;
        this.ticker = ticker;
    }

    /** An entry that was looked at, and whether it was applied. */
    private record Judged(long index, Entry entry, boolean accepted) {}

    /** Sets where the replicas live that splits make; once, before the first entry. */
    void splitsAt(SplitHost host) {
        splitHost = host;
    }

    private SplitHost requireSplitHost() {
        if (splitHost == null) {
            throw new IllegalStateException("a split of " + state.descriptor().id() + " in a store that knows none");
        }
        return splitHost;
    }

    @Override
    public AppliedState appliedAtStart() {
        return new AppliedState(state.applied().index(), state.applied().term());
    }

    @Override
    public long flushedIndex() {
        byte[] flushed = engine.getFlushed(
                Family.RANGE, RangeState.appliedKey(state.descriptor().id()));
        return flushed == null ? 0 : RangeState.decodeApplied(flushed).index();
    }

    @Override
    public void apply(List<Committed> entries) {
        List<Committed> rest = entries;
        while (!rest.isEmpty()) {
            rest = rest.subList(applySome(rest), rest.size());
        }
    }

    /**
     * Applies {@code entries} up to one that records a checksum, which is of the state right after it, up to one that
     * moves a horizon, which looks at the state right before it, up to one that splits the range, which is written
     * alone, or to their end; returns how many.
     */
    private int applySome(List<Committed> entries) {
        int count = 0;
        long begin = ticker.nanoTime();
        RegionDescriptor descriptor = state.descriptor();
        Applied applied = state.applied();
        Changes changes = new Changes();
        SplitChange change = null;
        List<Judged> judged = new ArrayList<>(entries.size());
        try (Engine.Batch batch = engine.newBatch()) {
            for (Committed committed : entries) {
                count++;
                if (committed.index() <= applied.index()) {
                    continue;
                }
                Entry entry = EntryCodec.decode(committed.data());
                if (!judged.isEmpty() && keepsPast(entry)) {
                    count--;
                    break;
                }
                boolean accepted = continues(descriptor, applied.link(), entry, committed.term());
                Effect.Split split = accepted ? splitOf(entry) : null;
                if (split != null && !judged.isEmpty()) {
                    count--;
                    break;
                }
                ChainLink link = applied.link();
                long timestamp = applied.timestamp();
                if (accepted) {
                    changes.add(batch, entry);
                    link = entry.link();
                    if (link.sequence() != 0) {
                        if (entry.timestamp() <= timestamp) {
                            throw new IllegalStateException("timestamp " + entry.timestamp() + " of " + descriptor.id()
                                    + " at index " + committed.index() + " is not above " + timestamp);
                        }
                        timestamp = entry.timestamp();
                    }
                }
                applied = new Applied(committed.index(), committed.term(), link, timestamp);
                judged.add(new Judged(committed.index(), entry, accepted));
                if (split != null) {
                    change = new SplitChange(state, split, committed.index());
                    change.write(engine, batch, applied.timestamp(), requireSplitHost());
                }
                if (changes.recordsChecksum || split != null) {
                    break;
                }
            }
            InstanceState instances = changes.instances.write(batch, descriptor.id());
            HistoryState history = changes.history.write(batch);
            batch.put(Family.RANGE, RangeState.appliedKey(descriptor.id()), RangeState.encode(applied));
            LockChanges locks = new LockChanges();
            judged.stream().filter(Judged::accepted).forEach(one -> locks.add(one.entry));
            locks.show(state.locks());
            state.beginApply();
            judged.forEach(this::forgetCached);
            engine.write(batch);
            judged.forEach(this::replaceCached);
            changes.noteStaged(state.staged());
            if (change == null) {
                state.members(changes.members);
            }
            locks.hide(state.locks());
            state.endApply(applied, change == null ? instances : change.finish(instances), history);
        }
        if (change != null) {
            change.startChild(engine, requireSplitHost(), leader.servingTerm() != 0);
        }
        leader.times().add(Stage.APPLY, ticker.nanoTime() - begin);
        for (Judged one : judged) {
            if (one.accepted) {
                listener.applied(descriptor.id(), one.index, one.entry);
            }
            leader.entryJudged(one.entry.link(), one.accepted);
        }
        return count;
    }

    private static boolean keepsPast(Entry entry) {
        for (CommandEffects command : entry.commands()) {
            for (Effect effect : command.effects()) {
                if (effect instanceof Effect.KeepPast) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Drops from the cache what {@code one} is about to change in the engine. */
    private void forgetCached(Judged one) {
        if (!one.accepted) {
            return;
        }
        for (CommandEffects command : one.entry.commands()) {
            for (Effect effect : command.effects()) {
                switch (effect) {
                    case Effect.Put(Family family, byte[] key, byte[] _)
                    when family == Family.NEWEST -> cache.forget(key);
                    case Effect.Delete(Family family, byte[] key) when family == Family.NEWEST -> cache.forget(key);
                    // Of what is deleted by ranges nobody reads anything, and its keys are not used again.
                    case Effect.Put _,
                            Effect.Delete _,
                            Effect.DeleteRange _,
                            Effect.AddKeys _,
                            Effect.MapInstance _,
                            Effect.ForgetInstance _,
                            Effect.KeepPast _,
                            Effect.RecordChecksum _,
                            Effect.Split _,
                            Effect.Members _ -> {}
                }
            }
        }
    }

    /** Tells the cache what {@code one} has changed in the engine; a follower's records are not worth their memory. */
    private void replaceCached(Judged one) {
        if (!one.accepted) {
            return;
        }
        boolean keep = leader.servingTerm() != 0;
        for (CommandEffects command : one.entry.commands()) {
            Version version = command.version(one.entry.timestamp());
            for (Effect effect : command.effects()) {
                switch (effect) {
                    case Effect.Put(Family family, byte[] key, byte[] value)
                    when family == Family.NEWEST -> cache.replace(key, version, value, keep);
                    case Effect.Delete(Family family, byte[] key)
                    when family == Family.NEWEST -> cache.replace(key, version, null, keep);
                    // Of what is deleted by ranges nobody reads anything, and its keys are not used again.
                    case Effect.Put _,
                            Effect.Delete _,
                            Effect.DeleteRange _,
                            Effect.AddKeys _,
                            Effect.MapInstance _,
                            Effect.ForgetInstance _,
                            Effect.KeepPast _,
                            Effect.RecordChecksum _,
                            Effect.Split _,
                            Effect.Members _ -> {}
                }
            }
        }
    }

    private static Effect.@Nullable Split splitOf(Entry entry) {
        if (entry.commands().size() != 1) {
            return null;
        }
        List<Effect> effects = entry.commands().getFirst().effects();
        return effects.size() == 1 && effects.getFirst() instanceof Effect.Split split ? split : null;
    }

    private static boolean continues(RegionDescriptor descriptor, ChainLink last, Entry entry, long term) {
        return entry.region().equals(descriptor.id())
                && entry.epoch().version() == descriptor.epoch().version()
                && entry.link().term() == term
                && last.admits(entry.link());
    }

    @Override
    public void leaderStarted(long term) {
        leader.leadershipGained(term);
    }

    @Override
    public void leaderStopped() {
        leader.leadershipLost();
    }

    @Override
    public StateSnapshot snapshot() {
        return RangeSnapshot.take(engine, state.initial());
    }

    @Override
    public Optional<String> objection(byte[] summary) {
        RegionDescriptor next = RegionDescriptorCodec.decode(summary);
        return next.id().equals(state.descriptor().id())
                ? Optional.empty()
                : Optional.of("it is of " + next.id() + ", not of "
                        + state.descriptor().id());
    }

    @Override
    public void install(AppliedState at, byte[] summary, List<StateSnapshot.Part> parts) {
        RegionDescriptor next = RegionDescriptorCodec.decode(summary);
        replaceState(() -> new RangeInstall(engine).install(state.descriptor(), next, parts), next);
        if (state.applied().index() != at.index() || state.applied().term() != at.term()) {
            throw new IllegalStateException(
                    "the snapshot of " + next.id() + " stands at " + state.applied() + ", not at " + at);
        }
        leader.stateReplaced(state.applied().link());
        listener.skipped(next.id());
    }

    @Override
    public void wipe() {
        RegionDescriptor present = state.descriptor();
        replaceState(() -> new RangeInstall(engine).wipe(present), present);
        listener.skipped(present.id());
    }

    /**
     * Runs {@code change}, which replaces records of this replica as it is and as it is to be. Reads that meet it find
     * the counter odd, or another, or that this replica does not lead; the cache keeps nothing from before or between
     * (rule K16).
     */
    private void replaceState(Runnable change, RegionDescriptor next) {
        List<RegionDescriptor> both = List.of(state.descriptor(), next);
        state.beginApply();
        both.forEach(range -> cache.forgetRange(range.start(), range.end()));
        change.run();
        both.forEach(range -> cache.forgetRange(range.start(), range.end()));
        state.reload(engine);
    }

    /** Effects on their way into one engine batch. */
    private final class Changes {

        private final InstanceChanges instances = new InstanceChanges(state.instances());
        private final HistoryChanges history =
                new HistoryChanges(engine, state.descriptor(), state.history(), state.instances());

        /** Changes to the notes of what is staged: whether each is there, by its detail. */
        private final Map<byte[], Boolean> notes = new TreeMap<>(Arrays::compareUnsigned);

        /** The range with the voters it has after the last entry. */
        private RegionDescriptor members = state.descriptor();

        /** Whether the state after the last entry is to be looked at before anything follows. */
        private boolean recordsChecksum;

        void add(Engine.Batch batch, Entry entry) {
            history.beginEntry(batch, entry.timestamp());
            for (CommandEffects command : entry.commands()) {
                Version version = command.version(entry.timestamp());
                for (Effect effect : command.effects()) {
                    add(batch, version, effect);
                }
                history.endPart(batch, version.timestamp(), instances);
            }
        }

        /** Brings {@code staged} up to date with the notes that were written. */
        void noteStaged(Set<byte[]> staged) {
            notes.forEach((detail, there) -> {
                if (there) {
                    staged.add(detail);
                } else {
                    staged.remove(detail);
                }
            });
        }

        private void note(Family family, byte[] key, boolean there) {
            if (family == Family.RANGE && RangeState.isStagedKey(key)) {
                notes.put(RangeState.stagedDetailOf(key), there);
            }
        }

        private void add(Engine.Batch batch, Version version, Effect effect) {
            switch (effect) {
                case Effect.Put(Family family, byte[] key, byte[] value) -> {
                    note(family, key, true);
                    byte[] stored = family == Family.NEWEST ? stamped(version, value) : value;
                    if (family == Family.NEWEST) {
                        history.replace(batch, key, version, stored);
                    }
                    batch.put(family, key, stored);
                }
                case Effect.Delete(Family family, byte[] key) -> {
                    note(family, key, false);
                    if (family == Family.NEWEST) {
                        history.replace(batch, key, version, null);
                    }
                    batch.delete(family, key);
                }
                case Effect.DeleteRange(Family family, byte[] from, byte[] to) -> {
                    if (family != Family.NEWEST || !history.defer(batch, from, to, version.timestamp())) {
                        batch.deleteRange(family, from, to);
                    }
                }
                case Effect.AddKeys(int instance, long delta) -> instances.addKeys(instance, delta);
                case Effect.MapInstance(int database, int instance) -> {
                    int leaves = instances.instance(database);
                    if (leaves != instance) {
                        history.leave(database, leaves);
                    }
                    instances.map(database, instance, version.timestamp());
                }
                case Effect.ForgetInstance(int instance) -> instances.forget(instance);
                case Effect.KeepPast(int database, long millis, long horizon) ->
                    history.keepPast(batch, database, millis, horizon, version.timestamp(), instances);
                case Effect.RecordChecksum _ -> recordsChecksum = true;
                case Effect.Split _ -> {} // the only one of its entry, see SplitChange
                case Effect.Members next -> {
                    if (next.confVersion() == members.epoch().confVersion() + 1) {
                        members = withVoters(members, next);
                        batch.put(
                                Family.RANGE,
                                RangeState.descriptorKey(members.id()),
                                RegionDescriptorCodec.encode(members));
                    }
                }
            }
        }

        private static RegionDescriptor withVoters(RegionDescriptor was, Effect.Members next) {
            Epoch epoch = new Epoch(next.confVersion(), was.epoch().version());
            return new RegionDescriptor(was.id(), was.start(), was.end(), epoch, next.voters());
        }

        private static byte[] stamped(Version version, byte[] payload) {
            byte[] value = new byte[Version.BYTES + payload.length];
            version.write(value, 0);
            System.arraycopy(payload, 0, value, Version.BYTES, payload.length);
            return value;
        }
    }
}
