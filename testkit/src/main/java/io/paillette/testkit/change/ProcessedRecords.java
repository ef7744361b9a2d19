package io.paillette.testkit.change;

import io.paillette.testkit.change.Verdict.Fault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a consumer group processed, kept as a careful application would keep it: the result together with its offset, before
 * the offset is committed. A record that comes again is not processed again, but it must be the same record, and it must
 * not lie below an offset that the group has committed. Thread-safe: members of a group share one.
 */
public final class ProcessedRecords {

    /** Whether the offsets of a partition have holes. */
    public enum Offsets {
        DENSE,
        /** Kafka transactions leave markers between the records. */
        WITH_MARKERS
    }

    private record Partition(String topic, int number) {}

    private static final class Progress {
        final List<Observation> records = new ArrayList<>();
        /** Index in {@link #records} by offset. */
        final Map<Long, Integer> index = new HashMap<>();

        long next;
        long committed;
    }

    private final Offsets offsets;
    private final Map<Partition, Progress> partitions = new HashMap<>();
    private final Faults faults = new Faults();
    private long redelivered;
    private long rows;

    public ProcessedRecords(Offsets offsets) {
        this.offsets = offsets;
    }

    /** Takes a record that was polled. */
    public synchronized void process(Observation record) {
        Progress progress = progress(record.topic(), record.partition());
        if (record.offset() < progress.next) {
            again(progress, record);
            return;
        }
        if (offsets == Offsets.DENSE && record.offset() > progress.next) {
            faults.add(
                    Fault.GAP, record.offset() - progress.next, "expected offset " + progress.next + ", got " + record);
        }
        progress.index.put(record.offset(), progress.records.size());
        progress.records.add(record);
        progress.next = record.offset() + 1;
        if (record.kind() != Change.Kind.TOMBSTONE) {
            rows++;
        }
    }

    private void again(Progress progress, Observation record) {
        redelivered++;
        if (record.offset() < progress.committed) {
            faults.add(Fault.COMMIT_LOST, 1, "offset " + progress.committed + " was committed, yet again " + record);
        }
        Integer before = progress.index.get(record.offset());
        if (before == null || !progress.records.get(before).equals(record)) {
            faults.add(
                    Fault.REWRITTEN,
                    1,
                    record + " was " + (before == null ? "no record" : progress.records.get(before)) + " before");
        }
    }

    /** The broker acknowledged this commit: {@code offset} is the next to read. */
    public synchronized void committed(String topic, int partition, long offset) {
        Progress progress = progress(topic, partition);
        progress.committed = Math.max(progress.committed, offset);
    }

    private Progress progress(String topic, int partition) {
        return partitions.computeIfAbsent(new Partition(topic, partition), unused -> new Progress());
    }

    /** Changes processed, tombstones not counted. */
    public synchronized long rows() {
        return rows;
    }

    /** Records that came more than once; after a kill that is allowed, for those not yet committed. */
    public synchronized long redelivered() {
        return redelivered;
    }

    /** Compares with what was committed. */
    public synchronized Verdict verdict(List<Change> committed) {
        var all = partitions.values().stream()
                .flatMap(progress -> progress.records.stream())
                .toList();
        return ChangeChecker.check(committed, all).and(faults.counts(), faults.examples());
    }
}
