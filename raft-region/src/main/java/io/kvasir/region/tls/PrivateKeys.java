package io.kvasir.region.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Reads a private key in any of the forms in which OpenSSL writes one: PKCS #8 (RFC 5958), plain or encrypted, PKCS #1
 * (RFC 8017) and SEC 1 (RFC 5915). Java reads PKCS #8 alone; the others are put into its envelope. Stateless.
 */
final class PrivateKeys {

    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final byte[] RSA_ALGORITHM = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };
    private static final byte[] EC_ALGORITHM = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int EC_PARAMETERS = 0xa0;

    /** Kinds of key, in the order in which they are tried. */
    private static final List<String> KINDS = List.of("RSA", "EC", "EdDSA");

    private PrivateKeys() {}

    /**
     * Returns the first private key of {@code file}.
     *
     * @throws TlsException if there is none, or it cannot be opened
     */
    static PrivateKey of(PemFile file, String password) throws TlsException {
        for (PemFile.Block block : file.blocks()) {
            switch (block.label()) {
                case "PRIVATE KEY" -> {
                    return parse(block.der());
                }
                case "ENCRYPTED PRIVATE KEY" -> {
                    return parse(decrypted(block.der(), password));
                }
                case "RSA PRIVATE KEY" -> {
                    return parse(envelope(RSA_ALGORITHM, block.der()));
                }
                case "EC PRIVATE KEY" -> {
                    return parse(envelope(ecAlgorithm(block.der()), block.der()));
                }
                default -> {} // certificates and parameters may stand in the same file
            }
        }
        throw new TlsException("holds no private key in PEM form");
    }

    private static PrivateKey parse(byte[] pkcs8) throws TlsException {
        for (String kind : KINDS) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException another) {
                continue;
            }
        }
        throw new TlsException("holds a private key that is damaged or of an unknown kind");
    }

    private static byte[] decrypted(byte[] der, String password) throws TlsException {
        if (password.isEmpty()) {
            throw new TlsException("is encrypted, and tls-key-file-pass is not set");
        }
        try {
            EncryptedPrivateKeyInfo sealed = new EncryptedPrivateKeyInfo(der);
            String algorithm = sealed.getAlgParameters() == null
                    ? sealed.getAlgName()
                    : sealed.getAlgParameters().toString();
            PBEKeySpec spec = new PBEKeySpec(password.toCharArray());
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(spec),
                    sealed.getAlgParameters());
            return sealed.getKeySpec(cipher).getEncoded();
        } catch (GeneralSecurityException | IOException wrong) {
            throw new TlsException("cannot be opened with tls-key-file-pass");
        }
    }

    /** Returns a PKCS #8 key: version, algorithm, the key's own form as octets. */
    private static byte[] envelope(byte[] algorithm, byte[] key) {
        return element(SEQUENCE, joined(VERSION_0, algorithm, element(OCTETS, key)));
    }

    /** Returns the algorithm of an elliptic key with the curve that its own form names. */
    private static byte[] ecAlgorithm(byte[] sec1) throws TlsException {
        try {
            int at = content(sec1, 0); // into the sequence
            at = end(sec1, at); // the version
            at = end(sec1, at); // the key
            if ((sec1[at] & 0xff) == EC_PARAMETERS) {
                int from = content(sec1, at);
                byte[] curve = java.util.Arrays.copyOfRange(sec1, from, end(sec1, at));
                return element(SEQUENCE, joined(EC_ALGORITHM, curve));
            }
        } catch (IndexOutOfBoundsException damaged) {
            throw new TlsException("holds a damaged private key");
        }
        throw new TlsException("holds an elliptic key that does not name its curve");
    }

    /** Returns where the content of the element at {@code at} begins. */
    private static int content(byte[] der, int at) {
        int length = der[at + 1] & 0xff;
        return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
    }

    /** Returns where the element at {@code at} ends. */
    private static int end(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        int length = first < 0x80 ? first : 0;
        for (int i = at + 2; first >= 0x80 && i < content(der, at); i++) {
            length = length << 8 | der[i] & 0xff;
        }
        return content(der, at) + length;
    }

    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(content.length) + 7) / 8;
            out.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                out.write(content.length >> 8 * i);
            }
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
