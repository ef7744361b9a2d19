package io.paillette.broker.group;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.TopicChange;
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
 * Tells our topics in the words of Kafka's metadata log, which is what the coordinator understands: changes become the records
 * that Kafka would have written for them. Used by one thread.
 */
final class TopicImages {

    private final int brokerId;
    private final Map<Uuid, Integer> partitions = new HashMap<>();
    private MetadataImage image = MetadataImage.EMPTY;
    private long version;

    TopicImages(int brokerId) {
        this.brokerId = brokerId;
    }

    /** From one image to the next. */
    record Step(MetadataDelta delta, MetadataImage image) {}

    /** @param changes in the order in which they happened */
    Step next(List<TopicChange> changes) {
        var delta = new MetadataDelta.Builder().setImage(image).build();
        if (version == 0) {
            delta.replay(new FeatureLevelRecord()
                    .setName(MetadataVersion.FEATURE_NAME)
                    .setFeatureLevel(MetadataVersion.LATEST_PRODUCTION.featureLevel()));
        }
        for (TopicChange change : changes) {
            // Removals first: the same change may hold a new topic of an old name.
            change.gone().forEach(topic -> remove(delta, topic));
            change.present().forEach(topic -> replay(delta, topic));
        }
        version++;
        image = delta.apply(new MetadataProvenance(version, 1, System.currentTimeMillis(), true));
        return new Step(delta, image);
    }

    private void remove(MetadataDelta delta, Topic topic) {
        if (partitions.remove(topic.id()) != null) {
            delta.replay(new RemoveTopicRecord().setTopicId(topic.id()));
        }
    }

    private void replay(MetadataDelta delta, Topic topic) {
        Integer before = partitions.put(topic.id(), topic.partitions());
        if (before == null) {
            delta.replay(new TopicRecord().setName(topic.name()).setTopicId(topic.id()));
        }
        for (int partition = before == null ? 0 : before; partition < topic.partitions(); partition++) {
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
