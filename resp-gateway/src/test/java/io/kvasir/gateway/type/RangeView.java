package io.kvasir.gateway.type;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.EventCode;
import io.kvasir.region.OutOfRange;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A part of a {@link MapTransaction} as the transaction of one range: what lies outside is {@link OutOfRange}. */
public final class RangeView implements Transaction {

    private final MapTransaction whole;
    private final byte[] start;
    private final byte[] end;

    /**
     * @param start first key, empty if unbounded
     * @param end first key beyond, empty if unbounded
     */
    public RangeView(MapTransaction whole, byte[] start, byte[] end) {
        this.whole = whole;
        this.start = start;
        this.end = end;
    }

    private byte[] inside(byte[] key) {
        if (Arrays.compareUnsigned(key, start) < 0 || end.length > 0 && Arrays.compareUnsigned(key, end) >= 0) {
            throw OutOfRange.SIGNAL;
        }
        return key;
    }

    private void insideBounds(byte[] from, byte[] to) {
        boolean before = Arrays.compareUnsigned(from, start) < 0;
        boolean beyond = end.length > 0 && (to.length == 0 || Arrays.compareUnsigned(to, end) > 0);
        if (before || beyond) {
            throw OutOfRange.SIGNAL;
        }
    }

    @Override
    public long timestamp() {
        return whole.timestamp();
    }

    @Override
    public long timeMillis() {
        return whole.timeMillis();
    }

    @Override
    public boolean isExpired(long expiryMillis) {
        return whole.isExpired(expiryMillis);
    }

    @Override
    public int instance(int database) {
        return whole.instance(database);
    }

    @Override
    public void mapInstance(int database, int instance) {
        whole.mapInstance(database, instance);
    }

    /** The view is empty of the instance; what is forgotten is the whole's, so that happens once all views are. */
    @Override
    public void forgetInstance(int instance) {
        if (keys(instance) != 0) {
            throw new IllegalStateException("instance " + instance + " has keys in the range");
        }
        if (whole.keys(instance) == 0) {
            whole.forgetInstance(instance);
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return whole.get(inside(key));
    }

    @Override
    public Version version(byte[] key) {
        return whole.version(inside(key));
    }

    @Override
    public Version removedUpTo(byte[] rootKey) {
        return whole.removedUpTo(inside(rootKey));
    }

    @Override
    public void requireMarked(byte[] userKey) {
        whole.requireMarked(userKey);
    }

    @Override
    public void nextCommand() {
        whole.nextCommand();
    }

    @Override
    public Engine.Cursor scan(byte[] from, byte[] to, boolean descending) {
        insideBounds(from, to);
        return whole.scan(from, to, descending);
    }

    @Override
    public void put(byte[] key, byte[] payload) {
        whole.put(inside(key), payload);
    }

    @Override
    public void delete(byte[] key) {
        whole.delete(inside(key));
    }

    @Override
    public void deleteRange(byte[] from, byte[] to) {
        insideBounds(from, to);
        whole.deleteRange(from, to);
    }

    @Override
    public void moveExpiry(byte[] rootKey, long oldMillis, long newMillis) {
        whole.moveExpiry(inside(rootKey), oldMillis, newMillis);
    }

    @Override
    public void addKeys(byte[] key, int instance, long delta) {
        whole.addKeys(inside(key), instance, delta);
    }

    @Override
    public long keys(int instance) {
        long keys = 0;
        try (Engine.Cursor cursor = whole.scan(start, end, false)) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                if (KeyLayout.isRoot(key) && KeyLayout.instanceOf(key) == instance) {
                    keys++;
                }
            }
        }
        return keys;
    }

    @Override
    public byte[] rangeStart() {
        return start;
    }

    @Override
    public byte[] rangeEnd() {
        return end;
    }

    @Override
    public Version generation() {
        return whole.generation();
    }

    @Override
    public long random() {
        return whole.random();
    }

    @Override
    public void event(EventCode code, byte[] rootKey) {
        whole.event(code, inside(rootKey));
    }
}
