package io.paillette.broker.feed;

import io.paillette.broker.feed.BackfillReport.State;
import io.paillette.broker.job.Wish;
import io.paillette.capture.Backfill;
import io.paillette.capture.TableName;

/**
 * A backfill as the store has it.
 *
 * @param begun whether a capture has begun it: how far it is is kept only as long as it is asked for
 * @param last  what was told of it last
 */
public record AskedBackfill(
        long id, String source, TableName table, String condition, Wish wish, boolean begun, BackfillReport last) {

    boolean isCancelled() {
        return wish == Wish.CANCEL;
    }

    /** While no capture knows it. */
    BackfillReport unknown() {
        return isCancelled() ? last.in(State.CANCELLED) : last;
    }

    Backfill toCapture() {
        return new Backfill(String.valueOf(id), table, condition, wish == Wish.PAUSE);
    }
}
