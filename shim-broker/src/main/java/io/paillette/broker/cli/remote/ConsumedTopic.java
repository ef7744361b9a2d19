package io.paillette.broker.cli.remote;

import io.paillette.broker.rewind.TopicReader;
import io.paillette.broker.rewind.TopicRecord;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** A topic as a consumer finds it. */
final class ConsumedTopic implements TopicReader {

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<Integer, TopicPartition> partitions;

    /** @param partitions of one topic */
    ConsumedTopic(KafkaConsumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
        this.consumer = consumer;
        this.partitions = partitions.stream().collect(Collectors.toMap(TopicPartition::partition, Function.identity()));
    }

    @Override
    public Map<Integer, Long> first() {
        return byNumber(consumer.beginningOffsets(partitions.values()));
    }

    @Override
    public Map<Integer, Long> end() {
        return byNumber(consumer.endOffsets(partitions.values()));
    }

    @Override
    public Map<Integer, Long> at(Instant time) {
        var found = new HashMap<Integer, Long>();
        consumer.offsetsForTimes(partitions.values().stream()
                        .collect(Collectors.toMap(Function.identity(), partition -> time.toEpochMilli())))
                .forEach((partition, at) -> {
                    if (at != null) {
                        found.put(partition.partition(), at.offset());
                    }
                });
        return found;
    }

    @Override
    public void read(
            Map<Integer, Long> from, Map<Integer, Long> to, Collection<Integer> done, Consumer<TopicRecord> each)
            throws io.paillette.broker.feed.RefusedException {
        try {
            new TopicScan(consumer)
                    .over(
                            byPartition(from),
                            byPartition(to),
                            partition -> done.contains(partition.partition()),
                            record -> each.accept(new TopicRecord(
                                    record.partition(),
                                    record.offset(),
                                    record.timestamp(),
                                    record.key(),
                                    record.value())));
        } catch (RefusedException e) {
            throw new io.paillette.broker.feed.RefusedException(
                    io.paillette.broker.feed.RefusedException.Why.UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    Map<TopicPartition, Long> byPartition(Map<Integer, Long> offsets) {
        return offsets.entrySet().stream()
                .filter(offset -> partitions.containsKey(offset.getKey()))
                .collect(Collectors.toMap(offset -> partition(offset.getKey()), Map.Entry::getValue));
    }

    private TopicPartition partition(int number) {
        TopicPartition known = partitions.get(number);
        if (known == null) {
            throw new IllegalStateException("partition " + number + " was not asked for");
        }
        return known;
    }

    private static Map<Integer, Long> byNumber(Map<TopicPartition, Long> offsets) {
        return offsets.entrySet().stream()
                .collect(Collectors.toMap(offset -> offset.getKey().partition(), Map.Entry::getValue));
    }
}
