package io.paillette.capture.type;

/** How {@code hstore} travels, by the name and meaning of Debezium's {@code hstore.handling.mode}. */
public enum HstoreHandling {
    /** A string that holds a JSON object. */
    JSON,
    /** A map from string to string or null. */
    MAP
}
