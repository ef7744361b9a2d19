package io.paillette.broker.topic;

import java.util.Collection;

/** Leads the partitions of topics in this broker. Calls come from one thread, may block, and are done when they return. */
public interface PartitionLeader {

    /** Leads what it does not lead yet of these topics, and takes over their configs. */
    void lead(Collection<Topic> topics);

    void drop(Topic topic);
}
