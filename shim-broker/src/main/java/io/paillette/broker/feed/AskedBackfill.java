package io.paillette.broker.feed;

import io.paillette.capture.Backfill;
import io.paillette.capture.TableName;

/**
 * A backfill as the store has it.
 *
 * @param last what was told of it last
 */
public record AskedBackfill(long id, String source, TableName table, String condition, Wish wish, BackfillReport last) {

    /** What is to become of it. */
    public enum Wish {
        RUN,
        PAUSE,
        CANCEL
    }

    boolean isCancelled() {
        return wish == Wish.CANCEL;
    }

    boolean hasBegun() {
        return last.state() == BackfillReport.State.RUNNING || last.rows() > 0;
    }

    Backfill toCapture() {
        return new Backfill(String.valueOf(id), table, condition, wish == Wish.PAUSE);
    }
}
