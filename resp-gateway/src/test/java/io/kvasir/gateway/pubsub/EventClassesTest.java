package io.kvasir.gateway.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.type.KeyspaceEvent;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code notify-keyspace-events} means. */
final class EventClassesTest {

    @Test
    void allIsEveryClassButThatOfNewKeys() {
        EventClasses all = EventClasses.parse("AKE");
        assertTrue(all.byKey() && all.byEvent() && all.any());
        assertEquals(
                List.of(KeyspaceEvent.NEW),
                Arrays.stream(KeyspaceEvent.values())
                        .filter(event -> !all.has(event))
                        .toList());
    }

    @Test
    void nothingIsWantedWithoutAKindOfChannelOrWithoutAClass() {
        assertFalse(EventClasses.parse("").any());
        assertFalse(EventClasses.parse("g$").any());
        assertFalse(EventClasses.parse("KE").any());
        assertTrue(EventClasses.parse("xE").any());
        assertFalse(EventClasses.parse("xE").has(KeyspaceEvent.SET));
        assertTrue(EventClasses.parse("xE").has(KeyspaceEvent.EXPIRED));
    }
}
