package io.paillette.broker.cli.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A change in the envelope {@code change}, to try functions with.
 *
 * @param place where it comes from: partition and offset, or the line of a file
 */
record SampleChange(String place, JsonNode change) {

    /** @throws RefusedException when there is no such topic, or what it has are no such changes */
    static List<SampleChange> newest(KafkaConsumer<byte[], byte[]> consumer, String topic, int max)
            throws RefusedException {
        List<TopicPartition> partitions = Partitions.of(consumer, topic, null);
        Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
        Map<TopicPartition, Long> from = consumer.beginningOffsets(partitions).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        first -> Math.max(first.getValue(), end.getOrDefault(first.getKey(), 0L) - max)));
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        new TopicScan(consumer).over(from, end, partition -> false, records::add);
        records.sort(Comparator.comparingLong(ConsumerRecord::timestamp));
        List<SampleChange> changes = new ArrayList<>();
        for (var record : records.subList(Math.max(0, records.size() - max), records.size())) {
            String place = record.partition() + ":" + record.offset();
            changes.add(new SampleChange(
                    place, required(RecordJson.read(record.value()), "record " + place + " of topic " + topic)));
        }
        return changes;
    }

    /** @throws RefusedException naming the line that has none */
    static List<SampleChange> ofLines(Path file, String text, int max) throws RefusedException {
        List<SampleChange> changes = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size() && changes.size() < max; i++) {
            if (!lines.get(i).isBlank()) {
                JsonNode node = RecordJson.read(lines.get(i).getBytes(UTF_8));
                JsonNode change = node != null && node.path("value").isObject() ? node.get("value") : node;
                changes.add(new SampleChange("line " + (i + 1), required(change, "line " + (i + 1) + " of " + file)));
            }
        }
        return changes;
    }

    byte[] bytes() {
        return RecordJson.write(change).getBytes(UTF_8);
    }

    private static JsonNode required(@Nullable JsonNode node, String what) throws RefusedException {
        if (node == null || !node.has("action") || !node.has("record") || !node.has("metadata")) {
            throw new RefusedException(
                    what + " is no change in the envelope change, which has record, changes, action and"
                            + " metadata: take those of a sequence with envelope=change whose functions do not transform");
        }
        return node;
    }
}
