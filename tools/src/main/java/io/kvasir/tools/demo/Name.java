package io.kvasir.tools.demo;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A key, comparable by its bytes. The array must not be changed. */
record Name(byte[] bytes) implements Comparable<Name> {

    @Override
    public boolean equals(Object other) {
        return other instanceof Name name && Arrays.equals(bytes, name.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public int compareTo(Name other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    boolean startsWith(String prefix) {
        return toString().startsWith(prefix);
    }

    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
