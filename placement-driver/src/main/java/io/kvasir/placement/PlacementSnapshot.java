package io.kvasir.placement;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.region.raft.StateSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/** An image and its place in the log, as one file of the kind that {@link ImageFile} writes. Immutable. */
record PlacementSnapshot(ClusterImage image, AppliedState applied) implements StateSnapshot {

    /** The kind of its only part. */
    static final int IMAGE = 0;

    @Override
    public byte[] summary() {
        return new byte[0];
    }

    @Override
    public List<Part> write(Path directory, BooleanSupplier wanted) throws IOException {
        Files.createDirectories(directory);
        ImageFile file = new ImageFile(directory);
        file.write(image, applied);
        return List.of(new Part(IMAGE, file.path()));
    }

    /** Reads what {@link #write} wrote, moved to another place or not. */
    static ImageFile.Content read(List<Part> parts) throws IOException {
        if (parts.size() != 1 || parts.getFirst().kind() != IMAGE) {
            throw new IOException("not the parts of a placement image: " + parts);
        }
        return ImageFile.read(parts.getFirst().path());
    }

    @Override
    public void close() {
        // An image is immutable and holds nothing.
    }
}
