package io.paillette.broker.inbox;

import io.paillette.broker.log.Logs;
import io.paillette.broker.log.OwnRecords;
import io.paillette.broker.log.PartitionLog;
import io.paillette.broker.log.Published;
import io.paillette.broker.log.RecordBatches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Where the records of one look go: to the partitions that this broker leads by now. For one use. */
final class Targets {

    private final Logs logs;
    private final Map<TopicPartition, Optional<Target>> targets = new LinkedHashMap<>();
    private final RecordBatches batches = new RecordBatches(partition -> target(partition)
            .map(target -> target.log().shape(CompressionType.NONE))
            .orElse(RecordBatches.PLAIN));

    private record Target(PartitionLog log, List<Long> ids, List<MemoryRecords> records) {}

    private Targets(Logs logs) {
        this.logs = logs;
    }

    /** Batches, in the order of the records of each partition. */
    static List<Published> of(List<InboxRecord> records, Logs logs) {
        var targets = new Targets(logs);
        records.forEach(targets::add);
        return targets.published();
    }

    /** Asked once, so that it is all records of a partition or none. */
    private Optional<Target> target(TopicPartition partition) {
        return targets.computeIfAbsent(
                partition, first -> logs.find(first).map(log -> new Target(log, new ArrayList<>(), new ArrayList<>())));
    }

    private void add(InboxRecord record) {
        target(record.partition())
                .filter(target -> target.log().id() == record.partitionId())
                .ifPresent(target -> {
                    target.ids().add(record.id());
                    batches.add(
                            record.partition(),
                            record.timestamp(),
                            record.key(),
                            record.value(),
                            record.headers().toArray(Header[]::new));
                });
    }

    private List<Published> published() {
        for (OwnRecords own : batches.drain()) {
            target(own.partition()).ifPresent(target -> target.records().add(own.records()));
        }
        return targets.values().stream()
                .flatMap(Optional::stream)
                .filter(target -> !target.ids().isEmpty())
                .map(target ->
                        new Published(target.log().partition(), target.log().id(), target.records(), target.ids()))
                .toList();
    }
}
