package io.kvasir.gateway.command;

import java.util.Locale;

/** The categories by which ACL rules grant commands. */
public enum AclCategory {
    KEYSPACE,
    READ,
    WRITE,
    SET,
    SORTEDSET,
    LIST,
    HASH,
    STRING,
    BITMAP,
    HYPERLOGLOG,
    GEO,
    STREAM,
    PUBSUB,
    ADMIN,
    FAST,
    SLOW,
    BLOCKING,
    DANGEROUS,
    CONNECTION,
    TRANSACTION,
    SCRIPTING;

    /** Returns the category as ACL rules spell it, without the at sign. */
    public String ruleName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
