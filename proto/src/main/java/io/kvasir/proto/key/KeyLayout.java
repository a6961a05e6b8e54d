package io.kvasir.proto.key;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Layout of a stored key. All numbers are big-endian, so that unsigned byte order is key order:
 *
 * <pre>
 *   slot (2) | database instance (4) | XXH32 of the user key (4) | user key, escaped | 00 | kind (1) | sub-key
 * </pre>
 *
 * In the user key each byte 00 becomes 00 FF; the single 00 after it ends it, because no kind is FF. Thus the records
 * of one user key are contiguous, root first, and two user keys never interleave. A <em>stem</em> is everything up to
 * and including the 00: it names the user key, and ranges are cut at stems only (rule K20).
 *
 * <p>Specified with test vectors in {@code docs/keyspace.md}. Stateless and safe for any thread.
 */
public final class KeyLayout {

    /** Bytes before the user key: slot, instance, hash. */
    public static final int PREFIX_BYTES = 10;

    /** Longest user key, in bytes. */
    public static final int USER_KEY_BYTES_MAX = 64 * 1024;

    /** Kind of the root record: its sub-key is empty and it sorts before every other record of its user key. */
    public static final byte KIND_ROOT = 0x01;

    /** Kind of an element or chunk: its sub-key starts with the generation (12) that the root refers to. */
    public static final byte KIND_ELEMENT = 0x10;

    private static final VarHandle SHORT_BE = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT_BE = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private KeyLayout() {}

    /** Returns the stem of {@code userKey} in database instance {@code instance}. */
    public static byte[] stem(int instance, byte[] userKey) {
        return encode(instance, userKey, 0);
    }

    /** Returns the key of the root record of {@code userKey}. */
    public static byte[] root(int instance, byte[] userKey) {
        byte[] key = encode(instance, userKey, 1);
        key[key.length - 1] = KIND_ROOT;
        return key;
    }

    /** Returns the key of a root record that stands in {@code slot}, whatever slot {@code userKey} by itself has. */
    public static byte[] rootInSlot(int slot, int instance, byte[] userKey) {
        byte[] key = root(instance, userKey);
        SHORT_BE.set(key, 0, (short) slot);
        return key;
    }

    /** Returns the key of the root record under {@code stem}. */
    public static byte[] rootOfStem(byte[] stem) {
        byte[] key = Arrays.copyOf(stem, stem.length + 1);
        key[stem.length] = KIND_ROOT;
        return key;
    }

    /** Returns the key of the record {@code (kind, generation, suffix)} under {@code stem}. */
    public static byte[] element(byte[] stem, byte kind, Version generation, byte[] suffix) {
        byte[] key = Arrays.copyOf(stem, stem.length + 1 + Version.BYTES + suffix.length);
        key[stem.length] = kind;
        generation.write(key, stem.length + 1);
        System.arraycopy(suffix, 0, key, stem.length + 1 + Version.BYTES, suffix.length);
        return key;
    }

    /** Returns the prefix of every record {@code (kind, generation, *)} under {@code stem}. */
    public static byte[] elementPrefix(byte[] stem, byte kind, Version generation) {
        return element(stem, kind, generation, new byte[0]);
    }

    /**
     * Returns a key after every record under {@code stem} and before every other user key. Not {@link #after
     * after(stem)}: a user key that goes on with a byte 00 has {@code stem} and FF at its start.
     */
    public static byte[] stemEnd(byte[] stem) {
        byte[] end = Arrays.copyOf(stem, stem.length + 1);
        end[stem.length] = (byte) 0xFF;
        return end;
    }

    /** Returns the first 6 bytes shared by every key of {@code slot} in {@code instance}. */
    public static byte[] databasePrefix(int slot, int instance) {
        byte[] prefix = new byte[6];
        SHORT_BE.set(prefix, 0, (short) slot);
        INT_BE.set(prefix, 2, instance);
        return prefix;
    }

    /** Returns the first key of {@code slot}; {@code Slot.COUNT} gives the end of the key space. */
    public static byte[] slotStart(int slot) {
        byte[] start = new byte[2];
        SHORT_BE.set(start, 0, (short) slot);
        return start;
    }

    /** Returns the prefix of every key of {@code slot} and {@code instance} whose hash is {@code hash}. */
    public static byte[] hashPrefix(int slot, int instance, int hash) {
        byte[] prefix = new byte[PREFIX_BYTES];
        SHORT_BE.set(prefix, 0, (short) slot);
        INT_BE.set(prefix, 2, instance);
        INT_BE.set(prefix, 6, hash);
        return prefix;
    }

    /** Returns the slot of a key or stem. */
    public static int slotOf(byte[] key) {
        return (short) SHORT_BE.get(key, 0) & 0xFFFF;
    }

    /** Returns the database instance of a key or stem. */
    public static int instanceOf(byte[] key) {
        return (int) INT_BE.get(key, 2);
    }

    /** Returns the user-key hash of a key or stem. */
    public static int hashOf(byte[] key) {
        return (int) INT_BE.get(key, 6);
    }

    /**
     * Returns the length of the stem of {@code key}, which is the index of its kind byte.
     *
     * @throws IllegalArgumentException if {@code key} holds no complete stem
     */
    public static int stemLength(byte[] key) {
        int length = findStemLength(key);
        if (length < 0) {
            throw new IllegalArgumentException("not a stored key: the user key does not end");
        }
        return length;
    }

    /** Returns the length of the stem of {@code key}; -1 if it holds no complete stem, as a bound may not. */
    public static int findStemLength(byte[] key) {
        for (int i = PREFIX_BYTES; i < key.length; i++) {
            if (key[i] == 0) {
                if (i + 1 < key.length && key[i + 1] == (byte) 0xFF) {
                    i++;
                } else {
                    return i + 1;
                }
            }
        }
        return -1;
    }

    /** Returns the user key of a key or stem. */
    public static byte[] userKeyOf(byte[] key) {
        int end = stemLength(key) - 1;
        byte[] userKey = new byte[end - PREFIX_BYTES];
        int length = 0;
        for (int i = PREFIX_BYTES; i < end; i++) {
            userKey[length++] = key[i];
            if (key[i] == 0) {
                i++;
            }
        }
        return length == userKey.length ? userKey : Arrays.copyOf(userKey, length);
    }

    /** Returns whether {@code key} is the key of a root record. */
    public static boolean isRoot(byte[] key) {
        return key[key.length - 1] == KIND_ROOT && stemLength(key) == key.length - 1;
    }

    /**
     * Returns the smallest key greater than every key that starts with {@code prefix}.
     *
     * @throws IllegalArgumentException if there is none, because {@code prefix} is all FF
     */
    public static byte[] after(byte[] prefix) {
        for (int i = prefix.length - 1; i >= 0; i--) {
            if (prefix[i] != (byte) 0xFF) {
                byte[] end = Arrays.copyOf(prefix, i + 1);
                end[i]++;
                return end;
            }
        }
        throw new IllegalArgumentException("no key follows a prefix of FF bytes");
    }

    private static byte[] encode(int instance, byte[] userKey, int extra) {
        if (userKey.length > USER_KEY_BYTES_MAX) {
            throw new IllegalArgumentException("user key longer than " + USER_KEY_BYTES_MAX + " bytes");
        }
        int zeros = 0;
        for (byte b : userKey) {
            if (b == 0) {
                zeros++;
            }
        }
        byte[] key = new byte[PREFIX_BYTES + userKey.length + zeros + 1 + extra];
        SHORT_BE.set(key, 0, (short) Slot.of(userKey));
        INT_BE.set(key, 2, instance);
        INT_BE.set(key, 6, KeyHash.of(userKey));
        if (zeros == 0) {
            System.arraycopy(userKey, 0, key, PREFIX_BYTES, userKey.length);
        } else {
            int at = PREFIX_BYTES;
            for (byte b : userKey) {
                key[at++] = b;
                if (b == 0) {
                    key[at++] = (byte) 0xFF;
                }
            }
        }
        return key;
    }
}
