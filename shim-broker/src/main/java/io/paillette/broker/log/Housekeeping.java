package io.paillette.broker.log;

import io.paillette.broker.log.Retention.Verdict;
import io.paillette.broker.log.SegmentStore.RangeStart;
import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes room, on one thread and in steps that are short transactions each: begins new segment tables, moves log starts as
 * retention says, drops tables and deletes rows, compacts. Every step can be the last: what is left is found again.
 */
final class Housekeeping {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration ROLL_CHECK = Duration.ofSeconds(5);
    private static final int PARTITIONS_AT_ONCE = 200;

    private final SegmentStore segments;
    private final Supplier<List<PartitionLog>> led;
    private final HousekeepingSettings settings;
    private final Time time;
    private final Compaction compaction;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final Map<Long, Long> rowsDeletedBelow = new HashMap<>(); // of the thread alone
    private final LongAdder begun = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder moved = new LongAdder();
    private final LongAdder movedRanges = new LongAdder();
    private final LongAdder failures = new LongAdder();

    Housekeeping(LogStore store, Supplier<List<PartitionLog>> led, HousekeepingSettings settings, Time time) {
        this.segments = store.segments();
        this.led = led;
        this.settings = settings;
        this.time = time;
        this.compaction = new Compaction(store, time, settings.keyBytes(), stopping::get);
    }

    void start(StoreThreads threads) {
        threads.every(ROLL_CHECK, () -> run("looking for full segments", this::roll));
        threads.every(settings.retentionCheck(), () -> run("retention", this::retain));
        threads.every(settings.compactionPause(), () -> run("compaction", this::compact));
        threads.housekeeping().execute(this::deleteDroppedNow);
    }

    /** The job under way ends after its present step. */
    void stop() {
        stopping.set(true);
    }

    HousekeepingCounts counts() {
        return new HousekeepingCounts(
                begun.sum(),
                dropped.sum(),
                moved.sum(),
                movedRanges.sum(),
                compaction.passes(),
                compaction.batchesReplaced(),
                compaction.batchesDeleted(),
                failures.sum());
    }

    private void run(String doing, Runnable job) {
        if (stopping.get()) {
            return;
        }
        try {
            job.run();
        } catch (StoreException e) {
            failures.increment();
            LOG.warn("{} goes on at the next check: {}", doing, e.getMessage());
        } catch (RuntimeException e) { // the thread's root
            failures.increment();
            LOG.error("{} has failed", doing, e);
        }
    }

    void roll() {
        begun.add(segments.roll(settings.segmentBytes()));
    }

    void retain() {
        while (!stopping.get() && segments.measureNext()) {
            // one table after the other
        }
        List<PartitionLog> bounded = led.get().stream()
                .filter(log -> log.config().delete)
                .filter(log -> log.config().retentionMs >= 0 || log.config().retentionSize >= 0)
                .toList();
        for (int i = 0; i < bounded.size() && !stopping.get(); i += PARTITIONS_AT_ONCE) {
            retain(bounded.subList(i, Math.min(bounded.size(), i + PARTITIONS_AT_ONCE)));
        }
        List<PartitionLog> all = led.get();
        rowsDeletedBelow.keySet().retainAll(all.stream().map(PartitionLog::id).collect(Collectors.toSet()));
        all.forEach(this::deleteRows);
        deleteDropped();
        dropped.add(segments.dropDead());
        moveStragglers();
    }

    /** The last resort against a table that is needed for a few of its batches only; it is dropped at the next check. */
    private void moveStragglers() {
        Map<Long, PartitionLog> byId = led.get().stream().collect(Collectors.toMap(PartitionLog::id, log -> log));
        for (RangeStart range : segments.stragglers(byId.keySet())) {
            PartitionLog log = Objects.requireNonNull(byId.get(range.partitionId()));
            OptionalLong rest = OptionalLong.of(range.firstOffset());
            while (rest.isPresent() && !stopping.get()) {
                var next = new RangeStart(range.partitionId(), rest.getAsLong());
                rest = segments.moveSome(next, log.leaderEpoch(), SegmentClass.of(log.config()));
            }
            movedRanges.increment();
        }
    }

    private void retain(List<PartitionLog> logs) {
        Map<Long, List<LogRange>> ranges = segments
                .ranges(logs.stream().map(PartitionLog::id).toList())
                .stream()
                .collect(Collectors.groupingBy(LogRange::partitionId));
        for (PartitionLog log : logs) {
            try {
                retain(log, ranges.getOrDefault(log.id(), List.of()));
            } catch (ApiException e) {
                LOG.debug("{} is left to its leader: {}", log.partition(), e.getMessage());
            }
        }
    }

    private void retain(PartitionLog log, List<LogRange> ranges) {
        LogConfig config = log.config();
        long start = log.logStartOffset();
        if (config.retentionMs >= 0) {
            start = startByTime(log, ranges, time.milliseconds() - config.retentionMs);
        }
        if (config.retentionSize >= 0 && !ranges.isEmpty()) {
            start = Math.max(
                    start,
                    segments.offsetKeeping(log.id(), start, config.retentionSize)
                            .orElse(start));
        }
        start = Math.min(start, log.highWatermark());
        if (start > log.logStartOffset()) {
            LOG.info("{} starts at {} now: retention", log.partition(), log.moveLogStart(start));
            moved.increment();
        }
    }

    private long startByTime(PartitionLog log, List<LogRange> ranges, long keepFrom) {
        Verdict verdict = Retention.byTime(ranges, log.logStartOffset(), keepFrom);
        // What is measured may be written to meanwhile and be unmeasured again: then it is young, and next time will
        // do.
        for (int left = ranges.size(); verdict.unmeasured().isPresent() && left > 0; left--) {
            segments.measure(log.id(), verdict.unmeasured().get().firstOffset());
            verdict = Retention.byTime(segments.ranges(List.of(log.id())), log.logStartOffset(), keepFrom);
        }
        return verdict.logStartOffset();
    }

    /** Where tables are never dropped; also for a topic that was compacted once. Asked once for each move of a log start. */
    private void deleteRows(PartitionLog log) {
        long start = log.logStartOffset();
        if (start == rowsDeletedBelow.getOrDefault(log.id(), 0L)) {
            return;
        }
        while (!stopping.get() && segments.deleteSome(log.id(), start)) {
            // one chunk after the other
        }
        rowsDeletedBelow.put(log.id(), start);
    }

    void deleteDroppedNow() {
        run("freeing the space of deleted topics", () -> {
            deleteDropped();
            dropped.add(segments.dropDead());
        });
    }

    private void deleteDropped() {
        while (!stopping.get() && segments.deleteSomeDropped()) {
            // one chunk after the other
        }
    }

    /** As the thread does it: a store that does not answer ends this run, no more. */
    void compactNow() {
        run("compaction", this::compact);
    }

    void compact() {
        List<PartitionLog> compacted =
                led.get().stream().filter(log -> log.config().compact).toList();
        compaction.forgetAllBut(compacted.stream().map(PartitionLog::id).collect(Collectors.toSet()));
        for (PartitionLog log : compacted) {
            if (stopping.get()) {
                return;
            }
            compaction.compact(log);
        }
    }
}
