package io.kvasir.tools.fuzz;

import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Target;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.proto.reply.Reply;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A cluster as a target that has no single server's answers for: what it answers with TRYAGAIN, which had no effect, is
 * sent again for a while; an unknown outcome ends the script, which then proves nothing. Confined to one thread.
 */
public final class PatientTarget implements Target {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** So often a command is sent again at least, however long that takes: this machine may be paused meanwhile. */
    private static final int REPEATS_MIN = 3;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final RespTarget target;
    private long repeats;

    public PatientTarget(RespTarget target) {
        this.target = target;
    }

    /** The outcome of a command is not known: the two servers cannot be compared any more before they are emptied. */
    public static final class Undetermined extends Inconclusive {

        private static final long serialVersionUID = 1L;

        Undetermined(String message) {
            super(message);
        }
    }

    /** One of several commands sent in one piece was refused for the moment: those after it met another state. */
    public static final class Refused extends Inconclusive {

        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** Returns how often a command was sent again so far. */
    public long repeats() {
        return repeats;
    }

    @Override
    public String name() {
        return target.name();
    }

    @Override
    public Reply send(Words words) {
        long begin = System.nanoTime();
        for (int tries = 1; ; tries++) {
            Reply reply = target.send(words);
            if (!(reply instanceof Reply.Error(String text))) {
                return reply;
            }
            if (text.startsWith("UNDETERMINED")) {
                throw new Undetermined(words.name() + ": " + text);
            }
            if (text.startsWith("TRYAGAIN") && words.name().equals("EXEC")) {
                throw new Undetermined("EXEC, which cannot be sent again: " + text); // its MULTI is over
            }
            boolean patient = tries <= REPEATS_MIN || System.nanoTime() - begin <= PATIENCE_NANOS;
            if (!text.startsWith("TRYAGAIN") || !patient) {
                return reply;
            }
            repeats++;
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public List<Reply> sendAll(List<Words> all) {
        if (all.size() == 1) {
            return List.of(send(all.getFirst()));
        }
        List<Reply> replies = target.sendAll(all);
        for (int i = 0; i < replies.size(); i++) {
            Reply reply = replies.get(i);
            if (isError(reply, "UNDETERMINED")) {
                throw new Undetermined(all.get(i).name() + ": " + reply);
            }
            if (isError(reply, "TRYAGAIN")) {
                throw new Refused(all.get(i).name() + ": " + reply);
            }
        }
        return replies;
    }

    @Override
    public void reset(int protocol) {
        long begin = System.nanoTime();
        while (true) {
            Optional<String> error = target.tryReset(protocol);
            if (error.isEmpty()) {
                return;
            }
            boolean passing = error.get().startsWith("TRYAGAIN") || error.get().startsWith("UNDETERMINED");
            if (!passing || System.nanoTime() - begin > PATIENCE_NANOS) {
                throw new IllegalStateException(name() + " cannot be emptied: " + error.get());
            }
            repeats++;
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public void close() {
        target.close();
    }

    private static boolean isError(Reply reply, String code) {
        return reply instanceof Reply.Error(String text) && text.startsWith(code);
    }
}
