package io.kvasir.placement;

import com.google.protobuf.InvalidProtocolBufferException;
import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.proto.placement.PlacementEntry;
import io.kvasir.region.raft.StateMachine;
import io.kvasir.region.raft.StateSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Applies the placement group's log to the image. Images are immutable, so applying is replacing a reference; the image
 * goes to disk by itself once the log has grown. Its methods are called by the raft group's apply thread;
 * {@link #image} and {@link #snapshot} are safe for any.
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
    private AppliedState atStart;
    private final AtomicReference<@Nullable IOException> writeFailure = new AtomicReference<>();

    /** An image and the place in the log where it stands. */
    private record Position(ClusterImage image, AppliedState applied) {}

    private volatile Position position;
    private volatile long flushedIndex;
    private volatile boolean writing;

    /** Confined to the apply thread. */
    private long imageIndex;

    PlacementMachine(Path directory, Executor disk, Listener listener) throws IOException {
        this.file = new ImageFile(directory);
        this.disk = disk;
        this.listener = listener;
        ImageFile.Content content = file.read().orElse(new ImageFile.Content(ClusterImage.EMPTY, AppliedState.NONE));
        position = new Position(content.image(), content.applied());
        atStart = content.applied();
        flushedIndex = atStart.index();
        imageIndex = atStart.index();
    }

    /** Returns the newest applied image. */
    ClusterImage image() {
        return position.image;
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
            AppliedState at = new AppliedState(committed.index(), committed.term());
            if (committed.data().length > 0) {
                apply(committed, at);
            } else {
                position = new Position(position.image, at);
            }
        }
        Committed last = entries.getLast();
        if (last.index() - imageIndex >= ENTRIES_PER_IMAGE && !writing) {
            writing = true;
            imageIndex = last.index();
            write(position);
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

    @Override
    public StateSnapshot snapshot() {
        Position present = position;
        return new PlacementSnapshot(present.image, present.applied);
    }

    /** There is one placement group and nothing to mix it up with. */
    @Override
    public Optional<String> objection(byte[] summary) {
        return Optional.empty();
    }

    @Override
    public void install(AppliedState at, byte[] summary, List<StateSnapshot.Part> parts) {
        try {
            ImageFile.Content content = PlacementSnapshot.read(parts);
            if (!content.applied().equals(at)) {
                throw new IllegalStateException("the image stands at " + content.applied() + ", not at " + at);
            }
            replace(new Position(content.image(), at));
        } catch (IOException e) {
            throw new UncheckedIOException("the placement image cannot be installed", e);
        }
    }

    @Override
    public void wipe() {
        try {
            replace(new Position(ClusterImage.EMPTY, AppliedState.NONE));
        } catch (IOException e) {
            throw new UncheckedIOException("the placement image cannot be emptied", e);
        }
    }

    /** Makes {@code next} the state, on disk and here, after any write under way. */
    private void replace(Position next) throws IOException {
        CompletableFuture<@Nullable IOException> written = new CompletableFuture<>();
        disk.execute(() -> {
            try {
                file.write(next.image, next.applied);
                written.complete(null);
            } catch (IOException e) {
                written.complete(e);
            }
        });
        IOException failure = written.join();
        if (failure != null) {
            throw failure;
        }
        position = next;
        atStart = next.applied;
        imageIndex = next.applied.index();
        flushedIndex = next.applied.index();
    }

    private void apply(Committed committed, AppliedState at) {
        PlacementEntry entry;
        try {
            entry = PlacementEntry.parseFrom(committed.data());
        } catch (InvalidProtocolBufferException malformed) {
            throw new IllegalStateException("malformed placement entry at index " + committed.index(), malformed);
        }
        if (entry.getFormat() != ENTRY_FORMAT) {
            throw new IllegalStateException("placement entry of format " + entry.getFormat());
        }
        ClusterImage image = position.image;
        boolean accepted = entry.getTerm() == committed.term() && entry.getBaseRevision() == image.revision();
        if (accepted) {
            image = image.afterEntry(entry.getRecordsList());
        }
        position = new Position(image, at);
        listener.applied(new Applied(entry.getTerm(), entry.getBaseRevision(), accepted, image));
    }

    private void write(Position newest) {
        disk.execute(() -> {
            try {
                file.write(newest.image, newest.applied);
                flushedIndex = newest.applied.index();
                writing = false;
            } catch (IOException e) {
                writeFailure.set(e);
            }
        });
    }
}
