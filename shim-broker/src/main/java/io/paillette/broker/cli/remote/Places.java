package io.paillette.broker.cli.remote;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/** Finds offsets of places. */
final class Places {

    private final KafkaConsumer<byte[], byte[]> consumer;

    Places(KafkaConsumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /**
     * Of each partition. A change of a row is in one of them; the others get the first record of the same time or later.
     *
     * @throws RefusedException when there is no such place
     */
    Map<TopicPartition, Long> of(Place place, Collection<TopicPartition> partitions) throws RefusedException {
        Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
        if (place instanceof Place.Beginning) {
            return first;
        }
        if (place instanceof Place.End) {
            return end;
        }
        if (place instanceof Place.Offset wanted) {
            return within(wanted.offset(), first, end);
        }
        if (place instanceof Place.Time time) {
            return at(time.time(), end);
        }
        return place instanceof Place.Lsn lsn ? at(lsn, first, end) : at((Place.Row) place, first, end);
    }

    private static Map<TopicPartition, Long> within(
            long wanted, Map<TopicPartition, Long> first, Map<TopicPartition, Long> end) throws RefusedException {
        for (TopicPartition partition : end.keySet()) {
            if (wanted < first.getOrDefault(partition, 0L) || wanted > end.getOrDefault(partition, 0L)) {
                throw new RefusedException("offset " + wanted + " is not in " + partition + ", which has "
                        + first.get(partition) + " to " + end.get(partition) + "; --partition names one partition");
            }
        }
        return end.keySet().stream().collect(Collectors.toMap(Function.identity(), partition -> wanted));
    }

    private Map<TopicPartition, Long> at(Instant time, Map<TopicPartition, Long> end) {
        Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(
                end.keySet().stream().collect(Collectors.toMap(Function.identity(), partition -> time.toEpochMilli())));
        Map<TopicPartition, Long> offsets = new HashMap<>(end);
        found.forEach((partition, at) -> {
            if (at != null) {
                offsets.put(partition, at.offset());
            }
        });
        return offsets;
    }

    private Map<TopicPartition, Long> at(
            Place.Lsn wanted, Map<TopicPartition, Long> first, Map<TopicPartition, Long> end) throws RefusedException {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        var seen = new long[1];
        new TopicScan(consumer).over(first, end, offsets.keySet(), record -> {
            OptionalLong lsn = RecordLsn.of(record);
            if (lsn.isPresent()) {
                seen[0]++;
                if (lsn.getAsLong() >= wanted.lsn()) {
                    offsets.put(new TopicPartition(record.topic(), record.partition()), record.offset());
                }
            }
        });
        if (seen[0] == 0 && !first.equals(end)) {
            throw new RefusedException(
                    "no record of these partitions tells an LSN: those of envelope=row and of producers have none; give a time");
        }
        Map<TopicPartition, Long> all = new HashMap<>(end);
        all.putAll(offsets);
        return all;
    }

    private Map<TopicPartition, Long> at(Place.Row row, Map<TopicPartition, Long> first, Map<TopicPartition, Long> end)
            throws RefusedException {
        var found = new RowChanges(row);
        Set<TopicPartition> done = new HashSet<>();
        new TopicScan(consumer).over(first, end, done, record -> {
            if (found.take(record)) {
                done.addAll(end.keySet());
            }
        });
        RowChanges.Change change = found.change();
        Map<TopicPartition, Long> offsets = at(Instant.ofEpochMilli(change.timestamp()), end);
        offsets.put(change.partition(), change.offset());
        return offsets;
    }
}
