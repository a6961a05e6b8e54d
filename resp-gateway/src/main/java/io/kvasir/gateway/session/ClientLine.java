package io.kvasir.gateway.session;

import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.pubsub.Topic;
import io.kvasir.gateway.tracking.TrackingMode;
import java.util.concurrent.TimeUnit;

/** One client as a line of CLIENT LIST (redis networking.c, catClientInfoString). Stateless. */
final class ClientLine {

    private ClientLine() {}

    static String of(Session session, long nowNanos) {
        CommandSpec last = session.lastCommand();
        long output = session.outputBytes();
        TrackingMode mode = session.tracker().mode();
        return "id=" + session.id()
                + " addr=" + session.address()
                + " laddr=" + session.localAddress()
                + " fd=" + session.descriptor()
                + " name=" + session.name()
                + " age=" + seconds(nowNanos - session.createdNanos())
                + " idle=" + seconds(nowNanos - session.activeNanos())
                + " flags=" + flags(session)
                + " db=" + session.database()
                + " sub=" + session.subscriber().count(Topic.CHANNEL)
                + " psub=" + session.subscriber().count(Topic.PATTERN)
                + " ssub=" + session.subscriber().count(Topic.SHARD)
                + " multi=" + session.multiSize()
                + " qbuf=" + session.queryBytes()
                + " qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0"
                + " oll=" + (output == 0 ? 0 : 1)
                + " omem=" + output
                + " tot-mem=" + (session.queryBytes() + output)
                + " events=" + (output == 0 ? "r" : "rw")
                + " cmd=" + (last == null ? "NULL" : last.replyName())
                + " user=" + session.userName()
                + " redir=" + (mode == null ? -1 : mode.redirect())
                + " resp=" + (session.resp3() ? 3 : 2)
                + " lib-name=" + session.libraryName()
                + " lib-ver=" + session.libraryVersion();
    }

    private static String flags(Session session) {
        TrackingMode mode = session.tracker().mode();
        String flags = (session.monitors() ? "O" : "")
                + (session.subscriber().isActive() ? "P" : "")
                + (session.multiSize() >= 0 ? "x" : "")
                + (session.blocked() ? "b" : "")
                + (mode == null ? "" : "t")
                + (session.tracker().isRedirectionBroken() ? "R" : "")
                + (mode != null && mode.broadcast() ? "B" : "")
                + (session.ending() ? "c" : "")
                + (session.noEvict() ? "e" : "")
                + (session.noTouch() ? "T" : "");
        return flags.isEmpty() ? "N" : flags;
    }

    private static long seconds(long nanos) {
        return Math.max(0, TimeUnit.NANOSECONDS.toSeconds(nanos));
    }
}
