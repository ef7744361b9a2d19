package io.paillette.capture.envelope;

/** What a record says of a row or table, with Debezium's letter and Sequin's word for it. */
public enum Op {
    READ("r", "read"),
    /** Of a backfill. */
    READ_AGAIN("r", "read"),
    CREATE("c", "insert"),
    UPDATE("u", "update"),
    DELETE("d", "delete"),
    TRUNCATE("t", "truncate"),
    /** The key alone, without a value: compaction may forget the key. */
    TOMBSTONE("", "");

    private final String code;
    private final String action;

    Op(String code, String action) {
        this.code = code;
        this.action = action;
    }

    /** The {@code op} field; empty for a tombstone, which has no value to carry it. */
    public String code() {
        return code;
    }

    /** The {@code action} field; empty for a tombstone. */
    public String action() {
        return action;
    }

    public SnapshotMark snapshot() {
        return switch (this) {
            case READ -> SnapshotMark.INITIAL;
            case READ_AGAIN -> SnapshotMark.INCREMENTAL;
            case CREATE, UPDATE, DELETE, TRUNCATE, TOMBSTONE -> SnapshotMark.STREAMED;
        };
    }
}
