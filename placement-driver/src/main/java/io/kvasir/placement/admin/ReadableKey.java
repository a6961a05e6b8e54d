package io.kvasir.placement.admin;

import io.kvasir.proto.key.KeyLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Bounds of ranges in a form that people read. */
final class ReadableKey {

    private static final int SLOT_BYTES = 2;
    private static final char FIRST_PRINTABLE = ' ';
    private static final char LAST_PRINTABLE = '~';

    private ReadableKey() {}

    /** Returns the first key of a range. */
    static String start(byte[] bound) {
        return bound.length == 0 ? "slot 0" : text(bound);
    }

    /** Returns the key before which a range ends. */
    static String end(byte[] bound) {
        return bound.length == 0 ? "end" : text(bound);
    }

    private static String text(byte[] bound) {
        if (bound.length == SLOT_BYTES) {
            return "slot " + KeyLayout.slotOf(bound);
        }
        if (KeyLayout.findStemLength(bound) > 0) {
            return "slot " + KeyLayout.slotOf(bound) + " key " + quoted(KeyLayout.userKeyOf(bound));
        }
        return "0x" + HexFormat.of().formatHex(bound);
    }

    /** Returns {@code key} of a user between quotes; bytes that are not printable ASCII as in {@code \x00}. */
    static String quoted(byte[] key) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : new String(key, StandardCharsets.ISO_8859_1).toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < FIRST_PRINTABLE || c > LAST_PRINTABLE) {
                out.append(String.format("\\x%02x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
