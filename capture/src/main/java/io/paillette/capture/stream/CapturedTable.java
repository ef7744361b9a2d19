package io.paillette.capture.stream;

import io.paillette.capture.TableName;

/**
 * A table that matches the source's patterns, or that one of its publications has.
 *
 * @param captured   it matches
 * @param identified UPDATE and DELETE can be published
 * @param joining    rows that it had before it was published are still to be read
 */
record CapturedTable(
        int oid,
        TableName name,
        boolean captured,
        boolean identified,
        boolean inAll,
        boolean inInserts,
        boolean joining) {

    boolean published() {
        return inAll || inInserts;
    }

    /** Every publication has it or not as it should be. */
    boolean inPlace() {
        return inAll == (captured && identified) && inInserts == (captured && !identified) && (captured || !joining);
    }

    /** Its UPDATE and DELETE are not published: Postgres would refuse them to the application. */
    boolean insertsOnly() {
        return captured && !identified;
    }
}
