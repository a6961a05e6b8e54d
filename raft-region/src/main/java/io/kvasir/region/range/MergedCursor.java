package io.kvasir.region.range;

import io.kvasir.proto.key.Version;
import io.kvasir.region.range.Overlay.Pending;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Records of the engine with the overlay laid over them, payloads without their version. Copies the overlay's part when
 * opened, so that writes made meanwhile do not show. Confined to the thread that opened it.
 */
final class MergedCursor implements Engine.Cursor {

    private final Engine.Cursor engine;
    private final Iterator<Map.Entry<byte[], Pending>> overlay;
    private final boolean descending;
    private final Examination examination;

    private boolean started;
    private boolean engineHas;
    private Map.@Nullable Entry<byte[], Pending> overlayNext;
    private byte @Nullable [] key;
    private byte @Nullable [] payload;

    MergedCursor(
            Engine.Cursor engine, NavigableMap<byte[], Pending> overlay, boolean descending, Examination examination) {
        this.engine = engine;
        this.examination = examination;
        this.descending = descending;
        List<Map.Entry<byte[], Pending>> copy = new ArrayList<>(overlay.size());
        for (Map.Entry<byte[], Pending> entry : (descending ? overlay.descendingMap() : overlay).entrySet()) {
            copy.add(Map.entry(entry.getKey(), entry.getValue()));
        }
        this.overlay = copy.iterator();
    }

    @Override
    public boolean next() {
        if (!started) {
            started = true;
            engineHas = engine.next();
            overlayNext = overlay.hasNext() ? overlay.next() : null;
        }
        while (engineHas || overlayNext != null) {
            int order = order();
            if (order < 0) {
                key = engine.key();
                byte[] stamped = engine.value();
                payload = payloadOf(stamped);
                examination.count(key.length + stamped.length);
                engineHas = engine.next();
                return true;
            }
            Map.Entry<byte[], Pending> pending = Objects.requireNonNull(overlayNext);
            overlayNext = overlay.hasNext() ? overlay.next() : null;
            byte[] left = pending.getValue().payload;
            examination.count(pending.getKey().length + (left == null ? 0 : left.length));
            if (order == 0) {
                engineHas = engine.next();
            }
            if (left != null) {
                key = pending.getKey();
                payload = left;
                return true;
            }
        }
        key = null;
        payload = null;
        return false;
    }

    /** Returns below 0 if the engine's record comes first, above 0 if the overlay's does, 0 if they are of one key. */
    private int order() {
        if (overlayNext == null) {
            return -1;
        }
        if (!engineHas) {
            return 1;
        }
        int order = Arrays.compareUnsigned(engine.key(), overlayNext.getKey());
        return descending ? -order : order;
    }

    static byte[] payloadOf(byte[] stamped) {
        return Arrays.copyOfRange(stamped, Version.BYTES, stamped.length);
    }

    @Override
    public byte[] key() {
        return Objects.requireNonNull(key, "no current record");
    }

    @Override
    public byte[] value() {
        return Objects.requireNonNull(payload, "no current record");
    }

    @Override
    public void close() {
        engine.close();
    }
}
