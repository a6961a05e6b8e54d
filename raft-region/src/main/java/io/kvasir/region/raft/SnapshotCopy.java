package io.kvasir.region.raft;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.raft.SnapshotFrame.Answer;
import io.kvasir.region.raft.SnapshotFrame.Contents;
import io.kvasir.region.raft.SnapshotFrame.Item;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.region.raft.StateSnapshot.Part;
import io.kvasir.region.time.Ticker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Brings the files of another store's snapshot here, chunk by chunk, each asked for when the one before it is on disk:
 * so the receiver sets the pace. A link that breaks is waited for, and the copy goes on where it was; if the snapshot
 * is gone, as after a restart of its store, the copy fails and the leader begins anew.
 *
 * <p>{@link #run} is called by one thread, {@link #cancel} by any.
 */
final class SnapshotCopy {

    /** A chunk without an answer for so long is asked for again, milliseconds. */
    static final int ANSWER_MILLIS = 30_000;

    /** Pause before asking again, milliseconds. */
    static final int PAUSE_MILLIS = 100;

    /** A copy that gets nothing for so long fails, nanoseconds. */
    static final long PATIENCE_NANOS = 60_000_000_000L;

    /** Why there is no copy; another attempt may succeed. */
    static final class Failed extends Exception {

        private static final long serialVersionUID = 1;

        Failed(String reason) {
            super(reason);
        }
    }

    private final Link link;
    private final Ticker ticker;
    private final SnapshotSettings settings;
    private final StoreId from;
    private final long ticket;
    private final RegionId region;
    private final Path folder;
    private final CountDownLatch cancelled = new CountDownLatch(1);

    SnapshotCopy(Link link, Ticker ticker, SnapshotSettings settings, StoreId from, long ticket, RegionId region) {
        this.link = link;
        this.ticker = ticker;
        this.settings = settings;
        this.from = from;
        this.ticket = ticket;
        this.region = region;
        this.folder = settings.directory().resolve("in").resolve(region.toString());
    }

    /** What was copied: whole, checked and synced. */
    record Copied(AppliedState at, byte[] summary, List<Part> parts) {}

    /**
     * Copies all files; waits for the other store and for the disk.
     *
     * @throws Failed if there is no copy; what was copied is removed
     */
    Copied run() throws Failed {
        try {
            SnapshotFolder.empty(folder);
            Contents contents = contents();
            List<Part> parts = new ArrayList<>(contents.items().size());
            for (int i = 0; i < contents.items().size(); i++) {
                Item item = contents.items().get(i);
                Path file = folder.resolve(Integer.toString(i));
                copy(i, item, file);
                parts.add(new Part(item.kind(), file));
            }
            return new Copied(contents.at(), contents.summary(), parts);
        } catch (IOException e) {
            discard();
            throw new Failed("its files cannot be written: " + e.getMessage());
        } catch (Failed e) {
            discard();
            throw e;
        }
    }

    /** Ends {@link #run} soon. */
    void cancel() {
        cancelled.countDown();
    }

    /** Removes the files, if they are still there. */
    void discard() {
        try {
            SnapshotFolder.remove(folder);
        } catch (IOException e) {
            // The folder is emptied before its next use.
            return;
        }
    }

    private Contents contents() throws Failed {
        try {
            Contents contents = SnapshotFrame.decodeContents(ask(SnapshotFrame.list(ticket)));
            if (!contents.region().equals(region)) {
                throw new Failed("it is of " + contents.region() + ", not of " + region);
            }
            return contents;
        } catch (IllegalArgumentException malformed) {
            throw new Failed("its list is malformed: " + malformed.getMessage());
        }
    }

    private void copy(int number, Item item, Path file) throws IOException, Failed {
        CRC32C checksum = new CRC32C();
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long offset = 0;
            while (offset < item.bytes()) {
                if (!settings.room().getAsBoolean()) {
                    throw new Failed("the disk is nearly full");
                }
                int length = (int) Math.min(SnapshotSettings.CHUNK_BYTES, item.bytes() - offset);
                byte[] chunk = ask(new SnapshotFrame(ticket, number, offset, length));
                if (chunk.length != length) {
                    throw new Failed("a chunk of " + chunk.length + " bytes came, not of " + length);
                }
                checksum.update(chunk);
                ByteBuffer bytes = ByteBuffer.wrap(chunk);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                offset += length;
            }
            out.force(true);
        }
        if ((int) checksum.getValue() != item.checksum()) {
            throw new Failed("file " + number + " arrived with another checksum");
        }
    }

    /** Asks until there is an answer, as long as there is hope of one. */
    private byte[] ask(SnapshotFrame frame) throws Failed {
        long until = ticker.nanoTime() + PATIENCE_NANOS;
        String reason = "no answer";
        while (ticker.nanoTime() - until < 0) {
            byte @Nullable [] response = askOnce(frame);
            if (response != null) {
                switch (SnapshotFrame.decodeAnswer(response)) {
                    case Answer.Done(byte[] body) -> {
                        return body;
                    }
                    case Answer.Gone(String why) -> throw new Failed(why);
                    case Answer.Wait() -> {
                        // It is alive and at work on it.
                        until = ticker.nanoTime() + PATIENCE_NANOS;
                        reason = "it was not ready in time";
                    }
                }
            }
            pause();
        }
        throw new Failed(reason);
    }

    private byte @Nullable [] askOnce(SnapshotFrame frame) throws Failed {
        CompletableFuture<byte @Nullable []> answer = new CompletableFuture<>();
        link.send(
                from,
                Link.Channel.BULK,
                frame.encode(),
                ANSWER_MILLIS,
                (response, failure) -> answer.complete(response));
        try {
            return answer.get(ANSWER_MILLIS + 1_000L, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failed("interrupted");
        } catch (ExecutionException | TimeoutException e) {
            return null;
        }
    }

    private void pause() throws Failed {
        try {
            if (cancelled.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new Failed("cancelled");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failed("interrupted");
        }
    }
}
