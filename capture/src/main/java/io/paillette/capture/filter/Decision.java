package io.paillette.capture.filter;

/** What a condition says of a row. */
public enum Decision {
    /** It is true. */
    MET,
    /** It is false or NULL. */
    NOT_MET,
    /**
     * It may read a value that nobody knows: one that the change did not touch and the WAL does not carry, or one of a deleted
     * row of which the WAL has the key alone.
     */
    UNKNOWN
}
