package io.paillette.connect.signal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Partition 0 of a topic of signals. No group remembers how far it is read: the source's position does. */
final class SignalTopic implements AutoCloseable {

    private final KafkaConsumer<String, String> consumer;

    /** @param next offset of the first to read; 0: the oldest there is */
    SignalTopic(SignalSettings.Topic settings, String source, long next) {
        Map<String, Object> config = new HashMap<>(settings.consumer());
        config.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, "paillette-signals-" + source);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        this.consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
        var partition = new TopicPartition(settings.name(), 0);
        consumer.assign(List.of(partition));
        if (next == 0) {
            consumer.seekToBeginning(List.of(partition));
        } else {
            consumer.seek(partition, next);
        }
    }

    List<ConsumerRecord<String, String>> read(Duration wait) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        consumer.poll(wait).forEach(records::add);
        return records;
    }

    @Override
    public void close() {
        consumer.close(Duration.ZERO);
    }
}
