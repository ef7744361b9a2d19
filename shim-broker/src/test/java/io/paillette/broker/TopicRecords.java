package io.paillette.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What a consumer of committed records reads of a topic from its beginning to its end. */
final class TopicRecords {

    private TopicRecords() {}

    static List<ConsumerRecord<String, String>> read(FedBroker broker, String topic) {
        Map<String, Object> properties =
                Map.of("bootstrap.servers", broker.line().kafka(), "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> end = consumer.endOffsets(all);
            var records = new ArrayList<ConsumerRecord<String, String>>();
            while (all.stream().anyMatch(of -> consumer.position(of) < end.get(of))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    static List<String> keys(FedBroker broker, String topic) {
        return read(broker, topic).stream().map(ConsumerRecord::key).toList();
    }
}
