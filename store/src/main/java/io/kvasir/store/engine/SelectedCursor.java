package io.kvasir.store.engine;

import java.util.function.Predicate;

/** The records of another cursor whose key passes a test. Closing it closes the other. */
final class SelectedCursor implements Engine.Cursor {

    private final Engine.Cursor all;
    private final Predicate<byte[]> kept;

    SelectedCursor(Engine.Cursor all, Predicate<byte[]> kept) {
        this.all = all;
        this.kept = kept;
    }

    @Override
    public boolean next() {
        while (all.next()) {
            if (kept.test(all.key())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public byte[] key() {
        return all.key();
    }

    @Override
    public byte[] value() {
        return all.value();
    }

    @Override
    public void close() {
        all.close();
    }
}
