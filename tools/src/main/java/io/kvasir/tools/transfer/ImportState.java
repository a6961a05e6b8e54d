package io.kvasir.tools.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * How far the copy of one source has come, in a small file: its address, the database, the cursor at which to go on.
 * Confined to one thread.
 *
 * @param file where it is kept
 * @param source address without password
 */
record ImportState(Path file, String source) {

    private static final String HEAD = "kvasir import ";

    /** @param cursor of SCAN */
    record Place(int database, String cursor) {}

    /**
     * Returns where to go on; the start if there is no file.
     *
     * @throws TransferException if the file is of another source, or no such file
     */
    Place read() throws IOException {
        if (!Files.exists(file)) {
            return new Place(0, "0");
        }
        List<String> lines = Files.readAllLines(file);
        if (lines.size() != 3
                || !lines.get(0).equals(HEAD + source)
                || !lines.get(1).matches("\\d{1,4}")
                || !lines.get(2).matches("\\d{1,20}")) {
            throw new TransferException(file + " is not the state of an import from " + source
                    + ": remove it, or name another with --state");
        }
        return new Place(Integer.parseInt(lines.get(1)), lines.get(2));
    }

    void write(Place place) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.write(fresh, List.of(HEAD + source, Integer.toString(place.database()), place.cursor()));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void remove() throws IOException {
        Files.deleteIfExists(file);
    }
}
