package io.paillette.broker.feed;

/**
 * A sequence that is behind its source.
 *
 * @param place  the LSN up to which it has been told
 * @param reason why it has stopped, as a sentence; empty while it catches up, or waits for that
 */
public record StoppedSequence(String name, String place, String reason) {}
