package io.kvasir.gateway.session;

import java.util.Collection;
import java.util.Collections;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** All sessions of a gateway in the order of their ids, and the pause that holds them. Safe for any thread. */
public final class Sessions {

    private final ConcurrentSkipListMap<Long, Session> byId = new ConcurrentSkipListMap<>();
    private final AtomicLong lastId = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicReference<@Nullable Pause> pause = new AtomicReference<>();
    private final ConcurrentSkipListMap<Long, Runnable> heldBySession = new ConcurrentSkipListMap<>();

    /** Returns a number that no session of this gateway has had. */
    public long nextId() {
        return lastId.incrementAndGet();
    }

    /** Counts one more connection unless there are {@code max} already; returns whether it was counted. */
    public boolean admit(long max) {
        int now = count.get();
        while (now < max) {
            if (count.compareAndSet(now, now + 1)) {
                return true;
            }
            now = count.get();
        }
        return false;
    }

    /** Takes back the count of a connection that was admitted and is not added. */
    public void leave() {
        count.decrementAndGet();
    }

    /** Adds a session that was admitted. */
    public void add(Session session) {
        byId.put(session.id(), session);
    }

    /** Removes a session; its place is free again. */
    public void remove(Session session) {
        if (byId.remove(session.id()) != null) {
            heldBySession.remove(session.id());
            count.decrementAndGet();
        }
    }

    /** Returns the number of connections. */
    public int count() {
        return count.get();
    }

    /** Returns all sessions, in the order of their ids, as they come and go. */
    public Collection<Session> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    /** Returns the session with {@code id}, null if there is none. */
    public @Nullable Session find(long id) {
        return byId.get(id);
    }

    /** Returns the pause in force or last in force, null if there was none since the last release. */
    public @Nullable Pause pause() {
        return pause.get();
    }

    /** Begins a pause. One that is in force is widened, never shortened (redis networking.c, pauseActions). */
    public void pause(Pause order, long nowNanos) {
        pause.updateAndGet(old -> {
            if (old == null || old.untilNanos() - nowNanos <= 0) {
                return order;
            }
            long until = old.untilNanos() - order.untilNanos() > 0 ? old.untilNanos() : order.untilNanos();
            return new Pause(until, old.writesOnly() && order.writesOnly());
        });
    }

    /** Ends the pause and wakes every connection it holds. */
    public void release() {
        pause.set(null);
        heldBySession.values().forEach(Runnable::run);
    }

    /** Notes that a pause holds {@code session}; {@code wake} is called at its early end, by any thread. */
    public void held(Session session, Runnable wake) {
        heldBySession.put(session.id(), wake);
    }

    /** Notes that no pause holds {@code session}. */
    public void resumed(Session session) {
        heldBySession.remove(session.id());
    }

    /** Returns the number of sessions with a command that waits. */
    public long blockedCount() {
        return byId.values().stream().filter(Session::blocked).count();
    }
}
