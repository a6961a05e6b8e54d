package io.kvasir.region.range;

/**
 * Counts the records that commands look at, and ends a command that passes its budget (rule K32). Confined to the
 * thread that runs the commands.
 */
final class Examination {

    private final long recordsMax;
    private final long bytesMax;

    private boolean bounded = true;
    private long records;
    private long bytes;
    private long recordsOfAll;

    /**
     * @param recordsMax records that one command may look at
     * @param bytesMax their bytes
     */
    Examination(long recordsMax, long bytesMax) {
        this.recordsMax = recordsMax;
        this.bytesMax = bytesMax;
    }

    /** Begins a command; {@code isBounded} is false for one that bounds itself. */
    void begin(boolean isBounded) {
        bounded = isBounded;
        records = 0;
        bytes = 0;
    }

    /**
     * Counts a record of {@code recordBytes} bytes.
     *
     * @throws OverBudget if it is one too many
     */
    void count(long recordBytes) {
        recordsOfAll++;
        records++;
        bytes += recordBytes;
        if (bounded && (records > recordsMax || bytes > bytesMax)) {
            throw OverBudget.SIGNAL;
        }
    }

    /** Returns the records looked at by all commands so far. */
    long recordsOfAll() {
        return recordsOfAll;
    }
}
