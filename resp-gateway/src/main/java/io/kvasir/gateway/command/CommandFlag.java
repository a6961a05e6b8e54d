package io.kvasir.gateway.command;

import java.util.Locale;

/** What a command is or may do, as Redis' own command table says it. */
public enum CommandFlag {
    WRITE,
    READONLY,
    DENYOOM,
    ADMIN,
    PUBSUB,
    NOSCRIPT,
    BLOCKING,
    LOADING,
    STALE,
    SKIP_MONITOR,
    SKIP_SLOWLOG,
    ASKING,
    FAST,
    NO_AUTH,
    MAY_REPLICATE,
    SENTINEL,
    ONLY_SENTINEL,
    PROTECTED,
    NO_MANDATORY_KEYS,
    ALLOW_BUSY,
    NO_ASYNC_LOADING,
    NO_MULTI,
    TOUCHES_ARBITRARY_KEYS;

    /** Returns the flag as the reply of COMMAND INFO spells it. */
    public String replyName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
