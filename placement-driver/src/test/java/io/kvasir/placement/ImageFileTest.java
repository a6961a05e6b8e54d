package io.kvasir.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.Controller;
import io.kvasir.placement.controller.Presence;
import io.kvasir.proto.placement.PlacementEntry;
import io.kvasir.region.raft.StateMachine;
import io.kvasir.region.raft.StateMachine.AppliedState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageFileTest {

    @TempDir
    private Path directory;

    private static final class Silent implements PlacementMachine.Listener {
        final List<PlacementMachine.Applied> applied = new ArrayList<>();

        @Override
        public void applied(PlacementMachine.Applied entry) {
            applied.add(entry);
        }

        @Override
        public void leaderStarted(long term) {}

        @Override
        public void leaderStopped() {}
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        ImageFile file = new ImageFile(directory);
        assertEquals(Optional.empty(), file.read());
        ClusterImage image = withWindow(ClusterImage.EMPTY, 5);
        file.write(image, new AppliedState(12, 3));
        assertEquals(Optional.of(new ImageFile.Content(image, new AppliedState(12, 3))), file.read());
        file.write(withWindow(image, 9), new AppliedState(13, 3));
        assertEquals(13, file.read().orElseThrow().applied().index());
    }

    @Test
    void aTornNewFileIsForgotten() throws IOException {
        ImageFile file = new ImageFile(directory);
        file.write(ClusterImage.EMPTY, new AppliedState(1, 1));
        Files.write(directory.resolve("placement.image.new"), new byte[] {1, 2, 3});
        assertEquals(1, file.read().orElseThrow().applied().index());
    }

    @Test
    void aDamagedFileIsRefused() throws IOException {
        ImageFile file = new ImageFile(directory);
        file.write(withWindow(ClusterImage.EMPTY, 5), new AppliedState(1, 1));
        Path path = directory.resolve("placement.image");
        byte[] whole = Files.readAllBytes(path);
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x10;
            Files.write(path, damaged);
            assertThrows(IOException.class, file::read, "byte " + i);
        }
        Files.write(path, Arrays.copyOf(whole, whole.length - 1));
        assertThrows(IOException.class, file::read);
    }

    @Test
    void theMachineStartsAgainAtItsImageAndAppliesTheRest() throws IOException {
        PlacementMachine machine = new PlacementMachine(directory, Runnable::run, new Silent());
        List<StateMachine.Committed> log = new ArrayList<>();
        ClusterImage image = ClusterImage.EMPTY;
        for (int index = 1; index <= PlacementMachine.ENTRIES_PER_IMAGE + 10; index++) {
            log.add(new StateMachine.Committed(index, 2, windowEntry(2, image, index)));
            image = withWindow(image, index);
        }
        for (StateMachine.Committed entry : log) {
            machine.apply(List.of(entry));
        }
        assertEquals(image, machine.image());
        assertEquals(0, machine.flushedIndex());
        PlacementMachine again = new PlacementMachine(directory, Runnable::run, new Silent());
        assertEquals(new AppliedState(PlacementMachine.ENTRIES_PER_IMAGE, 2), again.appliedAtStart());
        again.apply(log.subList(PlacementMachine.ENTRIES_PER_IMAGE, log.size()));
        assertEquals(image, again.image());
    }

    @Test
    void anEntryMadeInAnotherTermOrOnAnotherImageHasNoEffect() throws IOException {
        Silent listener = new Silent();
        PlacementMachine machine = new PlacementMachine(directory, Runnable::run, listener);
        byte[] entry = windowEntry(2, ClusterImage.EMPTY, 5);
        machine.apply(List.of(new StateMachine.Committed(1, 3, entry)));
        assertEquals(ClusterImage.EMPTY, machine.image());
        machine.apply(List.of(
                new StateMachine.Committed(2, 2, entry),
                new StateMachine.Committed(3, 2, entry),
                new StateMachine.Committed(4, 3, new byte[0])));
        assertEquals(1, machine.image().revision());
        assertEquals(
                List.of(false, true, false),
                listener.applied.stream()
                        .map(PlacementMachine.Applied::accepted)
                        .toList());
    }

    private static ClusterImage withWindow(ClusterImage image, long endMillis) {
        return image.afterEntry(new Controller(image, new Presence(0), 0).extendWindow(endMillis));
    }

    private static byte[] windowEntry(long term, ClusterImage image, long endMillis) {
        return PlacementEntry.newBuilder()
                .setFormat(PlacementMachine.ENTRY_FORMAT)
                .setTerm(term)
                .setBaseRevision(image.revision())
                .addAllRecords(new Controller(image, new Presence(0), 0).extendWindow(endMillis))
                .build()
                .toByteArray();
    }
}
