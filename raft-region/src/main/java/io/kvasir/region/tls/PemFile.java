package io.kvasir.region.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands in a file of PEM blocks (RFC 7468).
 *
 * @param path where it was read
 * @param blocks in their order
 */
record PemFile(Path path, List<Block> blocks) {

    /** More than any file of certificates that this is meant for. */
    static final int BYTES_MAX = 4 << 20;

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----\\s([^-]*)-----END \\1-----", Pattern.DOTALL);

    /**
     * @param label such as "CERTIFICATE"
     * @param der the bytes between its lines
     */
    record Block(String label, byte[] der) {}

    /**
     * Reads {@code path}.
     *
     * @throws TlsException if it cannot be read, in one line without its name
     */
    static PemFile read(Path path) throws TlsException {
        String text;
        try {
            if (Files.isDirectory(path)) {
                throw new TlsException("is a directory");
            }
            if (Files.size(path) > BYTES_MAX) {
                throw new TlsException("is larger than " + BYTES_MAX + " bytes");
            }
            text = Files.readString(path, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException missing) {
            throw new TlsException("there is no such file");
        } catch (AccessDeniedException denied) {
            throw new TlsException("may not be read by this process");
        } catch (TlsException refused) {
            throw refused;
        } catch (IOException failed) {
            throw new TlsException("cannot be read (" + failed.getMessage() + ")");
        }
        if (text.contains("Proc-Type: 4,ENCRYPTED")) {
            throw new TlsException("is encrypted in OpenSSL's old form; convert it with openssl pkcs8 -topk8");
        }
        List<Block> blocks = new ArrayList<>();
        Matcher found = BLOCK.matcher(text);
        while (found.find()) {
            blocks.add(new Block(found.group(1), decode(found.group(2))));
        }
        return new PemFile(path, blocks);
    }

    private static byte[] decode(String body) throws TlsException {
        try {
            return Base64.getMimeDecoder().decode(body);
        } catch (IllegalArgumentException damaged) {
            throw new TlsException("holds a damaged PEM block");
        }
    }

    /**
     * Returns its certificates, at least one.
     *
     * @throws TlsException if there is none, or a damaged one
     */
    List<X509Certificate> certificates() throws TlsException {
        List<X509Certificate> found = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Block block : blocks) {
                if (block.label.equals("CERTIFICATE") || block.label.equals("TRUSTED CERTIFICATE")) {
                    found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der)));
                }
            }
        } catch (CertificateException damaged) {
            throw new TlsException("holds a damaged certificate");
        }
        if (found.isEmpty()) {
            throw new TlsException("holds no certificate in PEM form");
        }
        return found;
    }
}
