package io.kvasir.tools.transfer;

import static io.kvasir.tools.transfer.RedisConnection.bytes;

import io.kvasir.gateway.rdb.CorruptRdbException;
import io.kvasir.gateway.rdb.RdbFileReader;
import io.kvasir.gateway.rdb.RdbInput;
import io.kvasir.gateway.rdb.RdbType;
import io.kvasir.gateway.rdb.ValueSink;
import io.kvasir.proto.reply.Reply;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Loads a dump file: each of its keys replaces the key of that name in the database of that number, all other keys stay
 * as they are. Confined to one thread.
 */
final class FileImport implements RdbFileReader.Visitor {

    /** Kvasir has this many databases. */
    static final int DATABASES = 16;

    private static final int BUFFER_BYTES = 1 << 20;

    private final RedisConnection target;
    private final Pipeline pipeline;
    private final ValueLoader loader;
    private final Progress progress;
    private final PrintStream out;
    private long database;
    private int libraries;

    FileImport(RedisConnection target, Progress progress, PrintStream out) {
        this.target = target;
        this.pipeline = new Pipeline(target, progress);
        this.loader = new ValueLoader(pipeline);
        this.progress = progress;
        this.out = out;
    }

    /** Loads {@code file}; returns whether all of it is loaded. */
    boolean run(Path file) throws IOException {
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES)) {
            RdbFileReader reader = new RdbFileReader(new RdbInput(bytes, Files.size(file)));
            boolean whole = true;
            try {
                reader.read(this);
                pipeline.drain();
            } catch (CorruptRdbException corrupt) {
                if (loader.abandon()) {
                    progress.failed(Progress.name(loader.key()) + ": its value is damaged, the key was removed");
                }
                pipeline.drain();
                whole = false;
                out.println(file + " is damaged at byte " + corrupt.offset() + ": " + corrupt.getMessage());
                out.println("The keys before that place are loaded, none behind it; no other key was touched.");
            }
            if (libraries > 0) {
                out.println("  " + libraries + " function libraries loaded");
            }
            progress.summary("imported");
            return whole && progress.failures() == 0;
        }
    }

    /** Loads a library in the place of the one of its name, if there is one. */
    @Override
    public void library(byte[] code) throws IOException {
        pipeline.drain();
        if (target.call(bytes("FUNCTION"), bytes("LOAD"), bytes("REPLACE"), code) instanceof Reply.Error(String text)) {
            progress.failed("a function library: " + text);
        } else {
            libraries++;
        }
    }

    @Override
    public void database(long number) throws IOException {
        database = number;
        if (number < DATABASES) {
            pipeline.select((int) number);
        }
    }

    @Override
    public Optional<ValueSink> key(byte[] key, long expiryMillis, RdbType.Family family) {
        if (database >= DATABASES) {
            progress.failed(Progress.name(key) + ": there is no database " + database);
            return Optional.empty();
        }
        return Optional.of(loader.begin(key, expiryMillis, true));
    }

    @Override
    public void end(byte[] key, long elements) throws IOException {
        loader.end();
    }

    @Override
    public void passedOver(byte[] key, RdbType.Family family) {
        progress.passedOver(
                Progress.name(key) + ": the type " + family.name().toLowerCase(Locale.ROOT) + " is not available");
    }
}
