package io.kvasir.region.raft;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.raft.LeaseFrame.Item;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leaders and voters of two stores tell each other outside of raft, one frame for all groups of the pair (rule
 * K37): signs of life, promises that make leases, confirmations for reads without a lease, and whether a leader is
 * missed.
 *
 * <p>This file is long because both ends of a frame stand in it, with what each side concludes.
 *
 * <p>The clock thread drives it by {@link #tick}; requests and answers come on the link's threads and never wait.
 */
final class LeaseExchange {

    /** How often the clock thread calls {@link #tick}, milliseconds. */
    static final int TICK_MILLIS = 100;

    /** How often every peer store gets a frame, and leases are renewed, milliseconds. */
    static final int BEAT_MILLIS = 500;

    /** So often as this many ticks it is looked at which groups may sleep; at once if a store falls silent. */
    static final int SETTLE_TICKS = 10;

    /** Time-out of a frame, and longest time until a confirmation is answered, milliseconds. */
    static final int ANSWER_MILLIS = 1_000;

    /** Most confirmations that wait for an answer at once. */
    static final int CONFIRMATIONS_MAX = 65_536;

    private static final Logger LOG = LoggerFactory.getLogger(LeaseExchange.class);

    /** One replica asked, and who wants to know: {@code confirmation} if a read does. */
    private record Question(JRaftGroup group, long term, ReplicaId replica, List<Confirmation> confirmations) {}

    /** A question as it was sent. {@code generation} is negative if no promise was asked for. */
    private record Sent(Question question, long generation, long at) {}

    /** Confirmations on their way to one store: one frame at a time, and the next takes all that came meanwhile. */
    private static final class Conversation {

        private final Queue<Question> waiting = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean asking = new AtomicBoolean();
    }

    private final Link link;
    private final RaftHost host;
    private final LongSupplier wallMillis;
    private final ClockWatch clocks;
    private final ConcurrentMap<RegionId, JRaftGroup> groups;
    private final FailureDetector detector = new FailureDetector();
    private final ConcurrentMap<StoreId, Conversation> conversations = new ConcurrentHashMap<>();
    private final Queue<Confirmation> open = new ConcurrentLinkedQueue<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final Map<StoreId, Boolean> wasUp = new HashMap<>();
    /** Stores with replicas of groups here that were alive at the last tick. Confined to the clock thread. */
    private final Set<StoreId> peers = new HashSet<>();

    /** Stores whose last frame said that a disk of theirs is nearly full. */
    private final Set<StoreId> disksLow = ConcurrentHashMap.newKeySet();

    /** Whether a disk of this store is; told with every beat. */
    private volatile boolean ownDiskLow;

    private long ticks;

    LeaseExchange(RaftHost host, Link link, LongSupplier wallMillis, ConcurrentMap<RegionId, JRaftGroup> groups) {
        this.host = host;
        this.link = link;
        this.clocks = new ClockWatch(wallMillis.getAsLong(), host.now());
        this.wallMillis = wallMillis;
        this.groups = groups;
    }

    /** Does what is due. Called by the clock thread. */
    void tick() {
        long now = host.now();
        watchClocks();
        host.watchDisks();
        if (!host.isStalled()) {
            lookAfterGroups(now);
        }
        open.removeIf(confirmation -> {
            if (confirmation.isOverdue(now)) {
                confirmation.giveUp();
            }
            boolean over = confirmation.isDone();
            if (over) {
                opened.decrementAndGet();
            }
            return over;
        });
    }

    /** Gives signs of life, and does what the groups that are awake need. */
    private void lookAfterGroups(long now) {
        if (ticks++ % (BEAT_MILLIS / TICK_MILLIS) == 0) {
            beat();
        }
        boolean lost = peers.removeIf(store -> detector.silent(store, now));
        if (lost || ticks % SETTLE_TICKS == 0) {
            // Before elections, so that a group whose leader's store has died is awake in this very tick.
            host.awake().settle(group -> !group.isUsed(now) && mayRest(group, now));
        }
        for (JRaftGroup group : host.awake().all()) {
            considerElection(group, now);
            for (ReplicaId member : group.membersToTell()) {
                host.voters().execute(() -> group.nudge(member));
            }
        }
    }

    /**
     * Returns whether nothing has to be done for {@code group}: its leader is known and alive, and has nothing to do.
     */
    private boolean mayRest(JRaftGroup group, long now) {
        if (group.isBroken() || !group.lease().membership().votes(group.self())) {
            return true;
        }
        return group.isLeader() ? group.isSettled() : isLed(group, now);
    }

    /** Sets whether a disk of this store is nearly full, which the others hear with the next beat. Any thread. */
    void diskLow(boolean low) {
        ownDiskLow = low;
    }

    /** Returns whether {@code store} is alive and said that a disk of it is nearly full. Any thread. */
    boolean isDiskLow(StoreId store) {
        return disksLow.contains(store) && !detector.silent(store, host.now());
    }

    /** A frame of {@code store} has arrived. */
    void heard(StoreId store) {
        detector.heard(store, host.now());
    }

    // ---- asking

    /** Gets a lease for {@code group} without waiting for the next beat. */
    void renewSoon(JRaftGroup group) {
        host.clock().execute(() -> {
            for (Question question : questions(group, group.leaderTerm(), List.of())) {
                ask(question.replica().store(), List.of(question));
            }
        });
    }

    /** See {@link RaftGroup#confirmLeadership}. */
    void confirm(JRaftGroup group, long term, Consumer<Boolean> whenDone) {
        Membership membership = group.lease().membership();
        boolean leads = group.leaderTerm() == term && term != 0 && group.durableTerm() == term;
        if (!leads || membership.isOnly(group.self())) {
            whenDone.accept(leads);
            return;
        }
        if (opened.incrementAndGet() > CONFIRMATIONS_MAX) {
            opened.decrementAndGet();
            whenDone.accept(false);
            return;
        }
        Confirmation confirmation =
                new Confirmation(group, term, membership, whenDone, host.now() + ANSWER_MILLIS * 1_000_000L);
        open.add(confirmation);
        confirmation.answered(group.self(), true);
        for (Question question : questions(group, term, List.of(confirmation))) {
            StoreId store = question.replica().store();
            Conversation conversation = conversations.computeIfAbsent(store, unused -> new Conversation());
            conversation.waiting.add(question);
            converse(store, conversation);
        }
    }

    private void converse(StoreId store, Conversation conversation) {
        while (!conversation.waiting.isEmpty() && conversation.asking.compareAndSet(false, true)) {
            List<Question> questions = drain(conversation.waiting);
            if (questions.isEmpty()) {
                conversation.asking.set(false);
                continue;
            }
            ask(store, questions, () -> {
                conversation.asking.set(false);
                converse(store, conversation);
            });
            return;
        }
    }

    /** Returns what waits, as one question per group and term. */
    private static List<Question> drain(Queue<Question> waiting) {
        Map<RegionId, Question> merged = new TreeMap<>();
        List<Question> all = new ArrayList<>();
        Question next;
        while (all.size() < LeaseFrame.ITEMS_MAX && (next = waiting.poll()) != null) {
            Question same = merged.get(next.group().id());
            if (same != null && same.term() == next.term() && same.replica().equals(next.replica())) {
                same.confirmations().addAll(next.confirmations());
            } else {
                Question first =
                        new Question(next.group(), next.term(), next.replica(), new ArrayList<>(next.confirmations()));
                merged.put(next.group().id(), first);
                all.add(first);
            }
        }
        return all;
    }

    private void beat() {
        Map<StoreId, List<Question>> byStore = new TreeMap<>();
        long now = host.now();
        for (JRaftGroup group : groups.values()) {
            group.lease().membership().stores().forEach(store -> {
                if (!store.equals(link.self())) {
                    byStore.computeIfAbsent(store, unused -> new ArrayList<>());
                }
            });
        }
        for (JRaftGroup group : host.awake().all()) {
            long term = group.leaderTerm();
            if (term != 0 && host.leases().enabled() && group.isUsed(now)) {
                for (Question question : questions(group, term, List.of())) {
                    List<Question> questions = byStore.get(question.replica().store());
                    if (questions != null && questions.size() < LeaseFrame.ITEMS_MAX) {
                        questions.add(question);
                    }
                }
            }
        }
        byStore.keySet().stream().filter(store -> !detector.silent(store, now)).forEach(peers::add);
        byStore.forEach(this::ask);
        byStore.keySet().forEach(this::watchLink);
    }

    private static List<Question> questions(JRaftGroup group, long term, List<Confirmation> confirmations) {
        List<Question> questions = new ArrayList<>();
        for (ReplicaId member : group.lease().membership().all()) {
            if (term != 0 && !member.equals(group.self())) {
                questions.add(new Question(group, term, member, confirmations));
            }
        }
        return questions;
    }

    private void ask(StoreId store, List<Question> questions) {
        ask(store, questions, () -> {});
    }

    private void ask(StoreId store, List<Question> questions, Runnable whenAnswered) {
        List<Item> items = new ArrayList<>(questions.size());
        List<Sent> sent = new ArrayList<>(questions.size());
        for (Question question : questions) {
            long at = host.now();
            long generation = host.leases().enabled() ? promiseMyself(question.group(), question.term(), at) : -1;
            int incarnation = question.replica().incarnation();
            items.add(new Item(question.group().id(), incarnation, question.term(), generation >= 0));
            sent.add(new Sent(question, generation, at));
        }
        byte[] frame = new LeaseFrame(
                        LeaseFrame.Kind.CONFIRM, ownDiskLow, host.leases().leaseMillis(), items)
                .encode();
        link.send(store, Link.Channel.LEASE, frame, ANSWER_MILLIS, (response, failure) -> {
            byte[] statuses = new byte[sent.size()];
            if (response != null) {
                heard(store);
                statuses = decode(store, response, sent.size());
            }
            for (int i = 0; i < statuses.length; i++) {
                answered(sent.get(i), statuses[i]);
            }
            whenAnswered.run();
        });
    }

    /**
     * The leader is one of its voters; returns the generation to ask others in, negative if there is to be no lease.
     */
    private static long promiseMyself(JRaftGroup group, long term, long at) {
        long generation = group.lease().renewable();
        if (generation < 0 || group.durableTerm() != term || !group.gate().promise(term, at)) {
            return -1;
        }
        group.lease().confirmed(group.self(), term, generation, at);
        return generation;
    }

    private static void answered(Sent sent, int status) {
        Question question = sent.question();
        if (sent.generation() >= 0 && (status & LeaseFrame.PROMISED) != 0) {
            question.group().lease().confirmed(question.replica(), question.term(), sent.generation(), sent.at());
        }
        for (Confirmation confirmation : question.confirmations()) {
            confirmation.answered(question.replica(), (status & LeaseFrame.CONFIRMED) != 0);
        }
    }

    // ---- answering

    /** Answers a frame, unless a disk of this store stalls; never waits. */
    void handle(StoreId from, byte[] request, Consumer<byte[]> respond) {
        heard(from);
        if (host.isStalled()) {
            return;
        }
        LeaseFrame frame;
        try {
            frame = LeaseFrame.decode(request);
        } catch (IllegalArgumentException e) {
            LOG.warn("bad lease frame, from={}, reason={}", from, e.getMessage());
            return;
        }
        if (frame.diskLow()) {
            disksLow.add(from);
        } else if (!disksLow.isEmpty()) {
            disksLow.remove(from);
        }
        byte[] statuses = new byte[frame.items().size()];
        for (int i = 0; i < statuses.length; i++) {
            Item item = frame.items().get(i);
            JRaftGroup group = groups.get(item.region());
            if (group != null && group.self().incarnation() == item.incarnation() && !group.isBroken()) {
                if (frame.kind() == LeaseFrame.Kind.POLL) {
                    group.used();
                }
                statuses[i] = (byte)
                        switch (frame.kind()) {
                            case CONFIRM -> confirmStatus(group, item, frame.leaseMillis());
                            case POLL -> pollStatus(group, from);
                        };
            }
        }
        respond.accept(LeaseFrame.encodeAnswer(statuses));
    }

    private int confirmStatus(JRaftGroup group, Item item, int leaseMillis) {
        if (group.durableTerm() != item.term()) {
            return 0;
        }
        boolean outlasts = leaseMillis < host.leases().guardMillis();
        boolean promised = outlasts && item.promise() && group.gate().promise(item.term(), host.now());
        return promised ? LeaseFrame.CONFIRMED | LeaseFrame.PROMISED : LeaseFrame.CONFIRMED;
    }

    private int pollStatus(JRaftGroup group, StoreId from) {
        long now = host.now();
        Optional<StoreId> leader = group.leaderInTerm();
        if (group.isLeader()) {
            group.lease().membership().on(from).forEach(member -> host.voters().execute(() -> group.nudge(member)));
            return LeaseFrame.LED;
        }
        if (leader.isPresent() && !leader.get().equals(from) && isAlive(leader.get(), now)) {
            return LeaseFrame.LED;
        }
        return group.gate().forbids(now) || !group.gate().favours(from, link.self(), now) ? 0 : LeaseFrame.FREE;
    }

    private boolean isAlive(StoreId store, long now) {
        return !store.equals(link.self()) && !detector.silent(store, now);
    }

    // ---- elections

    /** Lets {@code group} ask for votes if it is time. Called by the clock thread. */
    void considerElection(JRaftGroup group, long now) {
        Membership membership = group.lease().membership();
        if (group.isBroken() || !membership.votes(group.self())) {
            return;
        }
        boolean led = isLed(group, now);
        boolean dead = !led
                && group.leaderInTerm()
                        .filter(leader -> !leader.equals(link.self()))
                        .isPresent();
        int rank = led ? 0 : rank(group, membership, now);
        if (group.plan().shouldAsk(now, led, dead, group.gate().forbids(now), rank)) {
            poll(group, membership);
        }
    }

    private int rank(JRaftGroup group, Membership membership, long now) {
        int rank = 0;
        for (ReplicaId member : membership.all()) {
            if (member.compareTo(group.self()) < 0 && !detector.silent(member.store(), now)) {
                rank++;
            }
        }
        return rank;
    }

    private void poll(JRaftGroup group, Membership membership) {
        if (!group.gate().favours(link.self(), link.self(), host.now())) {
            return;
        }
        Set<ReplicaId> free = new TreeSet<>(Set.of(group.self()));
        AtomicBoolean decided = new AtomicBoolean();
        if (membership.quorum(free::contains)) {
            stand(group, membership);
            return;
        }
        for (ReplicaId member : membership.all()) {
            if (!member.equals(group.self())) {
                Item item = new Item(group.id(), member.incarnation(), group.durableTerm(), false);
                byte[] frame = new LeaseFrame(LeaseFrame.Kind.POLL, ownDiskLow, 0, List.of(item)).encode();
                link.send(member.store(), Link.Channel.LEASE, frame, ANSWER_MILLIS, (response, failure) -> {
                    if (response != null) {
                        heard(member.store());
                        int status = decode(member.store(), response, 1)[0];
                        host.clock().execute(() -> polled(group, membership, member, status, free, decided));
                    }
                });
            }
        }
    }

    /** Confined to the clock thread, like {@code free}. */
    private void polled(
            JRaftGroup group,
            Membership membership,
            ReplicaId member,
            int status,
            Set<ReplicaId> free,
            AtomicBoolean decided) {
        if (status == LeaseFrame.LED && decided.compareAndSet(false, true)) {
            group.plan().postpone(host.now());
        } else if (status == LeaseFrame.FREE) {
            free.add(member);
            if (membership.quorum(free::contains) && decided.compareAndSet(false, true)) {
                stand(group, membership);
            }
        }
    }

    private void stand(JRaftGroup group, Membership membership) {
        long now = host.now();
        if (!isLed(group, now)) {
            group.plan().standing(now, rank(group, membership, now));
            host.voters().execute(group::stand);
        }
    }

    private boolean isLed(JRaftGroup group, long now) {
        return group.isLeader()
                || group.leaderInTerm().filter(leader -> isAlive(leader, now)).isPresent();
    }

    // ---- clocks and links

    private void watchClocks() {
        long gapMillis = clocks.gapMillis(wallMillis.getAsLong(), host.now());
        if (gapMillis != 0) {
            LOG.warn("clocks disagree, all leases dropped, gapMillis={}", gapMillis);
            groups.values().forEach(group -> group.lease().clockJumped());
        }
    }

    /** A store that can be reached again may have restarted and not know its leaders. */
    private void watchLink(StoreId store) {
        boolean up = link.isUp(store);
        Boolean before = wasUp.put(store, up);
        if (before == null || before == up) {
            return;
        }
        host.awake().wakeThoseOn(store);
        if (up) {
            for (JRaftGroup group : groups.values()) {
                if (group.isLeader()) {
                    group.lease().membership().on(store).forEach(member -> host.voters()
                            .execute(() -> group.nudge(member)));
                }
            }
        }
    }

    private static byte[] decode(StoreId from, byte[] response, int count) {
        try {
            return LeaseFrame.decodeAnswer(response, count);
        } catch (IllegalArgumentException e) {
            LOG.warn("bad answer to a lease frame, from={}, reason={}", from, e.getMessage());
            return new byte[count];
        }
    }
}
