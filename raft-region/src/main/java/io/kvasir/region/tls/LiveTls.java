package io.kvasir.region.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of a node as it is now: new connections use the newest material, those that exist keep what they began with.
 * Material that cannot be read replaces nothing.
 *
 * <p>Connections ask for it on any thread and never wait. {@link #change} and {@link #refresh} read files and are
 * guarded by this object's monitor.
 */
public final class LiveTls {

    /** How often the files are looked at, milliseconds. */
    public static final long LOOK_MILLIS = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(LiveTls.class);

    private final boolean caNeeded;
    private volatile TlsMaterial material;

    /** What the files looked like when they were read last. Guarded by this. */
    private List<Stamp> stamps;

    /** A state of files that could not be used, of which the log has been told. Guarded by this. */
    private List<Stamp> refused = List.of();

    /** What tells that a file is another: time of its last change, size, and which file of the disk it is. */
    private record Stamp(String file, long changedNanos, long bytes, String identity) {}

    /**
     * Reads the files that {@code settings} name. Waits for the disk.
     *
     * @param caNeeded whether nodes are checked, so that a CA is needed whatever clients are asked for
     * @throws TlsException in one line, if TLS cannot be made of them
     */
    public LiveTls(TlsSettings settings, boolean caNeeded) throws TlsException {
        this.caNeeded = caNeeded;
        stamps = stamps(settings);
        material = TlsMaterial.read(settings, caNeeded);
    }

    /**
     * Uses {@code settings} from now on. Waits for the disk.
     *
     * @throws TlsException if TLS cannot be made of them; then nothing has changed
     */
    public synchronized void change(TlsSettings settings) throws TlsException {
        List<Stamp> seen = stamps(settings);
        material = TlsMaterial.read(settings, caNeeded);
        stamps = seen;
        LOG.info("TLS changed certificate={}", settings.certFile());
    }

    /**
     * Reads the files again if they have changed; returns whether what they hold is used now. Files that cannot be used
     * are told to the log once. Waits for the disk.
     */
    public synchronized boolean refresh() {
        TlsSettings settings = material.settings();
        List<Stamp> seen;
        try {
            seen = stamps(settings);
            if (seen.equals(stamps) || seen.equals(refused)) {
                return false;
            }
            material = TlsMaterial.read(settings, caNeeded);
        } catch (TlsException unusable) {
            refused = stampsOrNone(settings);
            LOG.error("the certificate's files have changed and cannot be used, the former stay in use", unusable);
            return false;
        }
        stamps = seen;
        refused = List.of();
        LOG.info("the certificate's files have changed, TLS uses them now certificate={}", settings.certFile());
        return true;
    }

    /** Returns what is in force. */
    public TlsSettings settings() {
        return material.settings();
    }

    /** Returns the server's end of a new connection with a client. */
    public SSLEngine serverEngine() {
        return material.serverEngine();
    }

    /** Returns what makes sockets to other servers, which are checked against the CA; it is of the material of now. */
    public SSLSocketFactory clientSockets() {
        return material.clientSockets();
    }

    TlsMaterial material() {
        return material;
    }

    private static List<Stamp> stampsOrNone(TlsSettings settings) {
        try {
            return stamps(settings);
        } catch (TlsException unreadable) {
            return List.of();
        }
    }

    private static List<Stamp> stamps(TlsSettings settings) throws TlsException {
        List<Stamp> all = new ArrayList<>();
        for (String file : List.of(settings.certFile(), settings.keyFile(), settings.caCertFile())) {
            if (!file.isEmpty()) {
                all.add(stamp(Path.of(file)));
            }
        }
        for (Path file : TlsMaterial.filesOf(settings.caCertDirectory())) {
            all.add(stamp(file));
        }
        return all;
    }

    private static Stamp stamp(Path file) {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(
                    file.toString(),
                    now.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS),
                    now.size(),
                    String.valueOf(now.fileKey()));
        } catch (IOException missing) {
            return new Stamp(file.toString(), 0, -1, "");
        }
    }
}
