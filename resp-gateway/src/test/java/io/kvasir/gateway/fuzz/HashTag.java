package io.kvasir.gateway.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * Puts all keys of a script into one slot, so that a cluster of several ranges takes its commands of several keys: a
 * key without a hash tag gets one at its end. Where keys stand is known from Kvasir's command table. Immutable.
 */
public final class HashTag {

    private static final String DEFAULT = "{t}";

    private final KeyWords keyWords = new KeyWords();

    /** Returns {@code family} with all keys of a script in one slot. */
    public Family in(Family family) {
        return family.mapped(family.name() + ", one slot", words -> tagged(words, tagOf(family)));
    }

    /** The tag that the family uses itself, if it does. */
    private static String tagOf(Family family) {
        for (Words words : family.audit()) {
            for (byte[] word : words.list()) {
                String text = Words.text(word);
                int end = text.indexOf('}');
                if (text.startsWith("{") && end > 1) {
                    return text.substring(0, end + 1);
                }
            }
        }
        return DEFAULT;
    }

    private Words tagged(Words words, String tag) {
        // Copies, because what is asked below tells words apart by identity.
        byte[][] all = words.list().stream().map(byte[]::clone).toArray(byte[][]::new);
        List<byte[]> keys = keyWords.of(all);
        List<byte[]> mapped = new ArrayList<>();
        for (byte[] word : all) {
            boolean isKey = keys.stream().anyMatch(key -> key == word);
            String text = Words.text(word);
            mapped.add(isKey && text.indexOf('{') < 0 ? Words.bytes(text + tag) : word);
        }
        return new Words(mapped);
    }
}
