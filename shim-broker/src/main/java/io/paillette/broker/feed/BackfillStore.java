package io.paillette.broker.feed;

import io.paillette.broker.job.Times;
import io.paillette.broker.job.Wish;
import io.paillette.broker.store.StoreException;
import java.util.List;
import java.util.Optional;

/** Keeps the backfills that are asked for. Every call may block and throw {@link StoreException}. */
public interface BackfillStore {

    /** Those that have not ended, in the order in which they were asked for. */
    List<AskedBackfill> underWay();

    /** All, the newest first, at most {@code limit}. */
    List<KnownBackfill> newest(int limit);

    Optional<KnownBackfill> find(long id);

    /**
     * @param condition SQL over the table's columns; empty: every row
     * @param sequence  whose alone the rows are to be; empty: of every one that the table feeds
     * @return its number
     * @throws RefusedException when there is no such source, or it cannot be asked for
     */
    long ask(String source, String table, String condition, String sequence) throws RefusedException;

    /** @throws RefusedException when there is none of that number, or it has ended */
    void wish(long id, Wish wish) throws RefusedException;

    /** What has become of one, for people to see; one that has ended is under way no more. */
    void tell(long id, BackfillReport report);

    /** One as people see it. */
    record KnownBackfill(
            long id,
            String source,
            String table,
            String condition,
            String sequence,
            BackfillReport report,
            Times times) {}
}
