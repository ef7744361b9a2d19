package io.paillette.broker.log;

import io.paillette.broker.store.StoreException;
import java.util.Optional;

/** Where feeds stand. Every call blocks until the store has answered, and throws {@link StoreException} when it does not. */
public interface FeedStore {

    /** Position of a source, as the last committed append left it; empty before the first one. */
    Optional<String> load(String source);

    /** Takes the source over: from now on appends of older owners are refused. */
    FeedClaim claim(String source);

    record FeedClaim(Optional<String> position, long ownerEpoch) {}
}
