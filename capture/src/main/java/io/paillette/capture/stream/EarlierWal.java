package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Position;
import java.sql.Connection;
import java.sql.SQLException;

/** What stands before the place that our own stream goes on from: of another slot, or of ours once more. */
record EarlierWal(PreparedSource prepared, Outlet outlet, Stretch stretch) {

    /** @return where our stream goes on */
    Position read(Connection catalog) throws CaptureException, SQLException, InterruptedException {
        Position from = prepared.from();
        if (from.predecessor().isPresent()) {
            return new PredecessorStream(prepared, from.predecessor().get(), outlet, stretch).read(catalog);
        }
        if (prepared.arrears().from().isPresent()) {
            new ArrearsStream(prepared, outlet, stretch)
                    .read(catalog, prepared.arrears().from().get());
        }
        return from;
    }
}
