package io.kvasir.tools.kill;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One client that increments a key without end, whether each adds one, and the longest it waited. Run by one thread,
 * asked by another.
 */
final class KeySeries implements Runnable {

    private final int port;
    private final String key;
    private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean over;
    private long longestNanos;

    KeySeries(int port, String key) {
        this.port = port;
        this.key = key;
    }

    void end() {
        over = true;
    }

    List<String> errors() {
        return List.copyOf(errors);
    }

    /** Returns the longest wait since this was asked before, in ms. */
    synchronized long takeLongest() {
        long longest = longestNanos;
        longestNanos = 0;
        return longest / 1_000_000;
    }

    private synchronized void waited(long nanos) {
        longestNanos = Math.max(longestNanos, nanos);
    }

    @Override
    public void run() {
        try (Connection connection = Connection.open(port)) {
            long last = 0;
            while (!over) {
                long begin = System.nanoTime();
                Answer answer = connection.call("INCR", key);
                waited(System.nanoTime() - begin);
                if (!(answer instanceof Answer.Done done)) {
                    errors.add(answer.toString());
                } else if (done.number() != ++last) {
                    errors.add(last + " is " + done.number());
                    last = done.number();
                }
            }
        } catch (IOException lost) {
            errors.add(lost.toString());
        }
    }
}
