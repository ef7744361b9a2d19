package io.paillette.broker.feed;

import io.paillette.capture.BackfillProgress;

/**
 * How far a backfill is.
 *
 * @param fault why it failed, or what it waits for; else empty
 * @param rows  that were told, of {@code bytes} and out of {@code estimatedRows} as Postgres estimates
 */
public record BackfillReport(State state, String fault, long rows, long bytes, long estimatedRows) {

    public enum State {
        WAITING,
        RUNNING,
        PAUSED,
        DONE,
        FAILED,
        CANCELLED;

        public boolean isEnd() {
            return this == DONE || this == FAILED || this == CANCELLED;
        }
    }

    static BackfillReport of(BackfillProgress progress) {
        return new BackfillReport(
                state(progress), progress.fault(), progress.rows(), progress.bytes(), progress.estimatedRows());
    }

    private static State state(BackfillProgress progress) {
        boolean paused = progress.asked().paused();
        return switch (progress.state()) {
            case WAITING -> paused ? State.PAUSED : State.WAITING;
            case RUNNING -> paused ? State.PAUSED : State.RUNNING;
            case DONE -> State.DONE;
            case FAILED -> State.FAILED;
        };
    }

    /** With the rows that were told until then. */
    BackfillReport ended(State end, String reason) {
        return new BackfillReport(end, reason, rows, bytes, estimatedRows);
    }
}
