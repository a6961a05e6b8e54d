package io.kvasir.region.range;

import io.kvasir.region.SnapshotTooOld;
import io.kvasir.region.time.Ticker;
import io.kvasir.store.engine.Engine;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The views of a range that readers have pinned, by their timestamp. One is gone when its reader releases it, when
 * nobody has read it for {@link #IDLE_NANOS}, when the replica no longer leads, and with the process: a reader then
 * hears that the snapshot is gone, never something else.
 *
 * <p>Added to by the range's owner thread; safe for any platform thread.
 */
final class PinnedViews {

    /** Views of one range at a time: each keeps what is replaced meanwhile on disk. */
    static final int VIEWS_MAX = 8;

    static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Engine engine;
    private final Ticker ticker;
    private final ConcurrentHashMap<Long, PinnedView> views = new ConcurrentHashMap<>();

    PinnedViews(Engine engine, Ticker ticker) {
        this.engine = engine;
        this.ticker = ticker;
    }

    /**
     * Pins what stood at {@code timestamp}: what the engine holds now but for {@code differing}. Owner's thread.
     *
     * @return false if there are too many views
     */
    boolean pin(long timestamp, NavigableMap<byte[], Overlay.Pending> differing) {
        if (views.containsKey(timestamp)) {
            return true; // the answer to the first request was lost
        }
        if (views.size() >= VIEWS_MAX) {
            return false;
        }
        views.put(timestamp, new PinnedView(engine.snapshot(), differing, ticker.nanoTime()));
        return true;
    }

    /** Opens a cursor over the view of {@code timestamp}; throws {@link SnapshotTooOld} if there is none. */
    Engine.Cursor scan(long timestamp, byte[] from, byte[] to, boolean descending) {
        PinnedView view = views.get(timestamp);
        if (view == null) {
            throw SnapshotTooOld.SIGNAL;
        }
        view.usedNanos = ticker.nanoTime();
        return view.scan(from, to, descending);
    }

    /** Returns whether a reader has pinned something. */
    boolean areInUse() {
        return !views.isEmpty();
    }

    void release(long timestamp) {
        PinnedView view = views.remove(timestamp);
        if (view != null) {
            view.revoke();
        }
    }

    /** Revokes the views that nobody has read for too long. */
    void revokeIdle() {
        if (views.isEmpty()) {
            return;
        }
        long now = ticker.nanoTime();
        views.forEach((timestamp, view) -> {
            if (now - view.usedNanos > IDLE_NANOS) {
                release(timestamp);
            }
        });
    }

    void revokeAll() {
        views.keySet().forEach(this::release);
    }
}
