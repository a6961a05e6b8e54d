package io.kvasir.gateway.resp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of one connection into requests, in both forms of the protocol: arrays of bulk strings and inline
 * commands (redis networking.c, processInputBuffer).
 *
 * <p>Bytes are read out of plain arrays, so that no call stands between one byte and the next. A connection that has no
 * half request owns no memory here: {@link #feed} borrows the caller's array until {@link #release}, which copies only
 * what is left of an unfinished request. How the same bytes are cut into feeds makes no difference to the result.
 * Memory follows the bytes received, never the lengths announced.
 *
 * <p>Confined to the event loop of its connection.
 */
public final class RequestDecoder {

    /** Arguments of one request, its name included. */
    public static final int ARGUMENTS_MAX = 1_048_576;

    /** Bytes of an inline request and of a header line. */
    public static final int LINE_BYTES_MAX = 64 * 1024;

    /** Bounds of a client that has not authenticated, as Redis sets them. */
    public static final int UNAUTHENTICATED_ARGUMENTS_MAX = 10;

    public static final int UNAUTHENTICATED_BULK_BYTES_MAX = 16 * 1024;

    /** What {@link #next} found. */
    public enum Step {
        /** A whole request: {@link #words} holds it. */
        REQUEST,
        /** Every whole request is taken; more bytes are needed. */
        MORE,
        /** The bytes are no request: {@link #fault} says why. Nothing can be read any more. */
        FAULT
    }

    private static final byte[] EMPTY = {};
    private static final byte[][] NO_WORDS = {};

    /** A bulk string longer than this is copied as it arrives instead of waiting in the window. */
    private static final int WAITING_BULK_BYTES_MAX = 32 * 1024;

    /** Room made for words when an array is announced; more comes with the words themselves. */
    private static final int WORDS_FIRST = 1024;

    private byte[] window = EMPTY;
    private boolean borrowed;
    private int position;
    private int limit;
    private int lineScanned;

    private int bulksMissing;
    private int bulkLength = -1;
    private byte @Nullable [] longBulk;
    private int longBulkFilled;
    private byte[][] words = NO_WORDS;
    private int taken;
    private long requestBytes;

    private long bulkBytesMax = 512L << 20;
    private long requestBytesMax = 1L << 30;
    private boolean authenticated = true;
    private @Nullable String fault;

    /**
     * Sets what a request may hold from the next header on.
     *
     * @param bulkBytesMax bytes of one argument (<code>proto-max-bulk-len</code>)
     * @param requestBytesMax bytes of all arguments of one request (<code>client-query-buffer-limit</code>)
     */
    public void limits(long bulkBytesMax, long requestBytesMax) {
        this.bulkBytesMax = bulkBytesMax;
        this.requestBytesMax = requestBytesMax;
    }

    /** Sets whether the client has authenticated; until it has, only small requests are read. */
    public void authenticated(boolean authenticated) {
        this.authenticated = authenticated;
    }

    /**
     * Returns whether the decoder holds no bytes, so that {@link #feed} may borrow an array instead of copying from it.
     */
    public boolean isEmpty() {
        return position == limit;
    }

    /** Returns the bytes received of requests that are not yet taken. */
    public int bufferedBytes() {
        return limit - position + longBulkFilled;
    }

    /**
     * Gives the decoder {@code length} bytes from {@code from} of {@code bytes}. The array may be kept and read until
     * {@link #release}.
     */
    public void feed(byte[] bytes, int from, int length) {
        if (position == limit) {
            window = bytes;
            borrowed = true;
            position = from;
            limit = from + length;
            lineScanned = from;
            return;
        }
        assert !borrowed : "fed twice without a release";
        int held = limit - position;
        if (limit + length > window.length) {
            byte[] roomy = position > 0 && held + length <= window.length
                    ? window
                    : new byte[Math.max(held + length, Math.min(2 * window.length, 1 << 20))];
            System.arraycopy(window, position, roomy, 0, held);
            window = roomy;
            lineScanned -= position;
            position = 0;
            limit = held;
        }
        System.arraycopy(bytes, from, window, limit, length);
        limit += length;
    }

    /** Ends the loan of the array last fed: what is left of it is copied. */
    public void release() {
        if (!borrowed) {
            if (position == limit) {
                window = EMPTY;
                position = limit = lineScanned = 0;
            }
            return;
        }
        borrowed = false;
        window = position == limit ? EMPTY : Arrays.copyOfRange(window, position, limit);
        lineScanned -= position;
        limit -= position;
        position = 0;
    }

    /** Reads on up to the end of the next request. */
    public Step next() {
        if (fault != null) {
            return Step.FAULT;
        }
        while (true) {
            if (bulksMissing == 0) {
                if (position == limit) {
                    return Step.MORE;
                }
                taken = 0;
                requestBytes = 0;
                if (window[position] != '*') {
                    Step step = inline();
                    if (step == Step.REQUEST && taken == 0) {
                        continue;
                    }
                    return step;
                }
                if (!arrayHeader()) {
                    return fault == null ? Step.MORE : Step.FAULT;
                }
                continue;
            }
            if (!bulk()) {
                return fault == null ? Step.MORE : Step.FAULT;
            }
            if (bulksMissing == 0) {
                return Step.REQUEST;
            }
        }
    }

    /** Returns the words of the request {@link #next} found, its name first; the caller may keep them. */
    public byte[][] words() {
        return words.length == taken ? words : Arrays.copyOf(words, taken);
    }

    /**
     * Returns why the bytes are no request: the error text to send before the connection is closed, or an empty text if
     * Redis closes without a word.
     */
    public String fault() {
        String text = fault;
        if (text == null) {
            throw new IllegalStateException("no fault");
        }
        return text;
    }

    private boolean arrayHeader() {
        int end = lineEnd("too big mbulk count string");
        if (end < 0) {
            return false;
        }
        long count = number(position + 1, end);
        if (count == NO_NUMBER || count > ARGUMENTS_MAX) {
            return fail("invalid multibulk length");
        }
        if (count > UNAUTHENTICATED_ARGUMENTS_MAX && !authenticated) {
            return fail("unauthenticated multibulk length");
        }
        takeLine(end);
        if (count > 0) {
            bulksMissing = (int) count;
            words = new byte[(int) Math.min(count, WORDS_FIRST)][];
        }
        return true;
    }

    /** Reads one bulk string; returns false if it is not whole or not one. */
    private boolean bulk() {
        if (bulkLength < 0 && !bulkHeader()) {
            return false;
        }
        int length = bulkLength;
        byte[] bytes;
        if (longBulk != null || limit - position < length + 2 && length > WAITING_BULK_BYTES_MAX) {
            bytes = fillLongBulk(length);
            if (bytes == null) {
                return false;
            }
        } else {
            if (limit - position < length + 2) {
                return false;
            }
            bytes = length == 0 ? EMPTY : Arrays.copyOfRange(window, position, position + length);
            position += length + 2;
        }
        lineScanned = position;
        bulkLength = -1;
        bulksMissing--;
        if (taken == words.length) {
            words = Arrays.copyOf(words, Math.min(taken + 1 + bulksMissing, 2 * taken));
        }
        words[taken++] = bytes;
        return true;
    }

    private boolean bulkHeader() {
        int end = lineEnd("too big bulk count string");
        if (end < 0) {
            return false;
        }
        byte kind = window[position];
        if (kind != '$') {
            String shown = kind == '\r' || kind == '\n' ? " " : Character.toString((char) (kind & 0xFF));
            return fail("expected '$', got '" + shown + "'");
        }
        long length = number(position + 1, end);
        if (length == NO_NUMBER || length < 0 || length > bulkBytesMax || length > Integer.MAX_VALUE - 16) {
            return fail("invalid bulk length");
        }
        if (length > UNAUTHENTICATED_BULK_BYTES_MAX && !authenticated) {
            return fail("unauthenticated bulk length");
        }
        requestBytes += length;
        if (requestBytes > requestBytesMax) {
            fault = "";
            return false;
        }
        takeLine(end);
        bulkLength = (int) length;
        return true;
    }

    /** Copies what has come of a long bulk string; returns it when it is whole with its line end. */
    private byte @Nullable [] fillLongBulk(int length) {
        byte[] into = longBulk;
        int available = Math.min(limit - position, length - longBulkFilled);
        int needed = longBulkFilled + available;
        if (into == null) {
            into = new byte[(int) Math.min(length, Math.max(needed, 2L * WAITING_BULK_BYTES_MAX))];
        } else if (needed > into.length) {
            into = Arrays.copyOf(into, (int) Math.min(length, Math.max(needed, 2L * into.length)));
        }
        System.arraycopy(window, position, into, longBulkFilled, available);
        position += available;
        longBulkFilled = needed;
        longBulk = into;
        if (longBulkFilled < length || limit - position < 2) {
            return null;
        }
        position += 2;
        longBulk = null;
        longBulkFilled = 0;
        return into.length == length ? into : Arrays.copyOf(into, length);
    }

    private Step inline() {
        int end = find((byte) '\n');
        if (end < 0) {
            if (limit - position > LINE_BYTES_MAX) {
                fail("too big inline request");
                return Step.FAULT;
            }
            return Step.MORE;
        }
        int stop = end > position && window[end - 1] == '\r' ? end - 1 : end;
        byte[][] split = InlineWords.split(window, position, stop);
        if (split == null) {
            fail("unbalanced quotes in request");
            return Step.FAULT;
        }
        position = end + 1;
        lineScanned = position;
        words = split;
        taken = words.length;
        return Step.REQUEST;
    }

    /** Returns where the line at the position ends with CR and LF, -1 if it does not yet or is too long. */
    private int lineEnd(String textIfTooLong) {
        int end = find((byte) '\r');
        if (end < 0) {
            if (limit - position > LINE_BYTES_MAX) {
                fail(textIfTooLong);
            }
            return -1;
        }
        return end + 1 < limit ? end : -1;
    }

    private void takeLine(int end) {
        position = end + 2;
        lineScanned = position;
    }

    private int find(byte wanted) {
        byte[] bytes = window;
        int to = limit;
        int at = lineScanned;
        while (at < to && bytes[at] != wanted) {
            at++;
        }
        lineScanned = at;
        return at < to ? at : -1;
    }

    private static final long NO_NUMBER = Long.MIN_VALUE;

    /**
     * Parses a decimal number as strictly as redis string2ll does; {@link #NO_NUMBER} if it is none or beyond 18
     * digits.
     */
    private long number(int from, int to) {
        byte[] bytes = window;
        int at = from;
        boolean negative = at < to && bytes[at] == '-';
        if (negative) {
            at++;
        }
        int digits = to - at;
        if (digits < 1 || digits > 18 || bytes[at] == '0' && (digits > 1 || negative)) {
            return NO_NUMBER;
        }
        long value = 0;
        for (; at < to; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return NO_NUMBER;
            }
            value = value * 10 + digit;
        }
        return negative ? -value : value;
    }

    private boolean fail(String text) {
        fault = "ERR Protocol error: " + text;
        return false;
    }
}
