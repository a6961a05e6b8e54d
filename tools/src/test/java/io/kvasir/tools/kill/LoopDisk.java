package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A disk of its own for a node, whose power can be cut: an ext4 file system in a file, mounted through a loop device.
 * Needs root. Confined to one thread, but for {@link #detach}.
 *
 * <p>A cut is ext4's own shutdown (the ioctl EXT4_IOC_SHUTDOWN without a flush of its journal): from that instant
 * nothing more reaches the device, and every write and sync fails. What had not been synced is lost with the mount; the
 * next mount recovers the journal as after a real power cut. What had reached the device stays, so a device that loses
 * writes which it acknowledged is not imitated.
 */
final class LoopDisk implements AutoCloseable {

    private static final long BYTES = 3L << 30; // sparse
    private static final long COMMAND_SECONDS_MAX = 30;
    private static final long UNMOUNT_MILLIS_MAX = 10_000;

    /** _IOR('X', 125, __u32). */
    private static final long EXT4_IOC_SHUTDOWN = 0x8004587DL;

    /** EXT4_GOING_FLAGS_NOLOGFLUSH: not even the journal is flushed. */
    private static final int WITHOUT_FLUSH = 2;

    private final Path image;
    private final Path mount;
    private final Thread whenKilled = new Thread(this::detach);
    private boolean mounted;
    private volatile boolean stalled;

    /** Makes a disk at {@code folder}{@code /disk}; it is mounted. */
    LoopDisk(Path folder) throws IOException {
        image = Files.createDirectories(folder).resolve("image");
        mount = Files.createDirectories(folder.resolve("disk"));
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(BYTES);
        }
        require("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "nodiscard,lazy_itable_init=1", image.toString());
        Runtime.getRuntime().addShutdownHook(whenKilled);
        mount();
    }

    /** Returns why disks cannot be made and cut here; empty if they can. Tries it below {@code folder}. */
    static Optional<String> whyNot(Path folder) {
        try (LoopDisk disk = new LoopDisk(folder)) {
            disk.cut();
            disk.restore();
            return Optional.empty();
        } catch (IOException | AssertionError refused) {
            return Optional.of("no disk whose power could be cut: "
                    + String.valueOf(refused.getMessage()).replace('\n', ' '));
        }
    }

    /** Returns its folder. */
    Path folder() {
        return mount;
    }

    /** Cuts the power of the disk: nothing more is written. */
    @SuppressWarnings("restricted")
    void cut() {
        try (Arena arena = Arena.ofConfined()) {
            Linker linker = Linker.nativeLinker();
            SymbolLookup library = linker.defaultLookup();
            MethodHandle open = linker.downcallHandle(
                    library.findOrThrow("open"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    Linker.Option.firstVariadicArg(2));
            MethodHandle ioctl = linker.downcallHandle(
                    library.findOrThrow("ioctl"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                    Linker.Option.firstVariadicArg(2));
            MethodHandle close = linker.downcallHandle(
                    library.findOrThrow("close"), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            MemorySegment flags = arena.allocateFrom(ValueLayout.JAVA_INT, WITHOUT_FLUSH);
            int descriptor = (int) open.invokeExact(arena.allocateFrom(mount.toString()), 0);
            int result = (int) ioctl.invokeExact(descriptor, EXT4_IOC_SHUTDOWN, flags);
            int closed = (int) close.invokeExact(descriptor);
            if (descriptor < 0 || result != 0 || closed != 0) {
                fail("the power of " + mount + " cannot be cut: open " + descriptor + ", ioctl " + result);
            }
        } catch (Throwable failed) {
            fail("the power of " + mount + " cannot be cut", failed);
        }
    }

    /** Lets every write and sync hang until {@link #goOn}; reads of what is cached go on. */
    void stall() {
        require("fsfreeze", "--freeze", mount.toString());
        stalled = true;
    }

    /** What hangs goes on. */
    void goOn() {
        require("fsfreeze", "--unfreeze", mount.toString());
        stalled = false;
    }

    /** Mounts it anew after a cut, once nothing has a file open there any more. */
    void restore() {
        StringBuilder why = new StringBuilder();
        if (!Pause.until(UNMOUNT_MILLIS_MAX, () -> run(why, "umount", mount.toString()))) {
            fail(mount + " cannot be unmounted: " + why);
        }
        mounted = false;
        mount();
    }

    private void mount() {
        require("mount", "-o", "loop", image.toString(), mount.toString());
        mounted = true;
    }

    /** Unmounts it; what is still open there keeps it alive until it is closed. */
    private void detach() {
        if (stalled) {
            run(new StringBuilder(), "fsfreeze", "--unfreeze", mount.toString());
        }
        run(new StringBuilder(), "umount", "-l", mount.toString());
    }

    @Override
    public void close() throws IOException {
        if (mounted) {
            detach();
        }
        Runtime.getRuntime().removeShutdownHook(whenKilled);
        Files.delete(image);
    }

    private static void require(String... command) {
        StringBuilder said = new StringBuilder();
        if (!run(said, command)) {
            fail(String.join(" ", command) + ": " + said);
        }
    }

    /** Runs {@code command}; returns whether it succeeds, and in {@code said} what it says. */
    private static boolean run(StringBuilder said, String... command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
            builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
            Process process = builder.start();
            said.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            return process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException | InterruptedException failed) {
            said.append(failed);
            return false;
        }
    }
}
