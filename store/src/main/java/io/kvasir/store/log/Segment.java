package io.kvasir.store.log;

import io.kvasir.store.disk.DiskFile;
import java.nio.file.Path;

/** One file of the log. Reads are safe for any thread; everything that changes is confined to the writer. */
final class Segment {

    final long id;
    final long salt;
    final Path path;
    final DiskFile file;
    /** Offset at which the next frame begins. */
    int end = Format.SEGMENT_HEADER_BYTES;
    /** Length of the file: what lies before it is allocated. */
    long allocated;
    /** Bytes of the entry records here that some group still holds. */
    long liveBytes;

    /** Whether it holds its checkpoint and nothing else, so that to roll would bring no more room. */
    boolean fresh = true;

    Segment(long id, long salt, Path path, DiskFile file, long allocated) {
        this.id = id;
        this.salt = salt;
        this.path = path;
        this.file = file;
        this.allocated = allocated;
    }
}
