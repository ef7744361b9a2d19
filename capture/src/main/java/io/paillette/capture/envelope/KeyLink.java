package io.paillette.capture.envelope;

import io.paillette.capture.Tuple;

/**
 * Ties the two halves of a changed key together, as a record header.
 *
 * @param header name of the header
 * @param key    a row that has the other half's key columns
 */
public record KeyLink(String header, Tuple key) {

    /** On the delete of the old key. */
    public static final String NEW_KEY = "__debezium.newkey";

    /** On the create of the new key. */
    public static final String OLD_KEY = "__debezium.oldkey";
}
