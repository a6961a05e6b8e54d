package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.ProcedureTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees the space of flushed databases: hands the retired instances of each range that is led here to a procedure,
 * which deletes some of their records a call and forgets each instance that has none left.
 *
 * <p>The only state is where the next call goes on, kept by the store that leads. It is lost with leadership or the
 * process, and the walk begins anew over what is left; a call that ran without our knowing finds less to do the next
 * time.
 *
 * <p>An instance is reclaimed as soon as it is retired; of a database whose past is kept, once the horizon has passed
 * the timestamp at which the database left it (rule K8).
 *
 * <p>Safe for any thread; at most one call of a range is under way.
 */
public final class InstanceReclaimer {

    private static final Logger LOG = LoggerFactory.getLogger(InstanceReclaimer.class);

    /** Instances handed to one range in one call. */
    public static final int INSTANCES_MAX = 64;

    /** Rounds for which a range is left alone after it answered an error. */
    public static final int PAUSE_ROUNDS = 600;

    /** One stripe: no read at "now" looks at these records, so the range need not be marked as a whole. */
    private static final int[] HASHES = {0};

    private final RangeTable ranges;
    private final BackgroundCalls calls;
    private final Map<RegionId, Place> places = new ConcurrentHashMap<>();
    private final Map<RegionId, Integer> pauses = new ConcurrentHashMap<>();

    /** Where a range's next call goes on, while its bounds are those of {@code epochVersion}. */
    private record Place(long epochVersion, int instance, long cursor) {}

    /**
     * Makes a reclaimer.
     *
     * @param procedure name of the procedure that takes a cursor and instances, the cursor for the first of them, and
     *     answers how many instances are done, and the cursor for the one after those
     * @param gateway number of this process as a source of commands, of no other source
     * @throws IllegalArgumentException if there is no such procedure
     */
    public InstanceReclaimer(RangeTable ranges, ProcedureTable procedures, String procedure, long gateway) {
        this.ranges = ranges;
        calls = new BackgroundCalls(procedures, procedure, gateway);
    }

    /**
     * Begins one call at each range that is led here, has something to reclaim, and has no call under way. A range
     * whose call came to the end of an instance gets the next at once: of many small instances as many go as were
     * flushed.
     */
    public void reclaim() {
        for (Range range : ranges.all()) {
            if (!isPaused(range.descriptor().id())) {
                reclaim(range);
            }
        }
    }

    private void reclaim(Range range) {
        if (range.servingTerm() == 0 || calls.isUnderWay(range.descriptor().id())) {
            return;
        }
        List<Integer> retired = range.retiredInstances().stream()
                .filter(instance -> !range.isReadable(instance))
                .toList();
        if (!retired.isEmpty()) {
            call(range, retired.subList(0, Math.min(INSTANCES_MAX, retired.size())));
        }
    }

    private boolean isPaused(RegionId region) {
        return pauses.computeIfPresent(region, (id, rounds) -> rounds == 1 ? null : rounds - 1) != null;
    }

    private void call(Range range, List<Integer> instances) {
        RegionId region = range.descriptor().id();
        long epochVersion = range.descriptor().epoch().version();
        Place place = places.get(region);
        long from = place != null && place.epochVersion == epochVersion && place.instance == instances.getFirst()
                ? place.cursor
                : 0;
        byte[][] arguments = new byte[1 + instances.size()][];
        arguments[0] = text(from);
        for (int i = 0; i < instances.size(); i++) {
            arguments[1 + i] = text(instances.get(i));
        }
        calls.call(range, arguments, HASHES, reply -> {
            if (reply instanceof Reply.Array(List<Reply> parts)
                    && parts.size() == 2
                    && parts.get(0) instanceof Reply.Int(long done)
                    && parts.get(1) instanceof Reply.Int(long cursor)) {
                if (done < instances.size()) {
                    places.put(region, new Place(epochVersion, instances.get((int) done), cursor));
                } else {
                    places.remove(region);
                }
                return done > 0 ? () -> reclaim(range) : () -> {};
            }
            LOG.error("reclaiming fails, region={} instances={} reply={}", region, instances, reply);
            pauses.put(region, PAUSE_ROUNDS);
            return () -> {};
        });
    }

    private static byte[] text(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }
}
