package io.kvasir.gateway.fuzz;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.gateway.command.database.Databases;
import io.kvasir.gateway.command.database.Flush;
import io.kvasir.gateway.command.database.LocalRanges;
import io.kvasir.gateway.command.transaction.Exec;
import io.kvasir.gateway.command.transaction.MultiQueue;
import io.kvasir.gateway.resp.ReplyEncoder;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.Invocation;
import io.kvasir.region.Procedure;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.Transaction;
import io.kvasir.region.link.Link;
import io.kvasir.region.range.Range;
import io.kvasir.region.time.Timer;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.MemoryEngine;
import io.kvasir.txn.RouteTable;
import io.kvasir.txn.Router;
import io.kvasir.txn.Strands;
import io.kvasir.txn.percolator.Percolator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/**
 * Kvasir's commands over real ranges in memory, at one of two sites: at the leader of the one range there is, or at the
 * gateway, as transactions over several. Confined to one thread.
 */
final class SiteTarget implements Target {

    private static final int FIRST_FRESH_INSTANCE = 1 << 20;
    private static final int[] CUT_SLOTS = {1_000, 6_000, 12_706};
    private static final int ROUNDS_MAX = 1_000;
    private static final StoreId STORE = new StoreId(1);

    private final boolean atGateway;
    private final long firstMillis;
    private final CommandTable table;
    private final Set<String> answered = new TreeSet<>();
    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private int nextInstance;
    private long nanos;
    private Clock clock;
    private LocalRanges ranges;
    private Router router;
    private int database;
    private boolean resp3;

    /** @param firstMillis time of the first command of each script; each takes one more ms */
    SiteTarget(boolean atGateway, long firstMillis) {
        this.atGateway = atGateway;
        this.firstMillis = firstMillis;
        table = new CommandTable(Flush.rows(count -> {
            nextInstance += count;
            return nextInstance - count;
        }));
        clock = new Clock(firstMillis);
        ranges = open();
        router = connect();
    }

    private LocalRanges open() {
        List<Procedure> procedures = new ArrayList<>(table.procedures());
        procedures.add(Exec.procedure(table));
        procedures.addAll(Percolator.procedures());
        List<byte[]> cuts = new ArrayList<>();
        if (atGateway) {
            for (int slot : CUT_SLOTS) {
                cuts.add(KeyLayout.slotStart(slot));
            }
        }
        LocalRanges opened =
                new LocalRanges(new MemoryEngine(), new ProcedureTable(procedures), clock, cuts.toArray(byte[][]::new));
        opened.lead();
        return opened;
    }

    private Router connect() {
        List<RegionDescriptor> regions =
                ranges.table().all().stream().map(Range::descriptor).toList();
        Timer timer = (millis, task) -> later.add(task);
        return new Router(
                1,
                new RouteTable(regions),
                ranges.table(),
                new NoLink(),
                () -> ++nanos,
                timer,
                clock,
                new InlineStrands(),
                () -> 42);
    }

    /** Returns the names of the commands that have answered anything but an error. */
    Set<String> answered() {
        return answered;
    }

    CommandTable table() {
        return table;
    }

    /** @throws AssertionError if a transaction has left a lock */
    void checkNothingIsLocked() {
        ranges.settle();
        for (Range range : ranges.table().all()) {
            if (!range.locksByOwner(1).isEmpty()) {
                throw new AssertionError("a lock is left in " + range.descriptor());
            }
        }
    }

    @Override
    public String name() {
        return atGateway ? "gateway" : "leader";
    }

    @Override
    public Reply send(Words words) {
        clock.millis++;
        ByteBuf bytes = Unpooled.buffer();
        Reply reply = run(words);
        ReplyEncoder.encode(reply, resp3, bytes);
        try {
            return new ReplyReader(new ByteBufInputStream(bytes)).read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Reply run(Words words) {
        byte[][] all = words.list().toArray(byte[][]::new);
        try {
            if (words.name().equals("SELECT")) {
                if (all.length != 2) {
                    throw CommandError.wrongArity("select");
                }
                database = Databases.parse(all[1]);
                return Reply.OK;
            }
            Command command = table.require(all);
            Reply reply = run(command, all);
            if (!(reply instanceof Reply.Error)) {
                answered.add(command.spec().name());
            }
            return reply;
        } catch (CommandError error) {
            return error.reply();
        }
    }

    private Reply run(Command command, byte[][] all) throws CommandError {
        int nameWords = command.spec().nameWords();
        return switch (command) {
            case Command.Data data -> {
                Invocation invocation = data.parser().parse(Arguments.of(all, nameWords, database, resp3));
                byte[][] arguments = Arrays.copyOfRange(all, nameWords, all.length);
                int flags = resp3 ? Request.FLAG_RESP3 : 0;
                yield execute(
                        new Request(data.name(), data.version(), database, 1, flags, Optional.empty(), 0, arguments),
                        invocation);
            }
            case Command.RangeByRange ranged
            when !ranged.spec().is(CommandFlag.WRITE) -> {
                RangeCommand parsed = ranged.parser().parse(Arguments.of(all, nameWords, database, resp3));
                // SCAN's pages end with ranges, so that only full scans compare: they go range by range at both sites.
                yield ranged.spec().name().equals("SCAN") ? parsed.run(new EachRange()) : inExec(ranged, all);
            }
            case Command.RangeByRange ranged -> inExec(ranged, all);
            case Command.Container container ->
                throw CommandError.wrongArity(container.spec().replyName());
            case Command.Session session ->
                throw new IllegalStateException(
                        "no session for " + session.spec().name());
        };
    }

    private Reply inExec(Command.RangeByRange command, byte[][] all) throws CommandError {
        Reply reply = exec(List.of(new MultiQueue.Queued(command, all)));
        return reply instanceof Reply.Array(List<Reply> replies) ? replies.getFirst() : reply;
    }

    /** Runs {@code lines} between MULTI and EXEC; returns what EXEC answers. */
    Reply transaction(List<Words> lines) throws CommandError {
        clock.millis++;
        List<MultiQueue.Queued> queued = new ArrayList<>();
        for (Words words : lines) {
            byte[][] all = words.list().toArray(byte[][]::new);
            queued.add(new MultiQueue.Queued(table.require(all), all));
        }
        return exec(queued);
    }

    private Reply exec(List<MultiQueue.Queued> queued) throws CommandError {
        MultiQueue.Taken alone = new MultiQueue.Taken(List.of(), queued, false);
        MultiQueue.Part part =
                MultiQueue.part(table, alone, Optional.empty(), 1, database, resp3, (arguments, before) -> before);
        return execute(part.request(), part.exec());
    }

    private Reply execute(Request request, Invocation invocation) {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        router.execute(request, atGateway ? new Undeclared(invocation) : invocation, answer::complete);
        return await(answer);
    }

    private <T> T await(CompletableFuture<T> future) {
        for (int round = 0; round < ROUNDS_MAX; round++) {
            ranges.settle();
            if (future.isDone()) {
                return future.join();
            }
            Runnable next = later.poll();
            if (next != null) {
                next.run();
            }
        }
        throw new AssertionError("no answer");
    }

    @Override
    public void reset(int protocol) {
        nextInstance = FIRST_FRESH_INSTANCE;
        later.clear();
        clock = new Clock(firstMillis);
        ranges = open();
        router = connect();
        database = 0;
        resp3 = protocol == 3;
    }

    @Override
    public void close() {}

    /** The same command with keys that nobody knows before it runs, so that it runs at the gateway. */
    private record Undeclared(Invocation invocation) implements Invocation {

        @Override
        public Reply run(Transaction transaction) {
            return invocation.run(transaction);
        }

        @Override
        public boolean readOnly() {
            return invocation.readOnly();
        }

        @Override
        public int database() {
            return invocation.database();
        }

        @Override
        public List<byte[]> userKeys() {
            return List.of();
        }
    }

    private final class EachRange implements Ranges {

        @Override
        public List<RegionDescriptor> all() {
            return router.regions();
        }

        @Override
        public Reply call(RegionDescriptor region, Request request, Invocation invocation) {
            CompletableFuture<Reply> answer = new CompletableFuture<>();
            router.executeAt(region, request, invocation, answer::complete);
            return await(answer);
        }
    }

    private final class InlineStrands implements Strands {

        @Override
        public void start(Runnable strand) {
            strand.run();
        }

        @Override
        public <T> T await(CompletableFuture<T> future) {
            return SiteTarget.this.await(future);
        }
    }

    private static final class Clock implements TimestampSource {

        private long millis;
        private long newest;

        Clock(long firstMillis) {
            millis = firstMillis;
        }

        @Override
        public void fetch(LongConsumer whenDone) {
            newest = Math.max(newest + 1, Timestamp.of(millis, 0));
            whenDone.accept(newest);
        }

        @Override
        public long newestIssued() {
            return newest;
        }

        @Override
        public long bound() {
            return 0;
        }
    }

    /** There is one store. */
    private static final class NoLink implements Link {

        @Override
        public StoreId self() {
            return STORE;
        }

        @Override
        public void send(StoreId to, Channel channel, byte[] request, int timeoutMillis, Answer answer) {
            throw new AssertionError("there is no other store");
        }

        @Override
        public void serve(Channel channel, Handler handler) {}

        @Override
        public boolean isUp(StoreId to) {
            return to.equals(STORE);
        }

        @Override
        public void close() {}
    }
}
