package io.paillette.broker.topic;

import java.util.Collection;
import java.util.List;

/**
 * From one picture of all topics to the next one. It is as large as what has changed, so that a topic among ten thousand costs
 * its listeners what one among ten does.
 *
 * @param gone    deleted; a topic of the same name may be among those that are present
 * @param present new, or different from what it was
 */
public record TopicChange(Collection<Topic> gone, Collection<Topic> present) {

    public TopicChange {
        gone = List.copyOf(gone);
        present = List.copyOf(present);
    }

    boolean isNone() {
        return gone.isEmpty() && present.isEmpty();
    }
}
