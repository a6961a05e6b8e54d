package io.kvasir.gateway.type;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EntryTest {

    private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);
    private static final int INSTANCE_OF_0 = 1;

    private final MapTransaction transaction = new MapTransaction(1);

    @Test
    void aKeyIsCountedOnceHoweverOftenItIsWritten() {
        open().put(Root.inline(RootType.HASH, 0, 1, new byte[] {1}));
        transaction.begin();
        open().put(Root.inline(RootType.HASH, 0, 2, new byte[] {2}));
        assertEquals(1, transaction.keys(INSTANCE_OF_0));
        transaction.begin();
        open().remove();
        assertEquals(0, transaction.keys(INSTANCE_OF_0));
        assertEquals(0, transaction.size());
        transaction.check();
    }

    @Test
    void theExpiryIndexFollowsTheRoot() {
        long now = transaction.timeMillis();
        open().put(Root.inline(RootType.HASH, now + 10, 1, new byte[] {1}));
        transaction.check();
        open().setExpiry(now + 20);
        transaction.check();
        open().setExpiry(0);
        transaction.check();
        assertEquals(0, open().expiryMillis());
    }

    @Test
    void anExpiredKeyIsAbsentUntilAWriteDropsIt() throws CommandError {
        long now = transaction.timeMillis();
        putHash(now + 10, 3);
        transaction.begin(now + 10);
        Entry entry = open();
        assertFalse(entry.exists());
        assertTrue(entry.isExpired());
        assertEquals(entry, entry.require(RootType.STRING));
        assertEquals(4, transaction.size());
        entry.put(Root.inline(RootType.LIST, 0, 1, new byte[] {1}));
        assertEquals(1, transaction.size());
        assertEquals(List.of(KeyspaceEvent.EXPIRED, KeyspaceEvent.NEW), transaction.events());
        transaction.check();
    }

    @Test
    void elementsGoWithTheirRootOneByOneOrAsARange() {
        for (int count : new int[] {3, Entry.DELETE_SINGLY_MAX + 1}) {
            putHash(0, count);
            assertEquals(count + 1, transaction.size());
            transaction.begin();
            open().remove();
            assertEquals(0, transaction.size());
        }
    }

    @Test
    void k11ElementsWithLongKeysGoAsARangeSoThatTheEntryIsBounded() throws CommandError {
        byte[] longKey = new byte[60_000];
        Keyspace keyspace = Keyspace.of(transaction, 0);
        StringValue.replace(keyspace.open(longKey), new byte[StringValue.CHUNK_BYTES * 10], 0);
        transaction.begin();
        keyspace.open(longKey).remove();
        assertEquals(0, transaction.size());
        assertTrue(transaction.deletedSingly() < 3, "deleted one by one: " + transaction.deletedSingly());
    }

    @Test
    void everyWriteStampsTheRootAnew() {
        open().put(Root.inline(RootType.HASH, 0, 1, new byte[] {1}));
        Version before = transaction.version(open().rootKey());
        transaction.begin();
        open().put(open().root());
        assertNotEquals(before, transaction.version(open().rootKey()));
    }

    @Test
    void aKeyOfAnotherTypeIsRefused() {
        open().put(Root.inline(RootType.HASH, 0, 1, new byte[] {1}));
        assertThrows(CommandError.class, () -> open().require(RootType.STRING));
    }

    @Test
    void aRootNamesItsKeyAgain() {
        Entry entry = open();
        assertArrayEquals(KEY, KeyLayout.userKeyOf(entry.rootKey()));
        assertArrayEquals(entry.rootKey(), KeyLayout.rootOfStem(entry.stem()));
    }

    private Entry open() {
        return Keyspace.of(transaction, 0).open(KEY);
    }

    private void putHash(long expiryMillis, int count) {
        Entry entry = open();
        Version generation = entry.keyspace().newGeneration();
        for (int i = 0; i < count; i++) {
            byte[] suffix = {(byte) (i >> 8), (byte) i};
            transaction.put(
                    KeyLayout.element(entry.stem(), KeyLayout.KIND_ELEMENT, generation, suffix), new byte[] {1});
        }
        entry.put(new Root(RootType.HASH, expiryMillis, generation, count, new byte[0]));
    }
}
