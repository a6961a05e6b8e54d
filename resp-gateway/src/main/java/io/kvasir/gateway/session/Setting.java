package io.kvasir.gateway.session;

import java.math.BigInteger;
import java.util.List;

/**
 * One row of the table of settings.
 *
 * @param name as CONFIG knows it
 * @param kind how its text is read
 * @param initial its value at the start
 * @param mark whether and how it may change
 * @param least smallest number allowed, for kinds that are numbers
 * @param greatest largest number allowed
 * @param words the words allowed, for kinds that are words
 * @param olderName another name for the same setting, empty if there is none
 */
record Setting(
        String name,
        Kind kind,
        String initial,
        Mark mark,
        BigInteger least,
        BigInteger greatest,
        List<String> words,
        String olderName) {

    /** How the text of a setting is read, and how it is shown. */
    enum Kind {
        FLAG,
        INTEGER,
        MEMORY,
        MEMORY_OR_PERCENT,
        WORD,
        WORDS,
        TEXT,
        SAVE,
        CLIENT_OUTPUT_BUFFER_LIMIT,
        NOTIFY_KEYSPACE_EVENTS,
        OOM_SCORE_ADJ_VALUES,
        LATENCY_TRACKING_INFO_PERCENTILES,
        CLUSTER_ANNOUNCE_HOSTNAME
    }

    /** Whether a setting may change while the process runs. */
    enum Mark {
        NONE,
        IMMUTABLE,
        PROTECTED,
        /** May change, and is never logged. */
        SENSITIVE
    }
}
