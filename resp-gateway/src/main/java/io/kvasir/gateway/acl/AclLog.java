package io.kvasir.gateway.acl;

import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/** The newest refusals of this gateway, alike ones in one entry (redis acl.c, addACLLogEntry). Safe for any thread. */
public final class AclLog {

    /** Most entries, whatever is asked for. */
    public static final int ENTRIES_MAX = 10_000;

    /** Refusals that are alike and this close, in ms, are one entry. */
    private static final long GROUPED_MILLIS_MAX = 60_000;

    /** Entries that are compared with a new one. */
    private static final int COMPARED_MAX = 10;

    private final LongSupplier unixMillis;

    /** Newest first. Guarded by this. */
    private final Deque<Entry> entries = new ArrayDeque<>();

    private long lastId = -1;
    private int max = 128;
    private volatile Listener listener = (_, _, _, _) -> {};
    private final long[] refused = new long[Denial.Reason.values().length];

    /** Where a call came from. */
    public enum Context {
        TOPLEVEL,
        MULTI,
        LUA
    }

    /** Hears of every refusal, alike ones too. */
    @FunctionalInterface
    public interface Listener {

        /** As {@link AclLog#add}; must not wait. */
        void denied(Denial denial, Context context, String user, String client);
    }

    private static final class Entry {

        private final long id;
        private final Denial denial;
        private final Context context;
        private final String user;
        private final long createdMillis;
        private long updatedMillis;
        private long count = 1;
        private String client;

        Entry(long id, Denial denial, Context context, String user, long createdMillis, String client) {
            this.id = id;
            this.denial = denial;
            this.context = context;
            this.user = user;
            this.createdMillis = createdMillis;
            this.updatedMillis = createdMillis;
            this.client = client;
        }

        boolean isLike(Denial other, Context where, String whose) {
            return denial.equals(other) && context == where && user.equals(whose);
        }
    }

    /** @param unixMillis the time shown, in ms since the Unix epoch; it decides nothing */
    public AclLog(LongSupplier unixMillis) {
        this.unixMillis = unixMillis;
    }

    /** Sets how many entries are kept. */
    public synchronized void max(int most) {
        max = most;
        trim();
    }

    /**
     * Notes that {@code user} was refused something.
     *
     * @param client who it was, as CLIENT LIST shows it
     */
    public void add(Denial denial, Context context, String user, String client) {
        listener.denied(denial, context, user, client);
        enter(denial, context, user, client);
    }

    /** Says who hears of refusals from now on. */
    public void listener(Listener hears) {
        listener = hears;
    }

    private synchronized void enter(Denial denial, Context context, String user, String client) {
        refused[denial.reason().ordinal()]++;
        long now = unixMillis.getAsLong();
        Iterator<Entry> newest = entries.iterator();
        for (int i = 0; i < COMPARED_MAX && newest.hasNext(); i++) {
            Entry entry = newest.next();
            if (entry.isLike(denial, context, user) && now - entry.updatedMillis < GROUPED_MILLIS_MAX) {
                newest.remove();
                entry.count++;
                entry.updatedMillis = now;
                entry.client = client;
                entries.addFirst(entry);
                return;
            }
        }
        entries.addFirst(new Entry(++lastId, denial, context, user, now, client));
        trim();
    }

    /** Returns how often something was refused for {@code reason}. */
    public synchronized long refused(Denial.Reason reason) {
        return refused[reason.ordinal()];
    }

    /** Forgets all entries. */
    public synchronized void clear() {
        entries.clear();
    }

    private void trim() {
        while (entries.size() > Math.min(max, ENTRIES_MAX)) {
            entries.removeLast();
        }
    }

    /** Returns up to {@code count} entries, the newest first, as ACL LOG answers them. */
    public synchronized Reply newest(long count) {
        long now = unixMillis.getAsLong();
        List<Reply> all = new ArrayList<>();
        for (Entry entry : entries) {
            if (all.size() >= count) {
                break;
            }
            all.add(new Reply.MapOf(List.of(
                    text("count"),
                    Reply.of(entry.count),
                    text("reason"),
                    text(entry.denial.reason().logName()),
                    text("context"),
                    text(entry.context.name().toLowerCase(Locale.ROOT)),
                    text("object"),
                    text(entry.denial.object()),
                    text("username"),
                    text(entry.user),
                    text("age-seconds"),
                    new Reply.Real((now - entry.updatedMillis) / 1_000.0),
                    text("client-info"),
                    text(entry.client),
                    text("entry-id"),
                    Reply.of(entry.id),
                    text("timestamp-created"),
                    Reply.of(entry.createdMillis),
                    text("timestamp-last-updated"),
                    Reply.of(entry.updatedMillis))));
        }
        return Reply.array(all);
    }

    private static Reply text(String text) {
        return new Reply.Bulk(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
