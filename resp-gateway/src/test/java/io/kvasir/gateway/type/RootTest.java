package io.kvasir.gateway.type;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.proto.key.Version;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The vectors stand in docs/keyspace-root.md too. */
final class RootTest {

    @Test
    void recordsAreTheBytesThatTheSpecificationSays() {
        check("0101 02 6869", Root.inline(RootType.STRING, 0, 2, new byte[] {'h', 'i'}));
        check("0101 00", Root.inline(RootType.STRING, 0, 0, new byte[0]));
        check("0111 80d886b6ed31 01 78", Root.inline(RootType.STRING, 1_713_000_000_512L, 1, new byte[] {'x'}));
        check(
                "0121 00000000000f4240 00000007 d00f",
                new Root(RootType.STRING, 0, new Version(1_000_000, 7), 2_000, new byte[0]));
        check(
                "0135 01 0000000000000001 00000000 ac02 ff",
                new Root(RootType.HASH, 1, new Version(1, 0), 300, new byte[] {-1}));
    }

    @Test
    void whatIsNoRootRecordOfThisFormatIsRefused() {
        for (String hex : new String[] {
            "", "01", "0101", "0201 00", "0141 00", "0100 00", "010f 00", "0111", "0121 0000", "0101 80", "0101 8000"
        }) {
            assertThrows(IllegalArgumentException.class, () -> Root.decode(bytes(hex)), hex);
        }
    }

    @Test
    void varintsOfEverySizeAreReadBack() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 2_000; i++) {
            long value = random.nextLong() >>> random.nextInt(64);
            byte[] bytes = new byte[Varint.BYTES_MAX + 1];
            int end = Varint.write(bytes, 1, value);
            assertEquals(Varint.size(value), end - 1);
            assertEquals(value, Varint.read(bytes, 1));
        }
    }

    private static void check(String hex, Root root) {
        byte[] expected = bytes(hex);
        assertArrayEquals(expected, root.encode(), () -> HexFormat.of().formatHex(root.encode()));
        Root read = Root.decode(expected);
        assertEquals(root.type(), read.type());
        assertEquals(root.expiryMillis(), read.expiryMillis());
        assertEquals(root.generation(), read.generation());
        assertEquals(root.count(), read.count());
        assertArrayEquals(root.payload(), read.payload());
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
