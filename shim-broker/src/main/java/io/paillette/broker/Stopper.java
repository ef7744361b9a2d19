package io.paillette.broker;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes what was started, last first. A part that fails to close is logged and does not keep the others from closing. */
final class Stopper implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Stopper.class);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    synchronized <T extends AutoCloseable> T add(T part) {
        started.push(part);
        return part;
    }

    @Override
    public synchronized void close() {
        while (!started.isEmpty()) {
            AutoCloseable part = started.pop();
            try {
                part.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                log.warn("stopping {} was interrupted", part);
            } catch (Exception e) {
                log.error("{} did not close", part, e);
            }
        }
    }
}
