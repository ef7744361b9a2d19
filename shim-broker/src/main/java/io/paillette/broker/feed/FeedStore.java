package io.paillette.broker.feed;

import java.util.Optional;

/** Keeps, per source, its position and who may move it. */
public interface FeedStore {

    /**
     * Becomes the owner of a source: whoever owned it before is fenced. Blocks.
     *
     * @throws org.apache.kafka.common.errors.RetriableException when the store cannot be reached
     */
    Claim claim(String source);

    /** @param position as last committed, or empty when the source was never captured */
    record Claim(long ownerEpoch, Optional<String> position) {}
}
