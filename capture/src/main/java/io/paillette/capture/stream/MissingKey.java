package io.paillette.capture.stream;

/** Why a RELATION message marks no column of a table whose rows are changed by a key, as far as the catalog says now. */
enum MissingKey {

    /** It may have none of its own: each of its partitions has one. Or nobody is told of it. */
    NONE,

    /** All columns of the key are generated, and not sent. */
    UNSENT,

    /** The table is gone, or not captured any more: nobody knows what it was. */
    UNKNOWN,

    /** An ordinary table: Postgres lets nobody change its rows without a key, so there was one. */
    FORGOTTEN
}
