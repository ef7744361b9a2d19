package io.paillette.broker.api;

import io.paillette.broker.group.SqlOffsets.SqlOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Puts offsets committed by SQL into the coordinator's answer, where they are younger. */
final class SqlOffsetsTold {

    private SqlOffsetsTold() {}

    /** @param all whether partitions that the answer does not have are added */
    static OffsetFetchResponseGroup into(OffsetFetchResponseGroup told, List<SqlOffset> committed, boolean all) {
        var topics = new ArrayList<>(told.topics());
        for (SqlOffset offset : committed) {
            topics.stream()
                    .filter(topic -> isOf(topic, offset))
                    .findFirst()
                    .ifPresentOrElse(topic -> put(topic, offset, all), () -> {
                        if (all) {
                            topics.add(new OffsetFetchResponseTopics()
                                    .setName(offset.topic())
                                    .setTopicId(offset.topicId())
                                    .setPartitions(new ArrayList<>(List.of(partition(offset)))));
                        }
                    });
        }
        return told.setTopics(topics);
    }

    private static boolean isOf(OffsetFetchResponseTopics topic, SqlOffset offset) {
        return topic.topicId().equals(Uuid.ZERO_UUID)
                ? topic.name().equals(offset.topic())
                : topic.topicId().equals(offset.topicId());
    }

    private static void put(OffsetFetchResponseTopics topic, SqlOffset offset, boolean all) {
        var partitions = new ArrayList<>(topic.partitions());
        boolean asked = partitions.removeIf(told -> told.partitionIndex() == offset.partition());
        if (asked || all) {
            partitions.add(partition(offset));
        }
        topic.setPartitions(partitions);
    }

    private static OffsetFetchResponsePartitions partition(SqlOffset offset) {
        return new OffsetFetchResponsePartitions()
                .setPartitionIndex(offset.partition())
                .setErrorCode(Errors.NONE.code())
                .setCommittedOffset(offset.offset())
                .setCommittedLeaderEpoch(RecordBatch.NO_PARTITION_LEADER_EPOCH)
                .setMetadata(offset.metadata());
    }
}
