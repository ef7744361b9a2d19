package io.paillette.capture.stream;

import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.TableName;

/**
 * A table that matches the source's patterns, or that one of its publications has.
 *
 * @param captured     it matches
 * @param identified   UPDATE and DELETE can be published
 * @param joining      rows that it had before it was published are still to be read
 * @param joiningSince 32-bit id of the transaction that marked it so
 */
record CapturedTable(
        int oid,
        TableName name,
        boolean captured,
        boolean identified,
        boolean inAll,
        boolean inInserts,
        boolean joining,
        long joiningSince) {

    boolean published() {
        return inAll || inInserts;
    }

    /** What can be told of it is: one that has a key now, but had its inserts published only, may have been updated untold. */
    boolean fullyTold() {
        return (captured && identified) ? inAll : published();
    }

    /** Every publication has it or not as it should be. */
    boolean inPlace() {
        return inAll == (captured && identified) && inInserts == (captured && !identified) && (captured || !joining);
    }

    /** Whether these are the rows that it is marked for: those before its mark, whoever wrote them, are among them. */
    boolean isReadBy(TableSnapshot reading) {
        return joining && reading.oid() == oid && reading.mark() == joiningSince;
    }

    /** Its UPDATE and DELETE are not published: Postgres would refuse them to the application. */
    boolean insertsOnly() {
        return captured && !identified;
    }
}
