package io.kvasir.region.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys as <code>openssl</code> 3.0 wrote them for this test: no others use them. */
final class PrivateKeysTest {

    private static final String EC_SEC1 = """
            -----BEGIN EC PARAMETERS-----
            BggqhkjOPQMBBw==
            -----END EC PARAMETERS-----
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIA3EeitMGRf2d+7nhDdRWdx+uVku4vOwjP37r7ecf3oSoAoGCCqGSM49
            AwEHoUQDQgAEPsB+YnsueywvwgmmHR/ymqgpkQIqelRvT/rr40xm2hW5KDJ8QPTx
            024NGKDOTe+68XUhJVA+GDlIYxD7c1oUQA==
            -----END EC PRIVATE KEY-----
            """;
    private static final String EC_PKCS8 = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDcR6K0wZF/Z37ueE
            N1FZ3H65WS7i87CM/fuvt5x/ehKhRANCAAQ+wH5iey57LC/CCaYdH/KaqCmRAip6
            VG9P+uvjTGbaFbkoMnxA9PHTbg0YoM5N77rxdSElUD4YOUhjEPtzWhRA
            -----END PRIVATE KEY-----
            """;
    private static final String EC_ENCRYPTED = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAitSR1+uV5ibgICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGfqTNlX2vwZtOK7s0AW1DQEgZAd
            X5qbyRS3HKobE3dmlyq/FIMYLG81nK1pAWDK8U1NEFXuw2divrAyPxJ2JLPGRxOE
            wlO2r8vOB4VvhJYQgE3Uvm8x3zLpH/+4P6u2zogpHHWzOCUzg6jHj1NLKIERmRK6
            G3Vd4psAL3Z6DT7NiBUIQnt/fYMkEKuG+Io5I062/XWJPYILa7vBSjNLQjiWQ44=
            -----END ENCRYPTED PRIVATE KEY-----
            """;
    private static final String RSA_PKCS1 = """
            -----BEGIN RSA PRIVATE KEY-----
            MIICXAIBAAKBgQC265L9aJL38NGlWlUDx3Bnj6ujchGwHV2j4BIV8XlGvwyAsCmr
            J6nDxsdy4R5kWDhJ8QZLOc9P3Uy0Y70HeBCksaWhigl9kqK3X50aCh1VpyGS8OmZ
            QvYaYjmdj32YlVqb+mZo7rbDnvtBzx43ICKWY3BkljryMQ9RNGGI1xdHTQIDAQAB
            AoGACyUVQp1RfwvMKi/zyBQptBWb1oyHqVxQrUBkubOJuRbA00Jod4YmIMiGtGgk
            6uY5H8Awqvqtt+b62m7NQJw/Hz8zyuJCvx1eo2toUBClN6OMTya/SDPIkDYuXs7+
            pbUD2Lqpws7frome6fjw+dpVXxioPqbjAAqZbwobuZ/n6oECQQDwXNd1VbEG5iss
            6COv8xapD1ZjvOZ2YtQ/UbzxsOdAwAUnEnFkkA9dqIzUYspwORpNogg750npHpQ+
            QS7EeM/tAkEAwtIMTiuqLJwe0dm7f/keLpuFH3Nq3G0QPAAcy1qn/eOAShiycztS
            ZosWcHIHf46cNBv7FhHRmE5+SgAOcamo4QJACNPwGeAe01kKxuhzvxeXgngMvTcH
            49s3Xmf7H4lWxPsIdWno/j+IQPFa0sYaF0sRmz5TPRf+j/BOk4bDV/Xz9QJBAKuW
            BoJ+0LXTlw1qgEqZJa0VCm2F4PNdF3RRAQtVwCnLynz4PYtiDxQDonLM66+78fWv
            QzjP3tMPJwmT/SS8seECQCxjAdIHR4yA7aD9GwcbfyRunhikYeiw7Uj2IV1sVr0K
            mlyfkLx1Vse76uILhTqUBt2JrMjete6UBxIfzzFi5P8=
            -----END RSA PRIVATE KEY-----
            """;

    @TempDir
    private Path folder;

    @Test
    void anEllipticKeyIsTheSameInEachOfItsForms() throws IOException {
        ECPrivateKey key = (ECPrivateKey) read(EC_PKCS8, "");
        for (PrivateKey other : List.of(read(EC_SEC1, ""), read(EC_ENCRYPTED, "geheim"))) {
            assertEquals(key.getS(), ((ECPrivateKey) other).getS());
            assertEquals(
                    key.getParams().getOrder(),
                    ((ECPrivateKey) other).getParams().getOrder());
        }
    }

    @Test
    void aKeyOfPkcs1IsRead() throws IOException {
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) read(RSA_PKCS1, "");
        assertEquals(1024, key.getModulus().bitLength());
        assertEquals(65_537, key.getPublicExponent().intValueExact());
        assertEquals(key.getModulus(), key.getPrimeP().multiply(key.getPrimeQ()));
    }

    @Test
    void whatCannotBeOpenedIsSaid() {
        assertEquals("is encrypted, and tls-key-file-pass is not set", refusal(EC_ENCRYPTED, ""));
        assertEquals("cannot be opened with tls-key-file-pass", refusal(EC_ENCRYPTED, "falsch"));
        assertEquals("holds no private key in PEM form", refusal("nothing", ""));
        assertEquals(
                "holds a damaged private key",
                refusal("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n", ""));
        assertEquals(
                "is encrypted in OpenSSL's old form; convert it with openssl pkcs8 -topk8",
                refusal(
                        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
                        ""));
    }

    private String refusal(String pem, String password) {
        return assertThrows(TlsException.class, () -> read(pem, password)).getMessage();
    }

    private PrivateKey read(String pem, String password) throws IOException {
        Path file = Files.writeString(folder.resolve("key.pem"), pem);
        return PrivateKeys.of(PemFile.read(file), password);
    }
}
