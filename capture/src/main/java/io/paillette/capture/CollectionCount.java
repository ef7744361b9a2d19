package io.paillette.capture;

/**
 * How many records a transaction has of a table.
 *
 * @param collection {@code schema.table}, or {@link #MESSAGES}
 */
public record CollectionCount(String collection, long events) {

    /** What logical messages count as, by the identifier that Debezium gives them. */
    public static final String MESSAGES = "LOGICAL_DECODING_MESSAGE";
}
