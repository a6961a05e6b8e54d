package io.kvasir.placement;

import com.google.protobuf.InvalidProtocolBufferException;
import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.proto.placement.PlacementEntry;
import io.kvasir.region.raft.StateMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Applies the placement group's log to the image. Images are immutable, so applying is replacing a reference; the image
 * goes to disk by itself once the log has grown. Its methods are called by the raft group's apply thread;
 * {@link #image} is safe for any.
 */
final class PlacementMachine implements StateMachine {

    /** The image is written after so many entries. */
    static final int ENTRIES_PER_IMAGE = 1_024;

    /**
     * So many entries are kept in the log behind the image, about half a day of timestamp windows: a replica that was
     * away can only be brought up to date from the log.
     */
    static final int ENTRIES_KEPT = 32_768;

    /** Layout version of {@link PlacementEntry}. */
    static final int ENTRY_FORMAT = 1;

    /** What became of an entry: not {@code accepted} means that it had no effect. */
    record Applied(long term, long baseRevision, boolean accepted, ClusterImage image) {}

    /** Hears of what the group does; called by the apply thread, which it must not hold up. */
    interface Listener {
        void applied(Applied applied);

        void leaderStarted(long term);

        void leaderStopped();
    }

    private final ImageFile file;
    private final Executor disk;
    private final Listener listener;
    private final AppliedState atStart;
    private final AtomicReference<@Nullable IOException> writeFailure = new AtomicReference<>();

    private volatile ClusterImage image;
    private volatile long flushedIndex;
    private volatile boolean writing;

    /** Confined to the apply thread. */
    private long imageIndex;

    PlacementMachine(Path directory, Executor disk, Listener listener) throws IOException {
        this.file = new ImageFile(directory);
        this.disk = disk;
        this.listener = listener;
        ImageFile.Content content = file.read().orElse(new ImageFile.Content(ClusterImage.EMPTY, AppliedState.NONE));
        image = content.image();
        atStart = content.applied();
        flushedIndex = atStart.index();
        imageIndex = atStart.index();
    }

    /** Returns the newest applied image. */
    ClusterImage image() {
        return image;
    }

    @Override
    public AppliedState appliedAtStart() {
        return atStart;
    }

    @Override
    public long flushedIndex() {
        return Math.max(0, flushedIndex - ENTRIES_KEPT);
    }

    @Override
    public void apply(List<Committed> entries) {
        IOException failure = writeFailure.get();
        if (failure != null) {
            throw new UncheckedIOException("the placement image could not be written", failure);
        }
        for (Committed committed : entries) {
            if (committed.data().length > 0) {
                apply(committed);
            }
        }
        Committed last = entries.getLast();
        if (last.index() - imageIndex >= ENTRIES_PER_IMAGE && !writing) {
            writing = true;
            imageIndex = last.index();
            write(image, new AppliedState(last.index(), last.term()));
        }
    }

    @Override
    public void leaderStarted(long term) {
        listener.leaderStarted(term);
    }

    @Override
    public void leaderStopped() {
        listener.leaderStopped();
    }

    private void apply(Committed committed) {
        PlacementEntry entry;
        try {
            entry = PlacementEntry.parseFrom(committed.data());
        } catch (InvalidProtocolBufferException malformed) {
            throw new IllegalStateException("malformed placement entry at index " + committed.index(), malformed);
        }
        if (entry.getFormat() != ENTRY_FORMAT) {
            throw new IllegalStateException("placement entry of format " + entry.getFormat());
        }
        boolean accepted = entry.getTerm() == committed.term() && entry.getBaseRevision() == image.revision();
        if (accepted) {
            image = image.afterEntry(entry.getRecordsList());
        }
        listener.applied(new Applied(entry.getTerm(), entry.getBaseRevision(), accepted, image));
    }

    private void write(ClusterImage image, AppliedState applied) {
        disk.execute(() -> {
            try {
                file.write(image, applied);
                flushedIndex = applied.index();
                writing = false;
            } catch (IOException e) {
                writeFailure.set(e);
            }
        });
    }
}
