package io.kvasir.region;

import io.kvasir.proto.reply.Reply;
import java.util.List;

/**
 * An invocation whose answer may have to wait for data. It answers {@link Reply.Null} if what it asks for is not there;
 * who sent it then decides whether that is the answer, or whether it waits until another command has written one of its
 * keys (rule K31). While it waits it is run again, key by key, right after each command that wrote one.
 *
 * <p>Immutable, as every invocation.
 */
public interface Awaiting extends Invocation {

    /** Returns those of its user keys that may hold what it waits for; at least one. */
    List<byte[]> awaitedKeys();

    /**
     * Returns this invocation as it is run once it has waited and {@code userKey}, one of {@link #awaitedKeys}, was
     * written: it looks for what it asks for at that key alone, and answers {@link Reply.Null} to wait on.
     */
    Invocation servedBy(byte[] userKey);

    /**
     * Returns this invocation with other arguments, which stand for the moment at which it first ran: it answered them
     * then, as a {@link Reply.Push}, in place of null. Other invocations have no such arguments.
     */
    default Awaiting settled(byte[][] arguments) {
        throw new IllegalStateException("nothing to settle");
    }

    /**
     * Returns what it waits for: of two invocations that wait for the same at a key, neither finds it there if the
     * other has not. Empty if it is like no other.
     */
    String awaited();
}
