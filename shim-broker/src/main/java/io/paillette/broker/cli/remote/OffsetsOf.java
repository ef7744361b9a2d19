package io.paillette.broker.cli.remote;

import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** What {@code Admin.listOffsets} is asked, and answers. */
final class OffsetsOf {

    private OffsetsOf() {}

    static Map<TopicPartition, OffsetSpec> each(Collection<TopicPartition> partitions, OffsetSpec which) {
        return partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> which));
    }

    static Map<TopicPartition, Long> values(Map<TopicPartition, ListOffsetsResultInfo> answer) {
        return answer.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, found -> found.getValue()
                .offset()));
    }
}
