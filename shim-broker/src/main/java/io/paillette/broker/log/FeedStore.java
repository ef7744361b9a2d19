package io.paillette.broker.log;

import io.paillette.broker.store.StoreException;
import java.util.Optional;

/** Where feeds stand. Every call blocks until the store has answered, and throws {@link StoreException} when it does not. */
public interface FeedStore {

    /** Position of a source, as the last committed append left it; empty before the first one. */
    Optional<String> load(String source);

    /** Makes a broker the leader of a source, if its owner epoch is still {@code expectedEpoch}; answers the new one. */
    Optional<Integer> lead(String source, int brokerId, int expectedEpoch);

    /** Leaves a source without a leader, unless there is a newer one. */
    void release(String source, int ownerEpoch);

    /** Begins to feed: appends of earlier beginnings are refused from now on. Empty when another broker leads the source. */
    Optional<FeedClaim> claim(String source, int brokerId);

    /** Whether a transaction of that producer was aborted in any partition. */
    boolean isAborted(long producerId);

    record FeedClaim(Optional<String> position, long ownerEpoch) {}
}
