package io.kvasir.store.log;

import io.kvasir.proto.id.RegionId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Gathers the changes of one frame: checks each against the durable state and the changes gathered before it, and says
 * what it will take. Confined to the writer.
 *
 * <p>Any number of appends and hard states of a group may share a frame. A change that reshapes a group (truncates,
 * resets, creates, destroys or marks it) may share it with other groups only, so that it can be checked against the
 * durable state.
 */
final class Staging {

    /** Whether a change became part of the frame. */
    enum Verdict {
        JOINED,
        /** It belongs into the next frame, with all that come after it. */
        NEXT_FRAME
    }

    /** Longest append; a frame must stay well below 2 GiB. */
    private static final long APPEND_BYTES_MAX = 512 << 20;

    private final Catalog catalog;
    private final LogSettings settings;
    private final List<Request> requests = new ArrayList<>();
    /** Regions that this frame creates or destroys a replica of. */
    private final Set<RegionId> reshapedRegions = new HashSet<>();

    private long number;
    private int records;
    private long recordBytes;

    Staging(Catalog catalog, LogSettings settings) {
        this.catalog = catalog;
        this.settings = settings;
    }

    /** Starts a new frame. */
    void clear() {
        number++;
        requests.clear();
        reshapedRegions.clear();
        records = 0;
        recordBytes = 0;
    }

    /** Returns the requests that joined, in order. */
    List<Request> requests() {
        return requests;
    }

    int records() {
        return records;
    }

    long recordBytes() {
        return recordBytes;
    }

    /**
     * Lets {@code request} join the frame, or not yet.
     *
     * @throws IllegalArgumentException if it breaks a rule
     * @throws IllegalStateException if its replica is destroyed
     */
    Verdict offer(Request request) {
        GroupLog group = request.change.target();
        if (group != null) {
            if (group.destroyed()) {
                throw new IllegalStateException("replica is destroyed: " + group);
            }
            if (group.staged.isReshapedIn(number) || reshapedRegions.contains(group.region())) {
                return Verdict.NEXT_FRAME;
            }
        }
        if (!requests.isEmpty() && recordBytes + request.bytes > settings.batchBytesMax()) {
            return Verdict.NEXT_FRAME;
        }
        request.records = 0;
        request.recordBytes = 0;
        Verdict verdict =
                switch (request.change) {
                    case Change.Append append -> append(request, append);
                    case Change.SaveHardState save -> save(request, save);
                    case Change.Create create -> create(request, create);
                    case Change.Destroy destroy -> destroy(request, destroy);
                    case Change.TruncatePrefix truncate ->
                        reshape(
                                request,
                                truncate.group(),
                                truncate.firstKept() > truncate.group().firstIndex(),
                                Body.prefixBytes(truncate));
                    case Change.TruncateSuffix truncate -> truncateSuffix(request, truncate);
                    case Change.Reset reset -> reset(request, reset);
                    case Change.MarkInstalling marked -> reshape(request, marked.group(), true, 16);
                    case Change.Installed installed -> installed(request, installed);
                };
        if (verdict == Verdict.JOINED) {
            requests.add(request);
            records += request.records;
            recordBytes += request.recordBytes;
        }
        return verdict;
    }

    private Verdict append(Request request, Change.Append append) {
        StagedGroup staged = append.group().staged;
        staged.join(append.group(), number);
        if (append.firstIndex() != staged.next) {
            throw new IllegalArgumentException(
                    append.group() + " would append at " + append.firstIndex() + ", its next index is " + staged.next);
        }
        long term = staged.lastTerm;
        long bytes = 0;
        for (Entry entry : append.entries()) {
            if (entry.term() < term) {
                throw new IllegalArgumentException(
                        append.group() + ": term " + entry.term() + " would follow term " + term);
            }
            if (entry.data().length > settings.entryBytesMax()) {
                throw new IllegalArgumentException(
                        append.group() + ": entry of " + entry.data().length + " bytes is too long");
            }
            term = entry.term();
            bytes += Format.ENTRY_HEADER_BYTES + entry.data().length;
        }
        if (bytes > APPEND_BYTES_MAX) {
            throw new IllegalArgumentException(append.group() + ": append of " + bytes + " bytes is too long");
        }
        staged.next += append.entries().length;
        staged.lastTerm = term;
        request.records = append.entries().length;
        request.recordBytes = bytes;
        return Verdict.JOINED;
    }

    private Verdict save(Request request, Change.SaveHardState save) {
        StagedGroup staged = save.group().staged;
        staged.join(save.group(), number);
        HardState advanced = staged.hardState.advance(save.state());
        if (!advanced.equals(staged.hardState)) {
            staged.hardState = advanced;
            request.records = 1;
            request.recordBytes = Format.RECORD_HEADER_BYTES + Body.HARD_STATE_BYTES;
        }
        return Verdict.JOINED;
    }

    private Verdict create(Request request, Change.Create create) {
        GroupLog live = catalog.find(create.region());
        if (reshapedRegions.contains(create.region()) || live != null && live.staged.isIn(number)) {
            return Verdict.NEXT_FRAME;
        }
        Tombstone tombstone = catalog.tombstone(create.region());
        if (tombstone != null && tombstone.incarnation() >= create.incarnation()) {
            request.result = new Creation.Destroyed(tombstone);
        } else if (live != null) {
            request.result = new Creation.AlreadyLive(live);
        } else {
            reshapedRegions.add(create.region());
            request.records = 1;
            request.recordBytes =
                    8L + Format.RECORD_HEADER_BYTES + Body.HARD_STATE_BYTES + create.initialState().length;
        }
        return Verdict.JOINED;
    }

    private Verdict destroy(Request request, Change.Destroy destroy) {
        GroupLog live = catalog.find(destroy.region());
        if (reshapedRegions.contains(destroy.region()) || live != null && live.staged.isIn(number)) {
            return Verdict.NEXT_FRAME;
        }
        Tombstone tombstone = catalog.tombstone(destroy.region());
        if (live != null && live.incarnation() > destroy.incarnation()) {
            request.result = false;
        } else {
            request.result = true;
            if (tombstone == null || tombstone.incarnation() < destroy.incarnation()) {
                reshapedRegions.add(destroy.region());
                request.records = 1;
                request.recordBytes = Format.RECORD_HEADER_BYTES + 16;
            }
        }
        return Verdict.JOINED;
    }

    private Verdict truncateSuffix(Request request, Change.TruncateSuffix truncate) {
        GroupLog group = truncate.group();
        if (truncate.lastKept() < group.firstIndex() - 1 && !group.staged.isIn(number)) {
            throw new IllegalArgumentException(
                    group + " would keep up to " + truncate.lastKept() + ", its first index is " + group.firstIndex());
        }
        return reshape(request, group, truncate.lastKept() < group.lastIndex(), 8);
    }

    private Verdict reset(Request request, Change.Reset reset) {
        if (reset.nextIndex() < 1) {
            throw new IllegalArgumentException(reset.group() + ": next index " + reset.nextIndex() + " is below 1");
        }
        return reshape(request, reset.group(), true, 8);
    }

    private Verdict installed(Request request, Change.Installed installed) {
        GroupLog group = installed.group();
        if (!group.staged.isIn(number)
                && !installed.mark().equals(group.installing().orElse(null))) {
            throw new IllegalArgumentException(group + " bears no mark " + installed.mark());
        }
        return reshape(request, group, true, Body.installedBytes(installed));
    }

    /**
     * Lets a change of {@code group} join that must be its only one in the frame.
     *
     * @param changes whether it changes anything, judged by the durable state
     */
    private Verdict reshape(Request request, GroupLog group, boolean changes, int bodyBytes) {
        if (group.staged.isIn(number)) {
            return Verdict.NEXT_FRAME;
        }
        group.staged.join(group, number);
        group.staged.reshape();
        if (changes) {
            request.records = 1;
            request.recordBytes = (long) Format.RECORD_HEADER_BYTES + bodyBytes;
        }
        return Verdict.JOINED;
    }
}
