package io.kvasir.gateway.acl;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandTable;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users as this process knows them: a copy of what is stored, which {@link #learn} replaces as a whole. A process
 * that has not read the store yet knows none, so that nobody who was taken a right away has it back after a restart.
 *
 * <p>Safe for any thread; who asks does not wait.
 */
public final class Users {

    private static final Logger LOG = LoggerFactory.getLogger(Users.class);

    private final Supplier<CommandTable> table;
    private final AclLog log;
    private volatile View view;

    /** What {@link #learn} was told last. Guarded by this. */
    private Map<String, String> learned = Map.of();

    /**
     * One state of all users.
     *
     * @param stored those that are stored, by name
     * @param number grows with each state
     * @param known whether the store has been read
     * @param intercepts which calls are intercepted
     */
    private record View(
            SortedMap<String, User> stored,
            @Nullable String password,
            User initial,
            long number,
            boolean known,
            Intercepts intercepts) {

        @Nullable
        User find(String name) {
            User user = stored.get(name);
            return user == null && name.equals(User.DEFAULT) ? initial : user;
        }
    }

    /**
     * Makes the users of a process without a store: the user "default", who may do everything.
     *
     * @param table of all commands, asked for once commands run
     */
    public Users(Supplier<CommandTable> table, AclLog log) {
        this.table = table;
        this.log = log;
        this.view = new View(new TreeMap<>(), null, User.initialDefault(null), 0, true, Intercepts.NONE);
    }

    /** Returns the log of what was refused. */
    public AclLog log() {
        return log;
    }

    /** The store is yet to be read: until {@link #learn}, nobody may do anything. */
    public synchronized void awaitStore() {
        View now = view;
        view = new View(now.stored, now.password, now.initial, now.number + 1, false, now.intercepts);
    }

    /** Returns whether the users are known. */
    public boolean areKnown() {
        return view.known;
    }

    /**
     * Sets the password of the user "default" as it is where nobody has stored another.
     *
     * @param password null for none
     */
    public synchronized void password(byte @Nullable [] password) {
        View now = view;
        String hash = password == null ? null : User.hash(password);
        view = new View(now.stored, hash, User.initialDefault(hash), now.number + 1, now.known, now.intercepts);
    }

    /**
     * Takes over what is stored; returns whether that is anything new.
     *
     * @param stored each user's rules by its name; a rule that this version does not know lets the user be turned off
     */
    public synchronized boolean learn(Map<String, String> stored) {
        if (view.known && stored.equals(learned)) {
            return false;
        }
        learned = Map.copyOf(stored);
        Map<String, String> ofUsers = new HashMap<>(stored);
        Intercepts intercepts = Intercepts.of(InterceptStore.takeFrom(ofUsers), table.get());
        SortedMap<String, User> users = new TreeMap<>();
        ofUsers.forEach((name, rules) -> {
            try {
                users.put(name, User.parse(name, rules, table.get()));
            } catch (CommandError unknown) {
                LOG.error("a stored user has rules that this version does not know, it is off, user={}", name, unknown);
                users.put(name, User.fresh(name));
            }
        });
        View now = view;
        view = new View(users, now.password, now.initial, now.number + 1, true, intercepts);
        return true;
    }

    /** Returns which calls are intercepted. */
    public Intercepts intercepts() {
        return view.intercepts;
    }

    /** Returns a number that changes whenever any user may have changed. */
    public long number() {
        return view.number;
    }

    /** Returns the user named {@code name}, null if there is none. */
    public @Nullable User find(String name) {
        return view.find(name);
    }

    /** Returns all users by name. */
    public Collection<User> all() {
        View now = view;
        SortedMap<String, User> all = new TreeMap<>(now.stored);
        all.putIfAbsent(User.DEFAULT, now.initial);
        return Collections.unmodifiableCollection(all.values());
    }

    /** Returns the user that new connections are of without a password, null if there is none. */
    public @Nullable User withoutPassword() {
        User user = view.find(User.DEFAULT);
        return user != null && user.on() && user.noPassword() ? user : null;
    }

    /** Returns the user whose password it is, null if that is wrong or the user is off or unknown. */
    public @Nullable User authenticate(String name, byte[] password) {
        User user = view.find(name);
        // An unknown name takes as long as a known one.
        boolean right = (user == null ? User.fresh(name) : user).isPassword(password);
        return user != null && user.on() && right ? user : null;
    }
}
