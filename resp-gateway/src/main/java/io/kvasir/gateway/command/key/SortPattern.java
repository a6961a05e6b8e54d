package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.key.KeyLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What SORT's options BY and GET name: of each element the value of another key, the element taking the place of the
 * first asterisk; with {@code ->} after it a field of a hash; {@code #} for the element itself (redis sort.c,
 * lookupKeyByPattern). Stateless.
 */
final class SortPattern {

    private final byte[] pattern;
    private final int star;
    private final int arrow;

    SortPattern(byte[] pattern) {
        this.pattern = pattern;
        star = indexOf('*', 0);
        arrow = star < 0 ? -1 : arrow(star + 1);
    }

    /** Returns whether it names something else for each element. */
    boolean isVariable() {
        return star >= 0;
    }

    private boolean isElement() {
        return pattern.length == 1 && pattern[0] == '#';
    }

    /** Returns the value for {@code element}, null if there is none. */
    byte @Nullable [] value(Keyspace keyspace, byte[] element) throws CommandError {
        if (isElement()) {
            return element;
        }
        int end = arrow < 0 ? pattern.length : arrow;
        if (star < 0 || end - 1L + element.length > KeyLayout.USER_KEY_BYTES_MAX) {
            return null;
        }
        byte[] key = new byte[end - 1 + element.length];
        System.arraycopy(pattern, 0, key, 0, star);
        System.arraycopy(element, 0, key, star, element.length);
        System.arraycopy(pattern, star + 1, key, star + element.length, end - star - 1);
        Entry entry = keyspace.open(key);
        RootType wanted = arrow < 0 ? RootType.STRING : RootType.HASH;
        if (!entry.exists() || entry.root().type() != wanted) {
            return null;
        }
        return arrow < 0
                ? StringValue.of(entry).bytes()
                : HashValue.open(keyspace, key).get(Arrays.copyOfRange(pattern, arrow + 2, pattern.length));
    }

    private int indexOf(char wanted, int from) {
        for (int i = from; i < pattern.length && pattern[i] != 0; i++) {
            if (pattern[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** Returns where the first arrow stands that a field's name follows, -1 if none does. */
    private int arrow(int from) {
        for (int at = indexOf('-', from); at >= 0; at = indexOf('-', at + 1)) {
            if (at + 1 < pattern.length && pattern[at + 1] == '>') {
                return at + 2 < pattern.length && pattern[at + 2] != 0 ? at : -1;
            }
        }
        return -1;
    }
}
