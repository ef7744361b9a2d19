package io.paillette.broker.feed;

import io.paillette.broker.store.StoreException;
import java.util.List;

/** Keeps the backfills that are asked for. Every call may block and throw {@link StoreException}. */
public interface BackfillStore {

    /** Those that have not ended, in the order in which they were asked for. */
    List<AskedBackfill> underWay();

    /** What has become of one, for people to see; one that has ended is under way no more. */
    void tell(long id, BackfillReport report);
}
