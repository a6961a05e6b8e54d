package io.kvasir.gateway.type;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Some elements of a list one after another, each as
 *
 * <pre>
 *   length, varint | element
 * </pre>
 *
 * Their number and their weight ({@link ListPack#entryBytes}) stand where the chunk is referred to. Immutable; the
 * array is shared and must not be changed.
 */
final class ListChunk {

    static final ListChunk EMPTY = new ListChunk(new byte[0], 0, 0);

    private final byte[] bytes;
    private final int count;
    private final long weight;

    ListChunk(byte[] bytes, int count, long weight) {
        this.bytes = bytes;
        this.count = count;
        this.weight = weight;
    }

    /** Returns the elements from {@code start} to the end of {@code bytes}, counted and weighed. */
    static ListChunk read(byte[] bytes, int start) {
        int count = 0;
        long weight = 0;
        for (int at = start; at < bytes.length; count++) {
            int end = end(bytes, at);
            weight += ListPack.entryBytes(bytes, data(bytes, at), end);
            at = end;
        }
        return new ListChunk(Arrays.copyOfRange(bytes, start, bytes.length), count, weight);
    }

    byte[] bytes() {
        return bytes;
    }

    int count() {
        return count;
    }

    long weight() {
        return weight;
    }

    /** Returns the bytes that {@code element} takes in a chunk. */
    static int bytesOf(byte[] element) {
        return Varint.size(element.length) + element.length;
    }

    /** Returns element {@code index}, a fresh array. */
    byte[] get(int index) {
        int at = offset(index);
        return Arrays.copyOfRange(bytes, data(bytes, at), end(bytes, at));
    }

    /** Adds the elements from {@code from} to {@code to}, excluded, to {@code elements}. */
    void addTo(List<byte[]> elements, int from, int to) {
        int at = offset(from);
        for (int i = from; i < to; i++) {
            int end = end(bytes, at);
            elements.add(Arrays.copyOfRange(bytes, data(bytes, at), end));
            at = end;
        }
    }

    /** Returns the indexes from {@code from} to {@code to}, excluded, at which {@code element} stands, ascending. */
    int[] find(byte[] element, int from, int to) {
        int[] found = new int[4];
        int matches = 0;
        int at = offset(from);
        for (int i = from; i < to; i++) {
            int end = end(bytes, at);
            if (end - at == bytesOf(element)
                    && Arrays.equals(bytes, end - element.length, end, element, 0, element.length)) {
                found = matches == found.length ? Arrays.copyOf(found, 2 * matches) : found;
                found[matches++] = i;
            }
            at = end;
        }
        return Arrays.copyOf(found, matches);
    }

    ListChunk with(boolean first, byte[] element) {
        return first ? splice(0, 0, element) : splice(count, count, element);
    }

    /** Returns this without the elements at {@code indexes}, which ascend. */
    ListChunk without(int[] indexes) {
        ListChunk rest = this;
        for (int i = indexes.length - 1; i >= 0; i--) {
            rest = rest.splice(indexes[i], indexes[i] + 1);
        }
        return rest;
    }

    ListChunk slice(int from, int to) {
        if (from == 0 && to == count) {
            return this;
        }
        int start = offset(from);
        int end = offset(to, from, start);
        return new ListChunk(Arrays.copyOfRange(bytes, start, end), to - from, weigh(start, end));
    }

    /** Returns this with {@code elements} in the place of those from {@code from} to {@code to}, excluded. */
    ListChunk splice(int from, int to, byte[]... elements) {
        int start = from == count ? bytes.length : offset(from);
        int end = offset(to, from, start);
        int added = 0;
        for (byte[] element : elements) {
            added += bytesOf(element);
        }
        byte[] spliced = new byte[bytes.length - (end - start) + added];
        System.arraycopy(bytes, 0, spliced, 0, start);
        int at = start;
        long change = -weigh(start, end);
        for (byte[] element : elements) {
            at = Varint.write(spliced, at, element.length);
            System.arraycopy(element, 0, spliced, at, element.length);
            at += element.length;
            change += ListPack.entryBytes(element, 0, element.length);
        }
        System.arraycopy(bytes, end, spliced, at, bytes.length - end);
        return new ListChunk(spliced, count - (to - from) + elements.length, weight + change);
    }

    ListChunk append(ListChunk next) {
        byte[] joined = Arrays.copyOf(bytes, bytes.length + next.bytes.length);
        System.arraycopy(next.bytes, 0, joined, bytes.length, next.bytes.length);
        return new ListChunk(joined, count + next.count, weight + next.weight);
    }

    /** Returns this in pieces of at most {@code bytesMax} or of one element, about equal ones. */
    List<ListChunk> split(int bytesMax) {
        List<ListChunk> pieces = new ArrayList<>(2);
        split(bytesMax, pieces);
        return pieces;
    }

    private void split(int bytesMax, List<ListChunk> pieces) {
        if (bytes.length <= bytesMax || count == 1) {
            pieces.add(this);
            return;
        }
        int cut = 1;
        int at = end(bytes, 0);
        for (int end; cut < count - 1; cut++) {
            end = end(bytes, at);
            if (Math.abs(bytes.length - 2L * end) >= Math.abs(bytes.length - 2L * at)) {
                break;
            }
            at = end;
        }
        slice(0, cut).split(bytesMax, pieces);
        slice(cut, count).split(bytesMax, pieces);
    }

    private long weigh(int start, int end) {
        long sum = 0;
        for (int at = start; at < end; ) {
            int next = end(bytes, at);
            sum += ListPack.entryBytes(bytes, data(bytes, at), next);
            at = next;
        }
        return sum;
    }

    private int offset(int index) {
        return offset(index, 0, 0);
    }

    /** Returns where element {@code index} starts, given that element {@code known} starts at {@code at}. */
    private int offset(int index, int known, int at) {
        int offset = at;
        for (int i = known; i < index; i++) {
            offset = end(bytes, offset);
        }
        return offset;
    }

    /** Returns where the bytes of the element at {@code at} start. */
    private static int data(byte[] bytes, int at) {
        return at + Varint.size(Varint.read(bytes, at));
    }

    /** Returns where the element at {@code at} ends. */
    private static int end(byte[] bytes, int at) {
        long length = Varint.read(bytes, at);
        return Math.toIntExact(at + Varint.size(length) + length);
    }
}
