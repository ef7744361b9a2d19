package io.paillette.broker.feed;

import io.paillette.capture.CaptureEvent;
import java.util.List;

/**
 * An event and the sequences that are told of it.
 *
 * @param to of a row; none where no condition holds for it. Of any other event none, since nothing chooses among its sequences.
 */
record Addressed(CaptureEvent event, List<Destination> to) {

    Addressed {
        to = List.copyOf(to);
    }

    record Destination(Route route, Verdict verdict) {}

    /** Why a sequence is told. */
    enum Verdict {
        /** Its condition holds, or it has none. */
        TOLD,
        /** Nobody knows whether its condition holds. */
        UNKNOWN,
        /** It no longer holds for the row, which is to go from a topic of newest rows. */
        GONE
    }
}
