package io.paillette.broker.cluster;

import org.apache.kafka.common.Uuid;

/** What exactly one broker leads at a time. */
public sealed interface Duty {

    /** A partition of a topic. */
    record Partition(Uuid topicId, int index) implements Duty {}

    /** A shard of the group coordinator. */
    record Shard(int number) implements Duty {}

    /** Feeding a source's sequences; their partitions are always with the same broker. */
    record Source(String name) implements Duty {}
}
