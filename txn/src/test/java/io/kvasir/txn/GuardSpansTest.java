package io.kvasir.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.region.KeySpan;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a transaction has looked through, as the ranges are asked to lock it. */
class GuardSpansTest {

    private static final byte[] NONE = {};
    private static final RegionDescriptor ALL = region(NONE, NONE);

    private final GuardSpans spans = new GuardSpans();

    @Test
    void partsThatMeetAreOne() {
        spans.add(bytes(1), bytes(2));
        spans.add(bytes(5), bytes(6));
        spans.add(bytes(2), bytes(3));
        assertEquals(List.of("01-03", "05-06"), within(ALL));
        spans.add(bytes(3), bytes(5));
        assertEquals(List.of("01-06"), within(ALL));
        spans.add(bytes(6), bytes(6));
        assertEquals(List.of("01-06"), within(ALL));
        spans.add(bytes(0), NONE);
        assertEquals(List.of("00-"), within(ALL));
    }

    @Test
    void theyAreCutAtTheBoundsOfARegion() {
        spans.add(bytes(1), bytes(5));
        spans.add(bytes(7), NONE);
        assertEquals(List.of("01-02"), within(region(NONE, bytes(2))));
        assertEquals(List.of("02-05"), within(region(bytes(2), bytes(6))));
        assertEquals(List.of(), within(region(bytes(5), bytes(7))));
        assertEquals(List.of("07-08"), within(region(bytes(6), bytes(8))));
        assertEquals(List.of("08-"), within(region(bytes(8), NONE)));
    }

    @Test
    void aKeyOfWhichOneRecordWasSeenIsInThemWhole() {
        byte[] stem = KeyLayout.stem(0, bytes('k'));
        byte[] root = KeyLayout.rootOfStem(stem);
        spans.add(root, KeyLayout.after(root));
        assertEquals(List.of(hex(stem) + "-" + hex(KeyLayout.stemEnd(stem))), within(ALL));
    }

    @Test
    void manyPartsAreOneFromTheFirstToTheLast() {
        for (int i = 0; i <= GuardSpans.OF_RANGE_MAX; i++) {
            spans.add(bytes(3 * i), bytes(3 * i + 1));
        }
        assertEquals(List.of("00-31"), within(ALL));
        assertEquals(2, within(region(bytes(3), bytes(9))).size());
    }

    private List<String> within(RegionDescriptor region) {
        List<String> found = new ArrayList<>();
        for (KeySpan span : spans.within(region)) {
            found.add(hex(span.from()) + "-" + hex(span.to()));
        }
        return found;
    }

    private static RegionDescriptor region(byte[] start, byte[] end) {
        return new RegionDescriptor(
                new RegionId(1), start, end, Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1)));
    }

    private static byte[] bytes(int value) {
        return new byte[] {(byte) value};
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
