package io.paillette.benchmarks;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a run has started, ended in reverse order: at the end of the run, or by a shutdown hook when it is interrupted.
 * Thread-safe; everything is ended once.
 */
final class Scope implements AutoCloseable {

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final Thread onInterrupt = new Thread(this::end, "clean-up");

    Scope() {
        Runtime.getRuntime().addShutdownHook(onInterrupt);
    }

    synchronized <T extends AutoCloseable> T add(T resource) {
        started.push(resource);
        return resource;
    }

    @Override
    public void close() {
        end();
        if (Thread.currentThread() != onInterrupt) {
            try {
                Runtime.getRuntime().removeShutdownHook(onInterrupt);
            } catch (IllegalStateException e) {
                Say.note("interrupted: everything that was started is being ended");
            }
        }
    }

    private synchronized void end() {
        while (!started.isEmpty()) {
            AutoCloseable resource = started.pop();
            try {
                resource.close();
            } catch (Exception e) {
                // The others must still be ended.
                Say.note("not ended well: " + e);
            }
        }
    }
}
