package io.kvasir.gateway.session;

/**
 * What does not change while a process runs, as INFO shows it.
 *
 * @param version Kvasir's version
 * @param runId 40 hex digits drawn anew at every start
 * @param port of the Redis protocol
 * @param executable path of what was started, empty if unknown
 * @param configFile path of the configuration file, empty if there is none
 * @param startedNanos reading of the monotonic clock at the start
 */
public record NodeFacts(
        String version, String runId, int port, String executable, String configFile, long startedNanos) {

    /** The version of Redis whose commands and replies this gateway follows. */
    public static final String REDIS_VERSION = "7.2.4";

    public NodeFacts {
        if (!runId.matches("[0-9a-f]{40}")) {
            throw new IllegalArgumentException("a run id is 40 hex digits, not " + runId);
        }
    }
}
