package io.kvasir.gateway.lua;

import org.jspecify.annotations.Nullable;

/** A match of one of Lua's patterns against a subject (lua 5.1 lstrlib.c). Used by one thread. */
final class Pattern {

    private static final int CAPTURES_MAX = 32;
    private static final int POSITION = -2;
    private static final int UNCLOSED = -1;
    private static final int NO_MATCH = -1;

    @SuppressWarnings("OrphanedFormatString") // Lua's text, not a format
    private static final String FRONTIER_WITHOUT_SET = "missing '[' after '%f' in pattern";

    private final Lua lua;
    private final byte[] subject;
    private final byte[] pattern;
    private final int[] starts = new int[CAPTURES_MAX];
    private final int[] lengths = new int[CAPTURES_MAX];
    private int level;

    Pattern(Lua lua, LuaString subject, LuaString pattern) {
        this.lua = lua;
        this.subject = subject.bytes;
        this.pattern = pattern.bytes;
    }

    /** Returns where a match that starts at {@code from} ends, -1 if there is none; {@code at} is into the pattern. */
    int match(int from, int at) {
        level = 0;
        return matchHere(from, at);
    }

    private int matchHere(int from, int at) {
        int s = from;
        int p = at;
        while (true) {
            if (p == pattern.length) {
                return s;
            }
            switch (pattern[p]) {
                case '(' -> {
                    boolean position = p + 1 < pattern.length && pattern[p + 1] == ')';
                    return position ? open(s, p + 2, POSITION) : open(s, p + 1, UNCLOSED);
                }
                case ')' -> {
                    return close(s, p + 1);
                }
                case '%' -> {
                    if (p + 1 < pattern.length && pattern[p + 1] == 'b') {
                        s = balanced(s, p + 2);
                        if (s == NO_MATCH) {
                            return NO_MATCH;
                        }
                        p += 4;
                        continue;
                    }
                    if (p + 1 < pattern.length && pattern[p + 1] == 'f') {
                        p += 2;
                        if (p >= pattern.length || pattern[p] != '[') {
                            throw new LuaError(FRONTIER_WITHOUT_SET);
                        }
                        int end = classEnd(p);
                        int before = s == 0 ? 0 : subject[s - 1] & 0xff;
                        int here = s < subject.length ? subject[s] & 0xff : 0;
                        if (inSet(before, p, end - 1) || !inSet(here, p, end - 1)) {
                            return NO_MATCH;
                        }
                        p = end;
                        continue;
                    }
                    if (p + 1 < pattern.length && pattern[p + 1] >= '0' && pattern[p + 1] <= '9') {
                        s = back(s, pattern[p + 1]);
                        if (s == NO_MATCH) {
                            return NO_MATCH;
                        }
                        p += 2;
                        continue;
                    }
                }
                case '$' -> {
                    if (p + 1 == pattern.length) {
                        return s == subject.length ? s : NO_MATCH;
                    }
                }
                default -> {}
            }
            int end = classEnd(p);
            boolean fits = s < subject.length && single(subject[s] & 0xff, p, end);
            byte repeat = end < pattern.length ? pattern[end] : 0;
            switch (repeat) {
                case '?' -> {
                    if (fits) {
                        int rest = matchHere(s + 1, end + 1);
                        if (rest != NO_MATCH) {
                            return rest;
                        }
                    }
                    p = end + 1;
                }
                case '*' -> {
                    return longest(s, p, end, 0);
                }
                case '+' -> {
                    return fits ? longest(s, p, end, 1) : NO_MATCH;
                }
                case '-' -> {
                    return shortest(s, p, end);
                }
                default -> {
                    if (!fits) {
                        return NO_MATCH;
                    }
                    s++;
                    p = end;
                }
            }
        }
    }

    private int longest(int s, int p, int end, int least) {
        int count = 0;
        while (s + count < subject.length && single(subject[s + count] & 0xff, p, end)) {
            count++;
        }
        for (; count >= least; count--) {
            lua.step();
            int rest = matchHere(s + count, end + 1);
            if (rest != NO_MATCH) {
                return rest;
            }
        }
        return NO_MATCH;
    }

    private int shortest(int from, int p, int end) {
        int s = from;
        while (true) {
            lua.step();
            int rest = matchHere(s, end + 1);
            if (rest != NO_MATCH) {
                return rest;
            }
            if (s < subject.length && single(subject[s] & 0xff, p, end)) {
                s++;
            } else {
                return NO_MATCH;
            }
        }
    }

    private int open(int s, int p, int what) {
        if (level >= CAPTURES_MAX) {
            throw new LuaError("too many captures");
        }
        starts[level] = s;
        lengths[level] = what;
        level++;
        int rest = matchHere(s, p);
        if (rest == NO_MATCH) {
            level--;
        }
        return rest;
    }

    private int close(int s, int p) {
        int capture = level - 1;
        while (capture >= 0 && lengths[capture] != UNCLOSED) {
            capture--;
        }
        if (capture < 0) {
            throw new LuaError("invalid pattern capture");
        }
        lengths[capture] = s - starts[capture];
        int rest = matchHere(s, p);
        if (rest == NO_MATCH) {
            lengths[capture] = UNCLOSED;
        }
        return rest;
    }

    private int balanced(int s, int p) {
        if (p + 1 >= pattern.length) {
            throw new LuaError("unbalanced pattern");
        }
        if (s >= subject.length || subject[s] != pattern[p]) {
            return NO_MATCH;
        }
        int depth = 1;
        for (int i = s + 1; i < subject.length; i++) {
            if (subject[i] == pattern[p + 1]) {
                if (--depth == 0) {
                    return i + 1;
                }
            } else if (subject[i] == pattern[p]) {
                depth++;
            }
        }
        return NO_MATCH;
    }

    private int back(int s, int digit) {
        int capture = digit - '1';
        if (capture < 0 || capture >= level || lengths[capture] == UNCLOSED) {
            throw new LuaError("invalid capture index");
        }
        int length = lengths[capture];
        if (length == POSITION || subject.length - s < length) {
            return NO_MATCH;
        }
        for (int i = 0; i < length; i++) {
            if (subject[starts[capture] + i] != subject[s + i]) {
                return NO_MATCH;
            }
        }
        return s + length;
    }

    /** Returns the end of the single-character class at {@code p}. */
    private int classEnd(int at) {
        int p = at;
        byte c = pattern[p++];
        if (c == '%') {
            if (p >= pattern.length) {
                throw new LuaError("malformed pattern (ends with '%')");
            }
            return p + 1;
        }
        if (c != '[') {
            return p;
        }
        if (p < pattern.length && pattern[p] == '^') {
            p++;
        }
        do {
            if (p >= pattern.length) {
                throw new LuaError("malformed pattern (missing ']')");
            }
            if (pattern[p++] == '%' && p < pattern.length) {
                p++;
            }
        } while (p >= pattern.length || pattern[p] != ']');
        return p + 1;
    }

    private boolean single(int c, int p, int end) {
        return switch (pattern[p]) {
            case '.' -> true;
            case '%' -> inClass(c, pattern[p + 1] & 0xff);
            case '[' -> inSet(c, p, end - 1);
            default -> (pattern[p] & 0xff) == c;
        };
    }

    /** Returns whether {@code c} is in the set from the bracket at {@code from} to that at {@code last}. */
    private boolean inSet(int c, int from, int last) {
        boolean found = true;
        int p = from + 1;
        if (pattern[p] == '^') {
            found = false;
            p++;
        }
        for (; p < last; p++) {
            if (pattern[p] == '%') {
                p++;
                if (inClass(c, pattern[p] & 0xff)) {
                    return found;
                }
            } else if (p + 2 < last && pattern[p + 1] == '-') {
                if ((pattern[p] & 0xff) <= c && c <= (pattern[p + 2] & 0xff)) {
                    return found;
                }
                p += 2;
            } else if ((pattern[p] & 0xff) == c) {
                return found;
            }
        }
        return !found;
    }

    private static boolean inClass(int c, int name) {
        boolean in;
        switch (name | 0x20) {
            case 'a' -> in = isLetter(c);
            case 'c' -> in = c < 32 || c == 127;
            case 'd' -> in = c >= '0' && c <= '9';
            case 'l' -> in = c >= 'a' && c <= 'z';
            case 'p' -> in = c > 32 && c < 127 && !isLetter(c) && !(c >= '0' && c <= '9');
            case 's' -> in = Numbers.isSpace(c);
            case 'u' -> in = c >= 'A' && c <= 'Z';
            case 'w' -> in = isLetter(c) || c >= '0' && c <= '9';
            case 'x' -> in = c >= '0' && c <= '9' || (c | 0x20) >= 'a' && (c | 0x20) <= 'f' && isLetter(c);
            case 'z' -> in = c == 0;
            default -> {
                return name == c;
            }
        }
        if (!isLetter(name)) {
            return name == c;
        }
        return (name & 0x20) != 0 ? in : !in;
    }

    private static boolean isLetter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    /** Returns the captures of a match, the whole match if the pattern has none and {@code whole} is set. */
    @Nullable
    Object[] captures(int from, int to, boolean whole) {
        int count = level == 0 && whole ? 1 : level;
        @Nullable Object[] values = new Object[count];
        for (int i = 0; i < count; i++) {
            values[i] = capture(i, from, to);
        }
        return values;
    }

    /** Returns capture {@code index}, from 0; the whole match as the first if there is none. */
    Object capture(int index, int from, int to) {
        if (index >= level) {
            if (index == 0) {
                return slice(from, to);
            }
            throw new LuaError("invalid capture index");
        }
        if (lengths[index] == UNCLOSED) {
            throw new LuaError("unfinished capture");
        }
        return lengths[index] == POSITION
                ? (Object) Double.valueOf(starts[index] + 1)
                : slice(starts[index], starts[index] + lengths[index]);
    }

    LuaString slice(int from, int to) {
        byte[] bytes = lua.bytes(to - from);
        System.arraycopy(subject, from, bytes, 0, to - from);
        return LuaString.of(bytes);
    }
}
