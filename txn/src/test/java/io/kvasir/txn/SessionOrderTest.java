package io.kvasir.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule K29: the order of one connection's commands over several ranges. */
final class SessionOrderTest {

    private final SessionOrder order = new SessionOrder();
    private final List<String> started = new ArrayList<>();

    /** A command of one range, which ends when the test says so. */
    private void single(String name) {
        order.inOrder(() -> {
            order.issue();
            started.add(name);
        });
    }

    /** A command that spans ranges. */
    private void spanning(String name) {
        order.alone(() -> started.add(name));
    }

    @Test
    void commandsOfOneRangeEachDoNotWaitForEachOther() {
        single("a");
        single("b");
        assertEquals(List.of("a", "b"), started);
        assertFalse(order.isIdle());
        order.ended();
        order.ended();
        assertTrue(order.isIdle());
    }

    @Test
    void k29ACommandThatSpansRangesStartsWhenAllBeforeItHaveEnded() {
        single("a");
        single("b");
        spanning("all");
        assertEquals(List.of("a", "b"), started);
        order.ended();
        assertEquals(List.of("a", "b"), started);
        order.ended();
        assertEquals(List.of("a", "b", "all"), started);
    }

    @Test
    void k29WhatComesAfterACommandThatSpansRangesStartsWhenItHasEnded() {
        spanning("all");
        single("c");
        single("d");
        spanning("again");
        single("e");
        assertEquals(List.of("all"), started);
        assertFalse(order.isIdle());
        order.aloneEnded();
        assertEquals(List.of("all", "c", "d"), started);
        order.ended();
        order.ended();
        assertEquals(List.of("all", "c", "d", "again"), started);
        order.aloneEnded();
        assertEquals(List.of("all", "c", "d", "again", "e"), started);
        order.ended();
        assertTrue(order.isIdle());
    }
}
