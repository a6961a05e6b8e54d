package io.kvasir.region.range;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.Event;
import io.kvasir.store.engine.Family;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The effects of a command that was evaluated away from its owner, on their way into the log (rule K11).
 *
 * <p><b>Model.</b> Sub-records of the generation that the run made are referred to by nothing until its roots are
 * written. If the effects are too many for one entry they go first, as pieces of a bounded size, each an ordinary
 * command of some batch, so that others go in between; with the first of each user key goes a note, by which a later
 * leader knows them for orphans. When all are applied the rest goes as one command, which also removes the notes. It
 * checks its guards: what the run read is still so, at the timestamp of its own batch.
 *
 * <p><b>Invariant.</b> Pieces and rest are evaluated in one chain: nobody else can have taken the pieces for orphans
 * meanwhile. If the chain ends, the command begins anew with another generation.
 *
 * <p>Made by the thread of the run, then confined to the range's owner thread.
 */
final class StagedWrite {

    /** Some records of the run's own generation, and the notes of those user keys that begin here. */
    record Piece(List<Effect.Put> records, List<byte[]> notes) {}

    private final Version generation;
    private final Reply reply;
    private final ArrayDeque<Piece> pieces = new ArrayDeque<>();
    private final List<byte[]> notes = new ArrayList<>();
    private final List<Effect> rest = new ArrayList<>();
    private final List<Event> events;
    private final Map<byte[], Version> guards;
    private final Map<Integer, Integer> mapped;
    private final long earliestAliveMillis;
    private long restBytes;
    private long recordBytesMax;
    private @Nullable ChainLink chain;

    /**
     * Divides the effects of {@code run}.
     *
     * @param entryBytesMax effects up to this go as one entry
     * @param pieceBytes size of the pieces otherwise; one record may pass it
     */
    StagedWrite(SnapshotTransaction run, Reply reply, long entryBytesMax, long pieceBytes) {
        this.generation = run.firstGeneration();
        this.reply = reply;
        this.events = List.copyOf(run.events());
        this.guards = run.guards();
        this.mapped = run.mapped();
        this.earliestAliveMillis = run.earliestAliveMillis();
        rest.addAll(run.others());
        restBytes = run.otherBytes();
        boolean divided = run.writtenBytes() > entryBytesMax;
        run.records().forEach((key, left) -> {
            byte[] payload = left.payload;
            if (divided && isOfGeneration(key)) {
                if (payload != null) {
                    stage(new Effect.Put(Family.NEWEST, key, payload), pieceBytes);
                } // else nobody has it, and nobody will
            } else {
                rest.add(
                        payload == null
                                ? new Effect.Delete(Family.NEWEST, key)
                                : new Effect.Put(Family.NEWEST, key, payload));
                restBytes += bytes(key, payload);
            }
        });
    }

    private boolean isOfGeneration(byte[] key) {
        int kind = KeyLayout.stemLength(key);
        return key.length >= kind + 1 + Version.BYTES
                && key[kind] != KeyLayout.KIND_ROOT
                && SnapshotRun.firstGeneration(Version.read(key, kind + 1)).equals(generation);
    }

    private void stage(Effect.Put put, long pieceBytes) {
        if (pieces.isEmpty() || bytes(pieces.getLast()) >= pieceBytes) {
            pieces.add(new Piece(new ArrayList<>(), new ArrayList<>()));
        }
        Piece piece = pieces.getLast();
        piece.records.add(put);
        recordBytesMax = Math.max(recordBytesMax, bytes(put.key(), put.value()));
        byte[] note = RangeState.stagedDetail(put.key());
        if (notes.isEmpty() || !Arrays.equals(notes.getLast(), note)) {
            notes.add(note);
            piece.notes.add(note);
            restBytes += note.length + 16L;
        }
    }

    private static long bytes(Piece piece) {
        return piece.records.stream()
                .mapToLong(put -> bytes(put.key(), put.value()))
                .sum();
    }

    private static long bytes(byte[] key, byte @Nullable [] payload) {
        return key.length + (payload == null ? 0 : payload.length) + 8L;
    }

    /** Returns the bytes of what must go as one entry, about: the rest, or the largest record. */
    long entryBytes() {
        return Math.max(restBytes, recordBytesMax);
    }

    boolean hasPieces() {
        return !pieces.isEmpty();
    }

    /** Takes the next piece, which is kept by nobody else. */
    Piece takePiece() {
        return pieces.remove();
    }

    /** Writes {@code piece}; returns false, and writes nothing, if the chain is not that of the pieces before. */
    boolean write(Piece piece, LeaderTransaction transaction) {
        if (chain == null) {
            chain = transaction.chain();
        } else if (!chain.equals(transaction.chain())) {
            return false;
        }
        piece.notes.forEach(transaction::noteStaged);
        piece.records.forEach(transaction::replay);
        return true;
    }

    /** Writes the rest, if the chain is that of the pieces and what the run read is still so. */
    Optional<Reply> commit(LeaderTransaction transaction) {
        if (chain != null && !chain.equals(transaction.chain()) || !holds(transaction)) {
            return Optional.empty();
        }
        notes.forEach(transaction::forgetStaged);
        rest.forEach(transaction::replay);
        events.forEach(event -> transaction.event(event.code(), event.rootKey()));
        return Optional.of(reply);
    }

    private boolean holds(LeaderTransaction transaction) {
        if (transaction.timeMillis() >= earliestAliveMillis) {
            return false;
        }
        for (Map.Entry<Integer, Integer> database : mapped.entrySet()) {
            if (transaction.instance(database.getKey()) != database.getValue()) {
                return false;
            }
        }
        for (Map.Entry<byte[], Version> guard : guards.entrySet()) {
            if (!transaction.version(KeyLayout.rootOfStem(guard.getKey())).equals(guard.getValue())) {
                return false;
            }
        }
        return true;
    }

    /** Reads what {@link #commit} will look at. */
    void warm(Transaction transaction) {
        guards.keySet().forEach(stem -> transaction.version(KeyLayout.rootOfStem(stem)));
    }
}
