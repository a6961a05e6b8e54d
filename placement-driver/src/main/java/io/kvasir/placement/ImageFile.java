package io.kvasir.placement;

import com.google.protobuf.InvalidProtocolBufferException;
import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.proto.placement.ImageMessage;
import io.kvasir.region.raft.StateMachine.AppliedState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The file that holds the newest image on disk: magic (8 bytes), CRC32C of the rest (4), length (4), then an
 * {@link ImageMessage}. A new image is written beside it and renamed over it, both made durable, so that there is
 * always one that is whole. Not thread-safe: one thread reads at start, one writes after.
 */
final class ImageFile {

    /** "KVPLACE" and the format of the frame. */
    private static final long MAGIC = 0x4B56_504C_4143_4501L;

    private static final int HEADER_BYTES = 16;

    private final Path directory;
    private final Path file;
    private final Path temporary;

    /** What the file held. */
    record Content(ClusterImage image, AppliedState applied) {}

    ImageFile(Path directory) {
        this.directory = directory;
        this.file = directory.resolve("placement.image");
        this.temporary = directory.resolve("placement.image.new");
    }

    /**
     * Reads the file; empty if there is none.
     *
     * @throws IOException if it cannot be read or is damaged
     */
    Optional<Content> read() throws IOException {
        Files.createDirectories(directory);
        Files.deleteIfExists(temporary);
        return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
    }

    /** Returns where the image is. */
    Path path() {
        return file;
    }

    /**
     * Reads an image at {@code file}.
     *
     * @throws IOException if it cannot be read or is damaged
     */
    static Content read(Path file) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file));
        if (buffer.remaining() < HEADER_BYTES || buffer.getLong() != MAGIC) {
            throw new IOException("not a placement image: " + file);
        }
        int checksum = buffer.getInt();
        int length = buffer.getInt();
        if (length != buffer.remaining() || checksum != checksum(buffer.slice())) {
            throw new IOException("damaged placement image: " + file);
        }
        try {
            ImageMessage message = ImageMessage.parseFrom(buffer);
            return new Content(
                    ClusterImage.of(message), new AppliedState(message.getAppliedIndex(), message.getAppliedTerm()));
        } catch (InvalidProtocolBufferException | IllegalArgumentException malformed) {
            throw new IOException("malformed placement image: " + file, malformed);
        }
    }

    /**
     * Replaces the file; when this returns the new one survives a power cut.
     *
     * @throws IOException if it could not; the old one is still whole
     */
    void write(ClusterImage image, AppliedState applied) throws IOException {
        byte[] body = image.toMessage(applied.index(), applied.term()).toByteArray();
        ByteBuffer buffer = ByteBuffer.allocate(HEADER_BYTES + body.length)
                .putLong(MAGIC)
                .putInt(checksum(ByteBuffer.wrap(body)))
                .putInt(body.length)
                .put(body)
                .flip();
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
