package io.kvasir.bench.compare;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Empties the system's page cache of the files of one directory alone, which needs no root and costs no time of others,
 * as dropping all caches does ({@code posix_fadvise}). Confined to one thread.
 */
final class PageCache {

    private static final int READ_ONLY = 0;
    private static final int DONT_NEED = 4;
    private static final long PIECE_BYTES = 2 << 20;
    private static final int PIECE_MILLIS = 1;

    private final Path directory;
    private final MethodHandle open =
            function("open", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT), 2);
    private final MethodHandle advise = function(
            "posix_fadvise",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT),
            -1);
    private final MethodHandle close =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), -1);

    PageCache(Path directory) {
        this.directory = directory;
    }

    /**
     * Has the system forget what it holds of the table files below the directory, a piece at a time: a system that does
     * not interrupt its own calls would else keep a core from everybody for some milliseconds.
     */
    void drop() throws IOException {
        List<Path> files;
        try (Stream<Path> paths = Files.walk(directory)) {
            files = paths.filter(path -> path.toString().endsWith(".sst")).toList();
        }
        try (Arena arena = Arena.ofConfined()) {
            for (Path file : files) {
                MemorySegment name = arena.allocateFrom(file.toString());
                int descriptor = (int) open.invokeExact(name, READ_ONLY);
                if (descriptor >= 0) { // else it was compacted away meanwhile
                    int failed = 0;
                    long length = file.toFile().length();
                    for (long at = 0; at < length && failed == 0; at += PIECE_BYTES) {
                        failed = (int) advise.invokeExact(descriptor, at, PIECE_BYTES, DONT_NEED);
                        Processes.pause(PIECE_MILLIS);
                    }
                    int closed = (int) close.invokeExact(descriptor);
                    if (failed != 0 || closed != 0) {
                        throw new IOException("the page cache cannot be dropped (" + failed + ", " + closed + ")");
                    }
                }
            }
        } catch (IOException failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new LinkageError("posix_fadvise", impossible);
        }
    }

    @SuppressWarnings("restricted") // that is what this class is for
    private static MethodHandle function(String name, FunctionDescriptor shape, int firstVariadic) {
        Linker linker = Linker.nativeLinker();
        SymbolLookup lookup = linker.defaultLookup();
        Linker.Option[] options = firstVariadic < 0
                ? new Linker.Option[0]
                : new Linker.Option[] {Linker.Option.firstVariadicArg(firstVariadic)};
        return linker.downcallHandle(lookup.findOrThrow(name), shape, options);
    }
}
