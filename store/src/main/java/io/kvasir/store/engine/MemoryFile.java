package io.kvasir.store.engine;

import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.store.engine.Engine.Cursor;
import io.kvasir.store.engine.Engine.RecordFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The files in which a {@link MemoryEngine} hands its records to another: length and bytes of key and value in turn.
 */
final class MemoryFile {

    private MemoryFile() {}

    /** Writes the records of {@code cursor}, which stands before the first, as {@link Engine.Snapshot#export} says. */
    static void write(
            Family family, Cursor cursor, Path directory, long recordBytesMax, Consumer<RecordFile> finished) {
        WireWriter out = new WireWriter();
        long records = 0;
        boolean more = cursor.next();
        while (more) {
            out.bytes(cursor.key()).bytes(cursor.value());
            records++;
            more = cursor.next();
            if (!more || out.length() >= recordBytesMax) {
                Path path = RecordFile.unused(directory, family, ".records");
                write(path, out.toBytes());
                finished.accept(new RecordFile(family, path, records, out.length()));
                out = new WireWriter();
                records = 0;
            }
        }
    }

    /** Hands every record of {@code path} to {@code sink}. */
    static void read(Path path, BiConsumer<byte[], byte[]> sink) {
        try {
            WireReader in = new WireReader(Files.readAllBytes(path));
            while (in.remaining() > 0) {
                sink.accept(in.bytes(), in.bytes());
            }
        } catch (IOException e) {
            throw new EngineFault("cannot read " + path, e);
        }
    }

    private static void write(Path path, byte[] bytes) {
        try {
            Files.write(path, bytes);
        } catch (IOException e) {
            throw new EngineFault("cannot write " + path, e);
        }
    }
}
