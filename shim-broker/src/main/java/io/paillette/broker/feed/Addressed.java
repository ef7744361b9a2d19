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

    /** @param unknown whether the sequence has a condition, of which nobody knows whether it holds */
    record Destination(Route route, boolean unknown) {}
}
