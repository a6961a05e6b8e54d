package io.kvasir.gateway.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.gateway.type.Thresholds;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class ThresholdsTest {

    @Test
    void whatConfigSetsTravelsWithEachCommand() throws IOException {
        String ok = "+OK\r\n";
        String integers = "$6\r\nintset\r\n";
        String packed = "$8\r\nlistpack\r\n";
        String table = "$9\r\nhashtable\r\n";
        try (TestGateway gateway = new TestGateway(Runnable::run);
                RawClient client = gateway.connect()) {
            client.send("SADD a 1 2 3\r\nOBJECT ENCODING a\r\nCONFIG SET set-max-intset-entries 3\r\nSADD a 4\r\n"
                    + "OBJECT ENCODING a\r\nCONFIG SET set-max-listpack-entries 2\r\nSADD b x y\r\n"
                    + "OBJECT ENCODING b\r\nSADD b z\r\nOBJECT ENCODING b\r\n"
                    + "CONFIG SET hash-max-listpack-value 2\r\nHSET h f abc\r\nOBJECT ENCODING h\r\n"
                    + "CONFIG SET list-max-listpack-size 1\r\nRPUSH l a b\r\nOBJECT ENCODING l\r\n"
                    + "CONFIG SET hll-sparse-max-bytes 0\r\nPFADD p a\r\nPFDEBUG ENCODING p\r\n");
            String expected = ":3\r\n" + integers + ok + ":1\r\n" + table + ok + ":2\r\n" + packed + ":1\r\n" + table
                    + ok + ":1\r\n" + table + ok + ":2\r\n$9\r\nquicklist\r\n" + ok + ":1\r\n" + "+dense\r\n";
            assertEquals(expected, client.readLike(expected));
        }
    }

    @Test
    void thresholdsComeBack() {
        Thresholds some = new Thresholds(0, 1, 127, 128, Long.MAX_VALUE, 6, 7, 3_000, -5, 0, 1L << 40);
        assertEquals(some, Thresholds.decode(some.encode()));
        assertThrows(IllegalArgumentException.class, () -> Thresholds.decode(new byte[3]));
    }
}
