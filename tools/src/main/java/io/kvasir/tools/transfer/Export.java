package io.kvasir.tools.transfer;

import io.kvasir.gateway.rdb.RdbFileWriter;
import io.kvasir.gateway.rdb.RdbOutput;
import io.kvasir.gateway.rdb.RdbStream;
import io.kvasir.gateway.rdb.RdbType;
import io.kvasir.gateway.rdb.RdbType.Family;
import io.kvasir.gateway.rdb.ValueSink;
import io.kvasir.proto.reply.Reply;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/**
 * Writes all that Kvasir holds into a dump file, as it stood at one moment: a snapshot of all ranges is open meanwhile.
 * The file appears under its name when it is whole. Confined to one thread.
 */
final class Export implements Source.Taker {

    private static final int BUFFER_BYTES = 1 << 20;

    /** How often an export begins anew because its snapshot was lost. */
    private static final int ATTEMPTS_MAX = 3;

    private static final byte[] SNAPSHOT = RedisConnection.bytes("KVASIR.SNAPSHOT");

    private final Source source;
    private final Progress progress;
    private final Path file;
    private final Path part;
    private final RdbOutput out;
    private final RdbFileWriter writer;

    private Export(RedisConnection source, Progress progress, Path file, Path part, OutputStream bytes)
            throws IOException {
        this.source = new Source(source, true);
        this.progress = progress;
        this.file = file;
        this.part = part;
        this.out = new RdbOutput(bytes);
        this.writer = new RdbFileWriter(out);
    }

    /** Writes {@code file}; returns whether every key is in it. */
    static boolean run(RedisConnection connection, Progress progress, Path file) throws IOException {
        if (Files.exists(file)) {
            throw new TransferException(file + " exists already; name another file or remove it");
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        for (int attempt = 1; !write(connection, progress, file, part, attempt); attempt++) {
            progress.restart("the leader of a range has changed, so the snapshot is gone: beginning anew");
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        progress.summary("exported");
        return progress.failures() == 0;
    }

    /** Writes {@code part}; returns false if the snapshot was lost and another attempt may be made. */
    private static boolean write(RedisConnection connection, Progress progress, Path file, Path part, int attempt)
            throws IOException {
        try (FileOutputStream disk = new FileOutputStream(part.toFile());
                OutputStream bytes = new BufferedOutputStream(disk, BUFFER_BYTES)) {
            // No command over data, so not of the snapshot: they stand as they did right before it.
            Reply libraries = connection.require(RedisConnection.bytes("FUNCTION"), RedisConnection.bytes("DUMP"));
            Reply opened = connection.require(SNAPSHOT, RedisConnection.bytes("OPEN"));
            if (opened instanceof Reply.Int(long millis)) {
                progress.say("exporting what stands at " + Instant.ofEpochMilli(millis));
            }
            Export export = new Export(connection, progress, file, part, bytes);
            if (libraries instanceof Reply.Bulk(byte[] payload)) {
                export.writer.libraries(payload);
            }
            export.databases();
            connection.require(SNAPSHOT, RedisConnection.bytes("CLOSE"));
            bytes.flush();
            disk.getFD().sync();
            return true;
        } catch (IOException failed) {
            Files.deleteIfExists(part);
            if (attempt < ATTEMPTS_MAX
                    && failed.getMessage() != null
                    && failed.getMessage().contains("SNAPSHOTLOST")) {
                return false;
            }
            throw failed;
        }
    }

    private void databases() throws IOException {
        for (int database = 0; database < FileImport.DATABASES && source.select(database); database++) {
            writer.database(database);
            for (Optional<String> cursor = Optional.of("0"); cursor.isPresent(); ) {
                cursor = source.page(cursor.get(), this);
            }
        }
        writer.end();
    }

    @Override
    public void dumped(byte[] key, long expiryMillis, byte[] payload) throws IOException {
        long before = out.position();
        writer.key(key, expiryMillis, payload);
        progress.key(out.position() - before);
    }

    @Override
    public void large(byte[] key, long expiryMillis, Family family) throws IOException {
        long before = out.position();
        Path spool = part.resolveSibling(file.getFileName() + ".value");
        long count;
        try {
            try (OutputStream bytes = new BufferedOutputStream(Files.newOutputStream(spool), BUFFER_BYTES)) {
                count = source.read(key, family, new Elements(new RdbOutput(bytes)));
            }
            if (count > 0) {
                append(key, expiryMillis, family, count, spool);
                progress.key(out.position() - before);
            }
        } finally {
            Files.deleteIfExists(spool);
        }
    }

    @Override
    public void unknown(byte[] key, String type) {
        progress.failed(Progress.name(key) + ": the type " + type + " cannot be exported");
    }

    /** Appends a key whose elements were written to {@code spool}, now that their number is known. */
    private void append(byte[] key, long expiryMillis, Family family, long count, Path spool) throws IOException {
        RdbType type =
                switch (family) {
                    case STRING -> RdbType.STRING;
                    case LIST -> RdbType.LIST;
                    case SET -> RdbType.SET;
                    case HASH -> RdbType.HASH;
                    case ZSET -> RdbType.ZSET_2;
                    case STREAM, MODULE -> throw new IllegalArgumentException("not a value that is read: " + family);
                };
        writer.begin(key, expiryMillis, type);
        if (family != Family.STRING) {
            out.writeLength(count);
        }
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(spool))) {
            for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                out.writeBytes(buffer, 0, read);
            }
        }
    }

    /** Writes elements one after another. */
    private record Elements(RdbOutput out) implements ValueSink {

        @Override
        public void string(byte[] value) throws IOException {
            out.writeString(value);
        }

        @Override
        public void listElement(byte[] element) throws IOException {
            out.writeString(element);
        }

        @Override
        public void setMember(byte[] member) throws IOException {
            out.writeString(member);
        }

        @Override
        public void hashField(byte[] field, byte[] value) throws IOException {
            out.writeString(field);
            out.writeString(value);
        }

        @Override
        public void zsetMember(byte[] member, double score) throws IOException {
            out.writeString(member);
            out.writeNumber(Double.doubleToLongBits(score), Long.BYTES);
        }

        @Override
        public void stream(RdbStream stream) {
            throw new IllegalArgumentException("a stream is not read in pieces");
        }
    }
}
