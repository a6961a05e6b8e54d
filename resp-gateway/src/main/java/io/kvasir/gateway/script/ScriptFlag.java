package io.kvasir.gateway.script;

import java.util.Locale;
import java.util.Optional;

/** What the author of a function says of it, in the order in which FUNCTION LIST names them (redis script.c). */
enum ScriptFlag {
    NO_WRITES,
    ALLOW_OOM,
    ALLOW_STALE,
    NO_CLUSTER,
    ALLOW_CROSS_SLOT_KEYS;

    /** Returns the name that users write. */
    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the flag that {@code text} names in any case. */
    static Optional<ScriptFlag> find(String text) {
        for (ScriptFlag flag : values()) {
            if (flag.text().equalsIgnoreCase(text)) {
                return Optional.of(flag);
            }
        }
        return Optional.empty();
    }
}
