package io.kvasir.region.link;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Turns a batch of frames into a gRPC message and back, copying each payload once. */
final class FrameMarshaller implements MethodDescriptor.Marshaller<List<Frame>> {

    @Override
    public InputStream stream(List<Frame> frames) {
        return new FrameStream(frames);
    }

    @Override
    public List<Frame> parse(InputStream stream) {
        List<Frame> frames = new ArrayList<>();
        try (DataInputStream data = new DataInputStream(stream)) {
            while (data.available() > 0) {
                frames.add(read(data));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("message ends within a frame", e);
        }
        return frames;
    }

    private static Frame read(DataInputStream data) throws IOException {
        int length = data.readInt() - (Frame.HEADER_BYTES - 4);
        if (length < 0 || length > Frame.PAYLOAD_BYTES_MAX) {
            throw new IllegalArgumentException("frame with a payload of " + length + " bytes");
        }
        int format = data.readByte();
        if (format != Frame.FORMAT) {
            throw new IllegalArgumentException("frame of format version " + format + ", not " + Frame.FORMAT);
        }
        Frame.Kind kind = Frame.Kind.of(data.readByte());
        int channel = data.readUnsignedByte();
        long id = data.readLong();
        byte[] payload = new byte[length];
        data.readFully(payload);
        return new Frame(kind, channel, id, payload);
    }

    /** A batch to be written. gRPC drains it; reading it byte by byte is not what it does. */
    private static final class FrameStream extends InputStream implements Drainable, KnownLength {

        private final List<Frame> frames;
        private int left;

        FrameStream(List<Frame> frames) {
            this.frames = frames;
            this.left = frames.stream().mapToInt(Frame::bytes).sum();
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            DataOutputStream data = new DataOutputStream(target);
            for (Frame frame : frames) {
                data.writeInt(frame.bytes() - 4);
                data.writeByte(Frame.FORMAT);
                data.writeByte(frame.kind().number());
                data.writeByte(frame.channel());
                data.writeLong(frame.id());
                data.write(frame.payload());
            }
            int drained = left;
            left = 0;
            return drained;
        }

        @Override
        public int available() {
            return left;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("a batch of frames is drained, not read");
        }

        @Override
        public byte[] readAllBytes() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(left);
            drainTo(bytes);
            return bytes.toByteArray();
        }
    }
}
