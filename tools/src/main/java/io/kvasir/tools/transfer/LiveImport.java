package io.kvasir.tools.transfer;

import static io.kvasir.tools.transfer.RedisConnection.bytes;

import io.kvasir.gateway.rdb.DumpPayload;
import io.kvasir.gateway.rdb.RdbType.Family;
import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;

/**
 * Copies what a running Redis holds, page by page of its SCAN: each of its keys replaces the key of that name here.
 * After each page it is noted how far the copy is ({@link ImportState}), so that another run goes on there. What is
 * written to the source meanwhile may or may not be copied. Confined to one thread.
 */
final class LiveImport implements Source.Taker {

    private final RedisConnection from;
    private final RedisConnection into;
    private final Source source;
    private final Pipeline pipeline;
    private final ValueLoader loader;
    private final Progress progress;
    private final ImportState state;

    LiveImport(RedisConnection source, RedisConnection target, Progress progress, ImportState state) {
        this.from = source;
        this.into = target;
        this.source = new Source(source, false);
        this.pipeline = new Pipeline(target, progress);
        this.loader = new ValueLoader(pipeline);
        this.progress = progress;
        this.state = state;
    }

    /** Copies {@code only}, or all databases; returns whether every key arrived. */
    boolean run(Optional<Integer> only, PrintStream out) throws IOException {
        ImportState.Place place = state.read();
        if (place.database() > 0 || !place.cursor().equals("0")) {
            out.println(
                    "going on in database " + place.database() + " where the last run stopped (" + state.file() + ")");
        }
        libraries();
        int first = only.orElse(place.database());
        int last = only.orElse(FileImport.DATABASES - 1);
        for (int database = first; database <= last && source.select(database); database++) {
            pipeline.select(database);
            String start = database == place.database() ? place.cursor() : "0";
            for (Optional<String> cursor = Optional.of(start); cursor.isPresent(); ) {
                cursor = source.page(cursor.get(), this);
                pipeline.drain();
                if (progress.failures() == 0 && cursor.isPresent()) {
                    state.write(new ImportState.Place(database, cursor.get()));
                }
            }
        }
        progress.summary("imported");
        boolean whole = progress.failures() == 0;
        if (whole) {
            state.remove();
        }
        return whole;
    }

    /** Copies the libraries of functions, which are of no database; each replaces the one of its name. */
    private void libraries() throws IOException {
        Reply dumped = from.call(bytes("FUNCTION"), bytes("DUMP"));
        if (dumped instanceof Reply.Bulk(byte[] payload)) {
            Reply restored = into.call(bytes("FUNCTION"), bytes("RESTORE"), payload, bytes("REPLACE"));
            if (restored instanceof Reply.Error(String text)) {
                progress.failed("the function libraries: " + text);
            }
        } // else it is older than Redis 7.0, and has none
    }

    @Override
    public void dumped(byte[] key, long expiryMillis, byte[] payload) throws IOException {
        loader.begin(key, expiryMillis, false);
        if (DumpPayload.isIntact(payload)) {
            loader.restore(payload);
        } else {
            throw new TransferException("the source answers DUMP in a later version than "
                    + DumpPayload.VERSION_READ_MAX + " of the format; import a file that an earlier one wrote");
        }
    }

    @Override
    public void large(byte[] key, long expiryMillis, Family family) throws IOException {
        source.read(key, family, loader.begin(key, expiryMillis, false).mayRepeat());
        loader.end();
    }

    @Override
    public void unknown(byte[] key, String type) {
        progress.passedOver(Progress.name(key) + ": the type " + type + " is not available");
    }
}
