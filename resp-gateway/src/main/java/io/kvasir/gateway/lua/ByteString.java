package io.kvasir.gateway.lua;

import java.util.Arrays;

/** Bytes being put together within a run's memory. */
final class ByteString {

    private final Lua lua;
    private byte[] bytes = new byte[64];
    private int length;

    ByteString(Lua lua) {
        this.lua = lua;
    }

    int length() {
        return length;
    }

    ByteString add(int b) {
        room(1);
        bytes[length++] = (byte) b;
        return this;
    }

    ByteString add(LuaString text) {
        return add(text.bytes, 0, text.length());
    }

    ByteString add(String ascii) {
        for (int i = 0; i < ascii.length(); i++) {
            add(ascii.charAt(i));
        }
        return this;
    }

    ByteString add(byte[] from, int start, int end) {
        room(end - start);
        System.arraycopy(from, start, bytes, length, end - start);
        length += end - start;
        return this;
    }

    /** Adds the lowest {@code size} bytes of {@code value}. */
    ByteString add(long value, int size, boolean little) {
        for (int i = 0; i < size; i++) {
            add((int) (value >>> 8 * (little ? i : size - 1 - i)));
        }
        return this;
    }

    private void room(int more) {
        if (more > bytes.length - length) {
            long wanted = Math.max((long) length + more, Math.min(bytes.length * 2L, Integer.MAX_VALUE - 8));
            byte[] larger = lua.bytes(wanted);
            System.arraycopy(bytes, 0, larger, 0, length);
            bytes = larger;
        }
    }

    LuaString toLua() {
        return LuaString.of(Arrays.copyOf(bytes, length));
    }
}
