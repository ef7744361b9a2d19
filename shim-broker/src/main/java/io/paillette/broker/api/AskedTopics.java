package io.paillette.broker.api;

import io.paillette.broker.topic.NewTopic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.requests.CreateTopicsRequest;

/**
 * Topics as clients describe those they want, with Kafka's checks of the description: -1 partitions means
 * {@code num.partitions}, any replication factor from 1 is taken, a replica assignment may name this broker only.
 *
 * @param defaultPartitions {@code num.partitions}
 */
record AskedTopics(BrokerIdentity identity, int defaultPartitions) {

    NewTopic read(CreatableTopic asked) {
        return new NewTopic(asked.name(), partitions(asked), Optional.empty(), configs(asked));
    }

    private int partitions(CreatableTopic asked) {
        if (!asked.assignments().isEmpty()) {
            return assigned(asked);
        }
        if (asked.replicationFactor() < 1 && asked.replicationFactor() != CreateTopicsRequest.NO_REPLICATION_FACTOR) {
            throw new InvalidReplicationFactorException("Replication factor must be larger than 0.");
        }
        if (asked.numPartitions() == CreateTopicsRequest.NO_NUM_PARTITIONS) {
            return defaultPartitions;
        }
        if (asked.numPartitions() < 1) {
            throw new InvalidPartitionsException("a topic has at least 1 partition, not " + asked.numPartitions());
        }
        return asked.numPartitions();
    }

    private int assigned(CreatableTopic asked) {
        if (asked.numPartitions() != CreateTopicsRequest.NO_NUM_PARTITIONS
                || asked.replicationFactor() != CreateTopicsRequest.NO_REPLICATION_FACTOR) {
            throw new InvalidRequestException(
                    "replica assignments are given: partitions and replication factor must be -1");
        }
        int count = asked.assignments().size();
        for (CreatableReplicaAssignment assignment : asked.assignments()) {
            boolean inRange = assignment.partitionIndex() >= 0 && assignment.partitionIndex() < count;
            if (!inRange || !assignment.brokerIds().equals(List.of(identity.brokerId()))) {
                throw new InvalidReplicaAssignmentException(
                        "partitions must be numbered from 0 and have one replica, broker " + identity.brokerId());
            }
        }
        return count;
    }

    private static Map<String, String> configs(CreatableTopic asked) {
        List<String> without = asked.configs().stream()
                .filter(config -> config.value() == null)
                .map(CreatableTopicConfig::name)
                .toList();
        if (!without.isEmpty()) {
            throw new InvalidConfigurationException(
                    "Null value not supported for topic configs: " + String.join(",", without));
        }
        Map<String, String> configs = new HashMap<>();
        asked.configs().forEach(config -> configs.put(config.name(), config.value()));
        return configs;
    }
}
