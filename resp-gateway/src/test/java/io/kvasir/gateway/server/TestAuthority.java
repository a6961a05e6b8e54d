package io.kvasir.gateway.server;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate authority for tests: a key of its own, and certificates (RFC 5280, version 3, ECDSA over P-256) that it
 * signs, valid from 2020 to 2049.
 */
public final class TestAuthority {

    private static final byte[] ECDSA_SHA256 = hex("300a06082a8648ce3d040302");
    private static final byte[] COMMON_NAME = hex("0603550403");
    private static final byte[] IS_CA = hex("300f0603551d130101ff040530030101ff");
    private static final byte[] VERSION_3 = hex("a003020102");

    private final String name;
    private final KeyPair keys = newKeys();
    private final Certificate certificate;
    private int serial;

    /** A certificate with its key. */
    public record Issued(Certificate certificate, PrivateKey key) {}

    public TestAuthority(String name) {
        this.name = name;
        this.certificate = sign(name, keys, true);
    }

    /** Returns a certificate for {@code commonName}. */
    public Issued issue(String commonName) {
        KeyPair fresh = newKeys();
        return new Issued(sign(commonName, fresh, false), fresh.getPrivate());
    }

    /** Writes the authority's own certificate. */
    public Path write(Path file) throws IOException {
        return Files.writeString(file, pem("CERTIFICATE", encoded(certificate)));
    }

    /** Writes {@code issued} as {@code folder/NAME.crt} and {@code folder/NAME.key}. */
    public static void write(Issued issued, Path folder, String name) throws IOException {
        Files.writeString(folder.resolve(name + ".crt"), pem("CERTIFICATE", encoded(issued.certificate)));
        Files.writeString(folder.resolve(name + ".key"), pem("PRIVATE KEY", issued.key.getEncoded()));
    }

    /** Returns what a client trusts that knows this authority, and shows {@code own} certificates if there are any. */
    public SSLContext client(Issued... own) {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", certificate);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            KeyStore shown = KeyStore.getInstance("PKCS12");
            shown.load(null, null);
            for (Issued each : own) {
                shown.setKeyEntry("own", each.key, new char[0], new Certificate[] {each.certificate});
            }
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
            keyManagers.init(shown, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private Certificate sign(String subject, KeyPair of, boolean ca) {
        serial++;
        byte[] extensions = ca ? element(0xa3, element(0x30, IS_CA)) : new byte[0];
        byte[] body = element(
                0x30,
                VERSION_3,
                element(0x02, new byte[] {(byte) serial}),
                ECDSA_SHA256,
                distinguished(name),
                element(0x30, time("200101000000Z"), time("491231235959Z")),
                distinguished(subject),
                of.getPublic().getEncoded(),
                extensions);
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(keys.getPrivate());
            signer.update(body);
            byte[] whole = element(0x30, body, ECDSA_SHA256, element(0x03, new byte[] {0}, signer.sign()));
            return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private static byte[] distinguished(String commonName) {
        byte[] text = element(0x0c, commonName.getBytes(StandardCharsets.UTF_8));
        return element(0x30, element(0x31, element(0x30, COMMON_NAME, text)));
    }

    private static byte[] time(String text) {
        return element(0x17, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] element(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.size() >= 0x80) {
            out.write(content.size() >= 0x100 ? 0x82 : 0x81);
        }
        if (content.size() >= 0x100) {
            out.write(content.size() >> 8);
        }
        out.write(content.size());
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private static byte[] encoded(Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private static String pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    private static byte[] hex(String digits) {
        return java.util.HexFormat.of().parseHex(digits);
    }
}
