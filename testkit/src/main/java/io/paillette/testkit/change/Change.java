package io.paillette.testkit.change;

/**
 * One change of one row that a writer knows to be committed.
 *
 * @param sequence place among the changes of this writer; grows, with gaps where a transaction was rolled back
 * @param version  of the row: 1 when its key is first inserted, one more with every change, also over delete and re-insert
 */
public record Change(int writer, long sequence, String table, long id, Kind kind, long version) {

    /** What happened to the row, as a writer knows it or as a record tells it. */
    public enum Kind {
        INSERT,
        UPDATE,
        DELETE,
        /** Record only: the null value after a delete. */
        TOMBSTONE,
        /** Record only: anything that no writer does, such as a snapshot read. */
        OTHER
    }
}
