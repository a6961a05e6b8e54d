package io.kvasir.gateway.acl;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.KeySpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a user needs to be allowed of a key that a command names. Redis tells apart what a command does with a value and
 * what it lets be known of it: LPUSH needs no right to read, TYPE none at all but one of the two.
 *
 * @param reads whether a pattern must allow reading
 * @param writes whether it must allow writing
 */
record KeyRights(boolean reads, boolean writes) {

    private static final String TABLE = "keyrights.tsv";
    private static final Map<String, List<KeyRights>> BY_COMMAND = load();

    /** Returns the rights that keys of specification {@code index} of a command need. */
    static KeyRights of(CommandSpec spec, int index, byte[][] words) {
        // Two commands need less or more by their options (redis db.c, setGetKeys and bitfieldGetKeys).
        if (spec.name().equals("SET")) {
            return new KeyRights(has(words, 3), true);
        }
        if (spec.name().equals("BITFIELD")) {
            return new KeyRights(true, !onlyGets(words));
        }
        List<KeyRights> known = BY_COMMAND.get(spec.replyName());
        if (known != null && index < known.size()) {
            return known.get(index);
        }
        KeySpec.Access access = spec.keys().get(index).access();
        return new KeyRights(access.reads(), access.writes());
    }

    private static boolean has(byte[][] words, int from) {
        for (int i = from; i < words.length; i++) {
            if (Arguments.equalsIgnoreCase(words[i], "GET")) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether every operation of a BITFIELD is a GET, which has three words. */
    private static boolean onlyGets(byte[][] words) {
        for (int i = 2; i < words.length; i += 3) {
            if (!Arguments.equalsIgnoreCase(words[i], "GET")) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, List<KeyRights>> load() {
        Map<String, List<KeyRights>> rights = new HashMap<>();
        try (InputStream in = Objects.requireNonNull(KeyRights.class.getResourceAsStream(TABLE), TABLE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            lines.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] cells = line.split("\t", -1);
                rights.put(
                        cells[0],
                        Arrays.stream(cells)
                                .skip(1)
                                .map(cell -> new KeyRights(cell.contains("R"), cell.contains("W")))
                                .toList());
            });
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return Map.copyOf(rights);
    }
}
