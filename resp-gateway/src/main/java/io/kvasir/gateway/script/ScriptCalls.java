package io.kvasir.gateway.script;

import io.kvasir.gateway.acl.Denial;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.database.Databases;
import io.kvasir.gateway.command.transaction.TransactionRanges;
import io.kvasir.gateway.lua.LuaError;
import io.kvasir.gateway.pubsub.PubSub;
import io.kvasir.gateway.pubsub.Topic;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import io.kvasir.region.Withdrawn;
import java.util.ArrayList;
import java.util.List;

/**
 * The commands that a script calls, over the transaction of its run. Confined to the thread that runs the transaction.
 */
final class ScriptCalls {

    private static final CommandError NO_SUCH_COMMAND =
            new CommandError("ERR Unknown Redis command called from script");
    private static final CommandError WRONG_COUNT =
            new CommandError("ERR Wrong number of args calling Redis command from script");
    private static final CommandError NOT_ALLOWED =
            new CommandError("ERR This Redis command is not allowed from script");
    private static final CommandError READ_ONLY =
            new CommandError("ERR Write commands are not allowed from read-only scripts.");

    /** Bytes that one script may publish. */
    private static final long PUBLISHED_BYTES_MAX = 16L << 20;

    private final CallableCommands commands;
    private final Transaction transaction;
    private final Thresholds thresholds;
    private final boolean mayWrite;
    private final List<Reply> published = new ArrayList<>();
    private long publishedBytes;
    private int database;
    private boolean resp3;
    private boolean called;

    ScriptCalls(
            CallableCommands commands, Transaction transaction, int database, Thresholds thresholds, boolean mayWrite) {
        this.commands = commands;
        this.transaction = transaction;
        this.database = database;
        this.thresholds = thresholds;
        this.mayWrite = mayWrite;
    }

    /** Returns what the script's random numbers start from. */
    long random() {
        return transaction.random();
    }

    /** Returns whether the script speaks RESP3. */
    boolean resp3() {
        return resp3;
    }

    void resp3(boolean wanted) {
        resp3 = wanted;
    }

    /** Returns whether a call would be allowed. */
    boolean mayCall(byte[][] given) {
        byte[][] words = commands.named(given);
        if (words == null) {
            throw new LuaError("Invalid command passed to redis.acl_check_cmd()");
        }
        Command command = commands.table().find(words[0]);
        if (command instanceof Command.Container container && words.length > 1) {
            command = commands.table().find(container, words[1]);
        }
        if (command == null) {
            throw new LuaError("Invalid command passed to redis.acl_check_cmd()");
        }
        return commands.check(command, words) == null;
    }

    /** Runs one command; its error is its reply. */
    Reply call(byte[][] given) {
        try {
            byte[][] words = commands.named(given);
            if (words == null) {
                throw NO_SUCH_COMMAND;
            }
            Command command = find(words);
            if (command.spec().is(CommandFlag.NOSCRIPT)) {
                throw NOT_ALLOWED;
            }
            if (!mayWrite
                    && (command.spec().is(CommandFlag.WRITE) || command.spec().is(CommandFlag.MAY_REPLICATE))) {
                throw READ_ONLY;
            }
            Denial denial = commands.refusal(command, words);
            if (denial != null) {
                throw new CommandError("NOPERM ACL failure in script: " + denial.text(commands.userName()));
            }
            return switch (command) {
                case Command.Data data -> run(data.parser().parse(arguments(words, data)));
                case Command.RangeByRange ranges -> ofRange(ranges, words);
                case Command.Container _ -> throw NOT_ALLOWED;
                case Command.Session own -> ofConnection(own.spec().name(), words);
            };
        } catch (CommandError error) {
            return error.reply();
        } catch (StackOverflowError deep) {
            throw new Withdrawn(new Reply.Error("ERR stack overflow within a command of a script, it had no effect"));
        }
    }

    private Command find(byte[][] words) throws CommandError {
        Command command = commands.table().find(words[0]);
        if (command instanceof Command.Container container && words.length > 1) {
            command = commands.table().find(container, words[1]);
        }
        if (command == null) {
            throw NO_SUCH_COMMAND;
        }
        if (!command.spec().accepts(words.length)) {
            throw WRONG_COUNT;
        }
        return command;
    }

    private Arguments arguments(byte[][] words, Command command) {
        return Arguments.of(words, command.spec().nameWords(), database, resp3, thresholds)
                .calledBy(Arguments.Caller.SCRIPT);
    }

    private Reply run(DataCommand command) {
        command.userKeys().forEach(transaction::requireMarked);
        if (called) {
            transaction.nextCommand();
        }
        called = true;
        return command.run(transaction);
    }

    /** A command over the whole database, which is this range. */
    private Reply ofRange(Command.RangeByRange command, byte[][] words) throws CommandError {
        if (command.spec().is(CommandFlag.WRITE)) {
            throw new CommandError("ERR " + command.spec().name() + " is not supported in scripts");
        }
        return command.parser().parse(arguments(words, command)).run(new TransactionRanges(transaction));
    }

    /** Keeps a message until the script has taken effect; how many will receive it is not known yet. */
    private Reply publish(Topic topic, byte[][] words) throws CommandError {
        publishedBytes += words[1].length + words[2].length;
        if (publishedBytes > PUBLISHED_BYTES_MAX) {
            throw new CommandError("ERR a script can publish at most " + PUBLISHED_BYTES_MAX + " bytes");
        }
        published.add(PubSub.message(topic, words[1], words[2]));
        return Reply.ZERO;
    }

    /** Returns {@code reply}, together with what was published. */
    Reply withMessages(Reply reply) {
        return published.isEmpty() ? reply : new Reply.Published(reply, List.copyOf(published));
    }

    private Reply ofConnection(String name, byte[][] words) throws CommandError {
        return switch (name) {
            case "PING" -> words.length == 1 ? new Reply.Status("PONG") : Reply.bulk(words[1]);
            case "ECHO" -> Reply.bulk(words[1]);
            case "SELECT" -> {
                database = Databases.parse(words[1]);
                yield Reply.OK;
            }
            case "PUBLISH" -> publish(Topic.CHANNEL, words);
            case "SPUBLISH" -> publish(Topic.SHARD, words);
            case "TIME" -> {
                long millis = transaction.timeMillis();
                yield Reply.array(List.of(
                        Reply.bulk(Long.toString(millis / 1_000)), Reply.bulk(Long.toString(millis % 1_000 * 1_000))));
            }
            default -> throw new CommandError("ERR " + name + " is not supported in scripts");
        };
    }
}
