package io.kvasir.gateway.fuzz;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.MapRanges;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.database.Databases;
import io.kvasir.gateway.command.database.Flush;
import io.kvasir.gateway.resp.ReplyEncoder;
import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Kvasir's commands over a map in this process, several ranges of it. What a session does, which is to select a
 * database, is done here; replies go through the encoder, so that they have the shapes a client sees. Confined to one
 * thread.
 */
public final class InProcessTarget implements Target {

    private static final int FIRST_FRESH_INSTANCE = 1_000;
    private static final int[] CUT_SLOTS = {1_000, 6_000, 12_706};

    private final CommandTable table;
    private MapTransaction transaction = new MapTransaction(1);
    private MapRanges ranges;
    private int nextInstance = FIRST_FRESH_INSTANCE;
    private int database;
    private boolean resp3;
    private long seed;

    public InProcessTarget() {
        List<Command> others = new ArrayList<>(Flush.rows(count -> {
            int first = nextInstance;
            nextInstance += count;
            return first;
        }));
        table = new CommandTable(others);
        ranges = new MapRanges(transaction, table);
    }

    @Override
    public String name() {
        return "kvasir";
    }

    /** Returns the records, for checks of what no reply shows. */
    public MapTransaction transaction() {
        return transaction;
    }

    @Override
    public Reply send(Words words) {
        transaction.begin(System.currentTimeMillis());
        ByteBuf bytes = Unpooled.buffer();
        ReplyEncoder.encode(run(words), resp3, bytes);
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
            int nameWords = command.spec().nameWords();
            return switch (command) {
                case Command.Data data -> {
                    data.parser().parse(Arguments.of(all, nameWords, database, resp3));
                    byte[][] arguments = Arrays.copyOfRange(all, nameWords, all.length);
                    int flags = resp3 ? Request.FLAG_RESP3 : 0;
                    Request request = new Request(
                            data.name(), data.version(), database, 1, flags, Optional.empty(), 0, arguments);
                    yield data.parse(request).run(transaction);
                }
                case Command.RangeByRange ranged -> {
                    RangeCommand parsed = ranged.parser().parse(Arguments.of(all, nameWords, database, resp3));
                    Optional<byte[][]> inEachRange = parsed.inEachRange();
                    if (inEachRange.isEmpty()) {
                        yield parsed.run(ranges);
                    }
                    // All ranges share one map of databases here: once is in every range.
                    Command.Data part = ranged.part();
                    Request request = new Request(
                            part.name(), part.version(), database, 1, 0, Optional.empty(), 0, inEachRange.get());
                    yield part.parse(request).run(transaction);
                }
                case Command.Container container ->
                    throw CommandError.wrongArity(container.spec().replyName());
                case Command.Session session ->
                    throw new IllegalStateException(
                            "no session for " + session.spec().name());
            };
        } catch (CommandError error) {
            return error.reply();
        }
    }

    @Override
    public void reset(int protocol) {
        transaction = new MapTransaction(++seed);
        ranges = new MapRanges(transaction, table);
        for (int slot : CUT_SLOTS) {
            ranges.split(KeyLayout.slotStart(slot));
        }
        // Two cuts within the slots of keys that scripts use, one at a stem and one between instances.
        ranges.split(KeyLayout.stem(2, Words.bytes("{t}a")));
        ranges.split(KeyLayout.stem(1, Words.bytes("k2")));
        database = 0;
        resp3 = protocol == 3;
    }

    @Override
    public void close() {}
}
