package io.paillette.capture;

import io.paillette.capture.SnapshotProgress.KeyColumn;
import java.util.List;

/**
 * How far a backfill is. It is kept in the position, so that it goes on with the next row after whatever happens.
 *
 * @param fault         why it failed, or what it waits for; empty otherwise
 * @param oid           the table that had its name when it began; 0 before
 * @param key           the columns in whose order the rows are read; none before it began
 * @param upTo          key of the last row that was looked at, as text; empty before the first
 * @param rows          that were told; not those that a change had overtaken
 * @param bytes         of these rows, as Postgres writes them
 * @param estimatedRows that Postgres expects of it; 0 before it began
 */
public record BackfillProgress(
        Backfill asked,
        State state,
        String fault,
        int oid,
        List<KeyColumn> key,
        List<String> upTo,
        long rows,
        long bytes,
        long estimatedRows) {

    public enum State {
        /** Others come first, or it is to pause before its first row. */
        WAITING,
        RUNNING,
        DONE,
        /** It does not go on, and {@link BackfillProgress#fault} says why. */
        FAILED
    }

    public BackfillProgress {
        key = List.copyOf(key);
        upTo = List.copyOf(upTo);
    }

    public static BackfillProgress of(Backfill asked) {
        return new BackfillProgress(asked, State.WAITING, "", 0, List.of(), List.of(), 0, 0, 0);
    }

    public boolean hasEnded() {
        return state == State.DONE || state == State.FAILED;
    }

    /** The same place, asked for as {@code now}. */
    public BackfillProgress asked(Backfill now) {
        return new BackfillProgress(now, state, fault, oid, key, upTo, rows, bytes, estimatedRows);
    }

    /** Before the first row of a table. */
    public BackfillProgress begun(int table, List<KeyColumn> order, long expected) {
        return new BackfillProgress(asked, State.RUNNING, "", table, order, List.of(), rows, bytes, expected);
    }

    /** After some more rows. */
    public BackfillProgress upTo(List<String> last, long moreRows, long moreBytes) {
        return new BackfillProgress(
                asked, State.RUNNING, "", oid, key, last, rows + moreRows, bytes + moreBytes, estimatedRows);
    }

    public BackfillProgress done() {
        return new BackfillProgress(asked, State.DONE, "", oid, key, upTo, rows, bytes, estimatedRows);
    }

    /** Something is in its way for now. */
    public BackfillProgress troubled(String reason) {
        return new BackfillProgress(asked, state, reason, oid, key, upTo, rows, bytes, estimatedRows);
    }

    public BackfillProgress failed(String reason) {
        return new BackfillProgress(asked, State.FAILED, reason, oid, key, upTo, rows, bytes, estimatedRows);
    }
}
