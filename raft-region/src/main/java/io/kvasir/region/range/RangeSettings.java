package io.kvasir.region.range;

import java.util.concurrent.TimeUnit;

/**
 * Bounds of a range at its leader.
 *
 * @param inboxCommandsMax commands admitted and not yet answered
 * @param inboxBytesMax their bytes
 * @param batchCommandsMax commands in one batch
 * @param batchBytesTarget effect bytes at which a batch is closed; it exceeds this by one command at most
 * @param batchNanosTarget how long a batch is evaluated until it is closed; it exceeds this by one command at most, and
 *     is what others wait for behind it, once for each batch in flight
 * @param inflightBatchesMax batches proposed and not yet applied
 * @param pipelineCommandsMin commands that must wait before a batch is begun while another is in flight: below it,
 *     waiting for the one in flight makes fewer and larger entries, unless the one before was closed while more waited
 *     or took a quarter of its time
 * @param commandEffectBytesMax effect bytes of one command (rule K11)
 * @param recordsExaminedMax records one command may look at while it holds up its owner or an event loop; beyond, it is
 *     evaluated away from it (rule K32)
 * @param bytesExaminedMax their bytes
 * @param stagedPieceBytes effect bytes of one staged piece of a large write (rule K11); one record may pass it
 * @param stagedPiecesMax pieces of one command under way
 * @param coldRunsMax runs of a command that end at a record not in memory, after which it is evaluated away from the
 *     owner
 * @param proposalNanosMax how long a batch may be in flight before its leader starts a new chain, or, once it leads no
 *     more, before its commands are undetermined
 * @param retiredInstancesMax instances that no database is mapped to and that are not reclaimed yet, beyond which none
 *     is added: a client that flushes faster than space is freed is answered an error
 */
public record RangeSettings(
        int inboxCommandsMax,
        long inboxBytesMax,
        int batchCommandsMax,
        long batchBytesTarget,
        long batchNanosTarget,
        int inflightBatchesMax,
        int pipelineCommandsMin,
        long commandEffectBytesMax,
        long recordsExaminedMax,
        long bytesExaminedMax,
        long stagedPieceBytes,
        int stagedPiecesMax,
        int coldRunsMax,
        long proposalNanosMax,
        int retiredInstancesMax) {

    /** The bounds of production. */
    public static final RangeSettings PRODUCTION = production(4_096, 4L << 20, 1_024);

    /** Returns the bounds of production but for those that are configured. */
    public static RangeSettings production(long recordsExaminedMax, long bytesExaminedMax, int retiredInstancesMax) {
        return new RangeSettings(
                65_536,
                64L << 20,
                4_096,
                1L << 20,
                TimeUnit.MILLISECONDS.toNanos(5),
                4,
                64,
                3L << 20,
                recordsExaminedMax,
                bytesExaminedMax,
                1L << 20,
                4,
                4,
                TimeUnit.SECONDS.toNanos(10),
                retiredInstancesMax);
    }

    public RangeSettings {
        if (inboxCommandsMax < 1
                || inboxBytesMax < 1
                || batchCommandsMax < 1
                || batchBytesTarget < 1
                || batchNanosTarget < 1
                || inflightBatchesMax < 1
                || pipelineCommandsMin < 1
                || commandEffectBytesMax < 1
                || recordsExaminedMax < 1
                || bytesExaminedMax < 1
                || stagedPieceBytes < 1
                || stagedPiecesMax < 1
                || coldRunsMax < 0
                || proposalNanosMax < 1
                || retiredInstancesMax < 1) {
            throw new IllegalArgumentException("a bound of a range is below its least value");
        }
    }
}
