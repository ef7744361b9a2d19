package io.paillette.broker.feed;

import io.paillette.broker.feed.BackfillReport.State;
import io.paillette.broker.job.Wish;
import io.paillette.capture.Backfill;
import io.paillette.capture.TableName;

/**
 * A backfill as the store has it.
 *
 * @param sequence whose alone the rows are; empty: of every sequence that the table feeds
 * @param reason why it is cancelled, where nobody has asked for that; else empty
 * @param begun whether a capture has begun it: how far it is is kept only as long as it is asked for
 * @param last what was told of it last
 */
public record AskedBackfill(
        long id,
        String source,
        TableName table,
        String condition,
        String sequence,
        Wish wish,
        String reason,
        boolean begun,
        BackfillReport last) {

    boolean isCancelled() {
        return wish == Wish.CANCEL;
    }

    /** While no capture knows it. */
    BackfillReport unknown() {
        return isCancelled() ? last.ended(State.CANCELLED, reason) : last;
    }

    Backfill toCapture() {
        return new Backfill(String.valueOf(id), table, condition, sequence, wish == Wish.PAUSE);
    }
}
