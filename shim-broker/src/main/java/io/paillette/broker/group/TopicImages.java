package io.paillette.broker.group;

import io.paillette.broker.topic.Topic;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.FeatureLevelRecord;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * Tells our topics in the words of Kafka's metadata log, which is what the coordinator understands: each picture becomes the
 * records that lead from the last one to it. Used by one thread.
 */
final class TopicImages {

    private final int brokerId;
    private final Map<Uuid, Topic> known = new HashMap<>();
    private MetadataImage image = MetadataImage.EMPTY;
    private long version;

    TopicImages(int brokerId) {
        this.brokerId = brokerId;
    }

    /** One step from picture to picture. */
    record Step(MetadataDelta delta, MetadataImage image) {}

    Step next(Collection<Topic> topics) {
        var delta = new MetadataDelta.Builder().setImage(image).build();
        if (version == 0) {
            delta.replay(new FeatureLevelRecord()
                    .setName(MetadataVersion.FEATURE_NAME)
                    .setFeatureLevel(MetadataVersion.LATEST_PRODUCTION.featureLevel()));
        }
        var present = new HashMap<Uuid, Topic>();
        topics.forEach(topic -> present.put(topic.id(), topic));
        // Removals first: the same picture may hold a new topic of an old name.
        known.keySet().removeIf(id -> {
            boolean gone = !present.containsKey(id);
            if (gone) {
                delta.replay(new RemoveTopicRecord().setTopicId(id));
            }
            return gone;
        });
        present.values().forEach(topic -> replay(delta, topic));
        known.putAll(present);
        version++;
        image = delta.apply(new MetadataProvenance(version, 1, System.currentTimeMillis(), true));
        return new Step(delta, image);
    }

    private void replay(MetadataDelta delta, Topic topic) {
        Topic before = known.get(topic.id());
        if (before == null) {
            delta.replay(new TopicRecord().setName(topic.name()).setTopicId(topic.id()));
        }
        for (int partition = before == null ? 0 : before.partitions(); partition < topic.partitions(); partition++) {
            delta.replay(new PartitionRecord()
                    .setTopicId(topic.id())
                    .setPartitionId(partition)
                    .setReplicas(List.of(brokerId))
                    .setIsr(List.of(brokerId))
                    .setLeader(brokerId)
                    .setLeaderEpoch(0)
                    .setPartitionEpoch(0)
                    .setDirectories(List.of(Uuid.ONE_UUID)));
        }
    }
}
