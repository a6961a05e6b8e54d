package io.kvasir.gateway.acl;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.database.Databases;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.time.Timer;
import io.kvasir.txn.CommandExecutor;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@link Users} level with what is stored, and changes what is stored. A change is answered when it is durable,
 * this gateway goes by it, and so does every other that could be asked; one that could not reads the store by itself
 * within {@link #READ_MILLIS}.
 *
 * <p>Safe for any thread. Until {@link #connect} users cannot be changed.
 */
public final class UserDirectory {

    /** How often a gateway reads the store although nobody told it to, in ms. */
    public static final int READ_MILLIS = 15_000;

    /** How long it waits before it reads again if it could not, in ms. */
    private static final int RETRY_MILLIS = 50;

    private static final Logger LOG = LoggerFactory.getLogger(UserDirectory.class);
    private static final Reply.Error NOT_CONNECTED = new Reply.Error("ERR this gateway has no store for users");

    private final Users users;
    private final Command.Data set;
    private final Command.Data intercept;
    private final Command.Data release;
    private volatile @Nullable CommandExecutor executor;
    private volatile Consumer<Runnable> announce = Runnable::run;
    private volatile Runnable whenChanged = () -> {};

    public UserDirectory(Users users, Supplier<CommandTable> table) {
        this.users = users;
        this.set = UserStore.set(table);
        this.intercept = InterceptStore.set(table);
        this.release = InterceptStore.delete(table);
    }

    /**
     * Finds the store from now on; called once.
     *
     * @param announcer has the other gateways read the store, and runs what it is given once they have answered
     * @param changed is run after this gateway has read other users than before
     */
    public void connect(CommandExecutor executor, Consumer<Runnable> announcer, Runnable changed) {
        this.executor = executor;
        this.announce = announcer;
        this.whenChanged = changed;
    }

    /** Reads the store now, and again and again. Nobody may do anything before it has been read once. */
    public void follow(Timer timer) {
        users.awaitStore();
        readAgain(timer);
    }

    private void readAgain(Timer timer) {
        read(() -> timer.after(users.areKnown() ? READ_MILLIS : RETRY_MILLIS, () -> readAgain(timer)));
    }

    /** Reads the store; {@code whenDone} is run on any thread, also if it could not be read. */
    public void read(Runnable whenDone) {
        run(UserStore.LIST, new byte[0][], reply -> {
            if (reply instanceof Reply.Array list) {
                if (users.learn(UserStore.decode(list))) {
                    whenChanged.run();
                }
            } else {
                LOG.debug("users cannot be read now, reply={}", reply);
            }
            whenDone.run();
        });
    }

    /** Changes a user by rules; {@code whenDone} gets the reply on any thread. */
    public void set(byte[] name, byte[][] rules, Consumer<Reply> whenDone) {
        User before = users.find(new String(name, StandardCharsets.ISO_8859_1));
        String otherwise = (before == null ? User.fresh("") : before).describe();
        byte[][] words = new byte[rules.length + 2][];
        words[0] = name;
        words[1] = otherwise.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(rules, 0, words, 2, rules.length);
        run(set, words, reply -> published(reply, whenDone));
    }

    /** Removes users; {@code whenDone} gets how many there were, on any thread. */
    public void delete(byte[][] names, Consumer<Reply> whenDone) {
        run(UserStore.DELETE, names, reply -> published(reply, whenDone));
    }

    /** Makes a rule of {@code words}: user, command and action; {@code whenDone} gets the reply on any thread. */
    public void intercept(byte[][] words, Consumer<Reply> whenDone) {
        run(intercept, words, reply -> published(reply, whenDone));
    }

    /** Takes the rule back that {@code words}, user and command, name; {@code whenDone} gets how many there were. */
    public void release(byte[][] words, Consumer<Reply> whenDone) {
        run(release, words, reply -> published(reply, whenDone));
    }

    private void published(Reply reply, Consumer<Reply> whenDone) {
        if (reply instanceof Reply.Error error && !error.text().startsWith("UNDETERMINED")) {
            whenDone.accept(reply);
        } else {
            read(() -> announce.accept(() -> whenDone.accept(reply)));
        }
    }

    private void run(Command.Data command, byte[][] words, Consumer<Reply> whenDone) {
        CommandExecutor store = executor;
        if (store == null) {
            whenDone.accept(NOT_CONNECTED);
            return;
        }
        Request request = new Request(command.name(), 1, Databases.SYSTEM, 0, 0, Optional.empty(), 0, words);
        try {
            store.execute(request, command.parser().parse(Arguments.of(words, 0, Databases.SYSTEM, false)), whenDone);
        } catch (CommandError wrong) {
            whenDone.accept(wrong.reply());
        }
    }
}
