package io.paillette.capture.envelope;

/** What a record says of a row or table, with Debezium's letter for it. */
public enum Op {
    READ("r"),
    /** Of a backfill. */
    READ_AGAIN("r"),
    CREATE("c"),
    UPDATE("u"),
    DELETE("d"),
    TRUNCATE("t"),
    /** The key alone, without a value: compaction may forget the key. */
    TOMBSTONE("");

    private final String code;

    Op(String code) {
        this.code = code;
    }

    /** The {@code op} field; empty for a tombstone, which has no value to carry it. */
    public String code() {
        return code;
    }

    public SnapshotMark snapshot() {
        return switch (this) {
            case READ -> SnapshotMark.INITIAL;
            case READ_AGAIN -> SnapshotMark.INCREMENTAL;
            case CREATE, UPDATE, DELETE, TRUNCATE, TOMBSTONE -> SnapshotMark.STREAMED;
        };
    }
}
