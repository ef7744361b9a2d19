package io.paillette.broker.rewind;

import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.log.StoredPartition;
import io.paillette.broker.replay.CommittedRecords;
import io.paillette.broker.replay.StoredRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A topic as the store has it, whoever leads its partitions. For one thread, which waits for the store. */
final class StoredTopic implements TopicReader {

    private static final int READ_BYTES = 1 << 20;
    private static final int MOST_RECORDS = 5_000;
    private static final long CHUNK_BYTES = 4L << 20;

    private final Map<Integer, StoredPartition> partitions;
    private final long deadlineNanos;
    private final Duration patience;

    /** @param patience with which it is read, all in all */
    StoredTopic(List<StoredPartition> partitions, Duration patience) {
        this.partitions = partitions.stream().collect(Collectors.toMap(StoredPartition::index, Function.identity()));
        this.patience = patience;
        this.deadlineNanos = System.nanoTime() + patience.toNanos();
    }

    @Override
    public Map<Integer, Long> first() {
        return each(StoredPartition::first);
    }

    @Override
    public Map<Integer, Long> end() {
        return each(StoredPartition::end);
    }

    private Map<Integer, Long> each(Function<StoredPartition, Long> offset) {
        return partitions.values().stream().collect(Collectors.toMap(StoredPartition::index, offset));
    }

    @Override
    public Map<Integer, Long> at(Instant time) {
        var found = new HashMap<Integer, Long>();
        partitions.forEach((index, partition) -> {
            OptionalLong offset = join(partition.firstAtOrAfter(time.toEpochMilli()));
            offset.ifPresent(at -> found.put(index, at));
        });
        return found;
    }

    @Override
    public void read(
            Map<Integer, Long> from, Map<Integer, Long> to, Collection<Integer> done, Consumer<TopicRecord> each)
            throws RefusedException {
        for (Map.Entry<Integer, Long> start : from.entrySet()) {
            StoredPartition partition = partitions.get(start.getKey());
            long end = to.getOrDefault(start.getKey(), 0L);
            long next = start.getValue();
            while (partition != null && next < end && !done.contains(start.getKey())) {
                requireTime();
                next = readSome(partition, next, end, done, each);
            }
        }
    }

    /** @return where to go on */
    private static long readSome(
            StoredPartition partition, long from, long end, Collection<Integer> done, Consumer<TopicRecord> each) {
        long next = from;
        try (var records = new CommittedRecords(join(partition.read(from, READ_BYTES)), from, end)) {
            while (!done.contains(partition.index())) {
                CommittedRecords.Chunk chunk = records.next(MOST_RECORDS, CHUNK_BYTES);
                if (chunk.next() == next) {
                    break;
                }
                next = chunk.next();
                for (StoredRecord record : chunk.records()) {
                    if (!done.contains(partition.index())) {
                        each.accept(new TopicRecord(
                                partition.index(), record.offset(), record.timestamp(), record.key(), record.value()));
                    }
                }
            }
        }
        return next == from ? end : next; // compaction or retention has left nothing up to the end
    }

    private void requireTime() throws RefusedException {
        if (System.nanoTime() - deadlineNanos > 0) {
            throw new RefusedException(
                    Why.UNAVAILABLE,
                    "the topic was read for " + patience.toSeconds()
                            + " s, and the place is not found yet: name one partition, or give a time");
        }
    }

    private static <T> T join(CompletableFuture<T> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
