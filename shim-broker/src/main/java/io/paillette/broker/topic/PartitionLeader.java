package io.paillette.broker.topic;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/** Leads partitions of topics in this broker. Calls come from one thread, may block, and are done when they return. */
public interface PartitionLeader {

    /** Leads what this broker should and may of these topics, and takes over their configs. */
    void lead(Collection<Topic> topics);

    /** The same for all topics there are; lets go of what another broker should lead. */
    void settle(Collection<Topic> all);

    void drop(Topic topic);

    /** Completes, never with a failure, once the topic's partitions are led, here or elsewhere, or after a while without. */
    CompletableFuture<Void> led(Topic topic);
}
