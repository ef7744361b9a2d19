package io.paillette.broker.api;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Duty;
import io.paillette.broker.cluster.Leader;
import io.paillette.broker.log.Logs;
import io.paillette.broker.log.PartitionLog;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.FencedLeaderEpochException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.UnknownLeaderEpochException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Finds a partition's log, or says with Kafka's exception why this broker cannot serve it. */
final class Partitions {

    private final Topics topics;
    private final Logs logs;
    private final Cluster cluster;

    Partitions(Topics topics, Logs logs, Cluster cluster) {
        this.topics = topics;
        this.logs = logs;
        this.cluster = cluster;
    }

    Optional<Topic> topic(Uuid id) {
        return topics.find(id);
    }

    Optional<Topic> topic(String name) {
        return topics.find(name);
    }

    /** Of each partition of a topic in order; nobody while the leader is not known or not among the live brokers. */
    List<Leader> leaders(Topic topic) {
        return IntStream.range(0, topic.partitions())
                .mapToObj(index -> cluster.leaders().of(new Duty.Partition(topic.id(), index)))
                .map(leader -> cluster.member(leader.broker()).isPresent()
                        ? leader
                        : new Leader(Leader.NOBODY, leader.epoch()))
                .toList();
    }

    /** @throws org.apache.kafka.common.errors.ApiException when it does not exist or another broker leads it */
    PartitionLog led(TopicPartition partition) {
        Optional<PartitionLog> log = logs.find(partition);
        if (log.isPresent() && cluster.isActing()) {
            return log.get();
        }
        boolean exists = topics.find(partition.topic())
                .filter(topic -> partition.partition() >= 0 && partition.partition() < topic.partitions())
                .isPresent();
        throw exists
                ? new NotLeaderOrFollowerException(partition + " is led by another broker")
                : new UnknownTopicOrPartitionException(partition + " does not exist");
    }

    /** As {@link #led(TopicPartition)}; also compares the epoch that the client knows (KIP-320), -1 for none. */
    PartitionLog led(TopicPartition partition, int clientEpoch) {
        PartitionLog log = led(partition);
        if (clientEpoch != RecordBatch.NO_PARTITION_LEADER_EPOCH && clientEpoch != log.leaderEpoch()) {
            String found =
                    "%s is at leader epoch %d, the request at %d".formatted(partition, log.leaderEpoch(), clientEpoch);
            throw clientEpoch < log.leaderEpoch()
                    ? new FencedLeaderEpochException(found)
                    : new UnknownLeaderEpochException(found);
        }
        return log;
    }
}
