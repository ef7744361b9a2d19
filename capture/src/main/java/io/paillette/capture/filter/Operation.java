package io.paillette.capture.filter;

import io.paillette.capture.CaptureEvent.Kind;

/** What happened to a row, or to all rows of a table, as one chooses among changes. */
public enum Operation {
    /** The row was there before, or is read once more. */
    READ,
    INSERT,
    UPDATE,
    DELETE,
    TRUNCATE;

    public static Operation of(Kind kind) {
        return switch (kind) {
            case READ, READ_AGAIN -> READ;
            case INSERT -> INSERT;
            case UPDATE -> UPDATE;
            case DELETE -> DELETE;
        };
    }
}
