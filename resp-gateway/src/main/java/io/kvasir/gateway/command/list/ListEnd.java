package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.type.KeyspaceEvent;

/** An end of a list. */
enum ListEnd {
    LEFT(KeyspaceEvent.LPUSH, KeyspaceEvent.LPOP),
    RIGHT(KeyspaceEvent.RPUSH, KeyspaceEvent.RPOP);

    private final KeyspaceEvent pushed;
    private final KeyspaceEvent popped;

    ListEnd(KeyspaceEvent pushed, KeyspaceEvent popped) {
        this.pushed = pushed;
        this.popped = popped;
    }

    /**
     * Reads LEFT or RIGHT.
     *
     * @throws CommandError "ERR syntax error" if the next word is neither
     */
    static ListEnd parse(Arguments arguments) throws CommandError {
        if (arguments.accept("LEFT")) {
            return LEFT;
        }
        if (arguments.accept("RIGHT")) {
            return RIGHT;
        }
        throw CommandError.SYNTAX;
    }

    boolean isLeft() {
        return this == LEFT;
    }

    /** Returns the event of a push at this end. */
    KeyspaceEvent pushed() {
        return pushed;
    }

    /** Returns the event of a pop at this end. */
    KeyspaceEvent popped() {
        return popped;
    }
}
