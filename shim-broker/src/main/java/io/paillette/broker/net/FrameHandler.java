package io.paillette.broker.net;

/** What is behind the sockets. */
@FunctionalInterface
public interface FrameHandler {

    /**
     * Runs on a processor thread and must not block. Answers through {@code reply}, now or later, exactly once.
     *
     * @throws RuntimeException when the frame makes no sense: its connection is closed, and only that
     */
    void handle(Frame frame, Reply reply);
}
