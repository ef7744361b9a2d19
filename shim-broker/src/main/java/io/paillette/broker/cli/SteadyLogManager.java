package io.paillette.broker.cli;

import java.util.logging.LogManager;

/**
 * Keeps its handlers until the very end. Java's own closes them in a shutdown hook, beside ours: what happens while the
 * broker drains would go unsaid. Chosen by the system property {@code java.util.logging.manager}.
 */
public final class SteadyLogManager extends LogManager {

    @Override
    public void reset() {
        // Nobody here reads a logging configuration twice, and the console needs no closing.
    }
}
