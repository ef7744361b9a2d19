package io.paillette.broker.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.KeyValue;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.Subtopology;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.TopicInfo;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.Topology;

/** What a member of a streams group says. */
public record StreamsMember(String group, String id) {

    /** Its subtopologies: the first reads the source, the second the repartition topic that the first writes. */
    static final String READS = "0";

    static final String COUNTS = "1";

    static StreamsMember of(String group) {
        return new StreamsMember(group, UUID.randomUUID().toString());
    }

    /** The first heartbeat, for one task a partition of {@code source}. */
    public StreamsGroupHeartbeatRequestData entry(String source) {
        return entry(topology(subtopology(READS).setSourceTopics(List.of(source))));
    }

    StreamsGroupHeartbeatRequestData entry(Topology topology) {
        return beat(0).setTopology(topology)
                .setRebalanceTimeoutMs(30_000)
                .setProcessId("process of " + id)
                .setActiveTasks(List.of())
                .setStandbyTasks(List.of())
                .setWarmupTasks(List.of())
                .setClientTags(List.of());
    }

    StreamsGroupHeartbeatRequestData beat(int epoch) {
        return new StreamsGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(id)
                .setMemberEpoch(epoch);
    }

    static Topology topology(Subtopology... parts) {
        return new Topology().setEpoch(0).setSubtopologies(List.of(parts));
    }

    static Subtopology subtopology(String id) {
        return new Subtopology().setSubtopologyId(id);
    }

    /** As of an application that counts by another key. */
    static Topology counting(String source, String repartition, TopicInfo... changelogs) {
        return topology(
                subtopology(READS).setSourceTopics(List.of(source)).setRepartitionSinkTopics(List.of(repartition)),
                subtopology(COUNTS)
                        .setRepartitionSourceTopics(List.of(internal(repartition, Map.of())))
                        .setStateChangelogTopics(List.of(changelogs)));
    }

    static TopicInfo internal(String name, Map<String, String> configs) {
        var told = new ArrayList<KeyValue>();
        configs.forEach((key, value) -> told.add(new KeyValue().setKey(key).setValue(value)));
        return new TopicInfo().setName(name).setTopicConfigs(told);
    }
}
