package io.kvasir.gateway.glob;

/**
 * A pattern over bytes with the meaning of Redis' {@code stringmatchlen} (redis util.c): <code>*</code> any bytes,
 * <code>?</code> one byte, <code>[abc]</code>, <code>[^a]</code>, <code>[a-z]</code> one byte of or not of a class,
 * <code>\x</code> the byte x itself.
 *
 * <p>Its quirks are kept, because clients see them: the end of the pattern closes an open class; the ends of a range
 * may stand in either order and compare as signed bytes; an empty name matches no pattern but the empty one and the
 * lone <code>*</code>, which matches everything.
 *
 * <p>Every element but the star takes exactly one byte, so going back to the last star alone is enough: a match takes
 * at most pattern length × name length steps, whatever the pattern. Immutable; the pattern is not copied.
 */
public final class Glob {

    private static final int NO_MATCH = -1;

    private final byte[] pattern;
    private final boolean matchesAll;

    public Glob(byte[] pattern) {
        this.pattern = pattern;
        this.matchesAll = pattern.length == 1 && pattern[0] == '*';
    }

    /** Returns whether this is the lone star, which matches every name. */
    public boolean matchesAll() {
        return matchesAll;
    }

    /** Returns whether {@code name} matches. */
    public boolean matches(byte[] name) {
        if (matchesAll) {
            return true;
        }
        if (name.length == 0) {
            return pattern.length == 0;
        }
        int at = 0;
        int element = 0;
        int afterStar = NO_MATCH;
        int starTook = 0;
        while (at < name.length) {
            if (element < pattern.length && pattern[element] == '*') {
                afterStar = ++element;
                starTook = at;
                continue;
            }
            int next = element < pattern.length ? take(element, name[at]) : NO_MATCH;
            if (next != NO_MATCH) {
                element = next;
                at++;
            } else if (afterStar != NO_MATCH) {
                element = afterStar;
                at = ++starTook;
            } else {
                return false;
            }
        }
        while (element < pattern.length && pattern[element] == '*') {
            element++;
        }
        return element == pattern.length;
    }

    /** Returns the index of the element after the one at {@code element}, if that one takes {@code b}. */
    private int take(int element, byte b) {
        switch (pattern[element]) {
            case '?':
                return element + 1;
            case '[':
                return takeClass(element + 1, b);
            case '\\':
                int literal = element + 1 < pattern.length ? element + 1 : element;
                return pattern[literal] == b ? literal + 1 : NO_MATCH;
            default:
                return pattern[element] == b ? element + 1 : NO_MATCH;
        }
    }

    private int takeClass(int from, byte b) {
        int at = from;
        boolean negated = at < pattern.length && pattern[at] == '^';
        if (negated) {
            at++;
        }
        boolean found = false;
        while (at < pattern.length && pattern[at] != ']') {
            int left = pattern.length - at;
            if (pattern[at] == '\\' && left >= 2) {
                at++;
                found |= pattern[at] == b;
            } else if (left >= 3 && pattern[at + 1] == '-') {
                byte low = (byte) Math.min(pattern[at], pattern[at + 2]);
                byte high = (byte) Math.max(pattern[at], pattern[at + 2]);
                at += 2;
                found |= b >= low && b <= high;
            } else {
                found |= pattern[at] == b;
            }
            at++;
        }
        int next = Math.min(at + 1, pattern.length);
        return found != negated ? next : NO_MATCH;
    }
}
