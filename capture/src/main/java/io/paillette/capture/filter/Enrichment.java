package io.paillette.capture.filter;

import io.paillette.capture.catalog.SqlFragment;

/**
 * A query for what belongs to rows: {@code $1} is an array of the first column of their keys, {@code $2} of the second, and its
 * columns that are called as the key's say which row of its result is of which.
 *
 * @param query as the user wrote it
 */
public record Enrichment(SqlFragment query, Form form) {

    /** What is made of the columns that are not of the key. */
    public enum Form {
        /** One JSON object. */
        JSON,
        /** A text of each. */
        TEXTS
    }
}
