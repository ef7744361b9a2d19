package io.paillette.testkit.numbers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads with {@code read_committed} what an application makes of the numbers: a copy of each, and after each the count of those
 * so far that leave the same remainder, keyed by it. One consumer that never goes back.
 */
public final class CountedNumbers implements AutoCloseable {

    private final String copiesTopic;
    private final long divisor;
    private final Map<Long, Long> copies = new TreeMap<>(); // how often, by number; guarded by this
    private final Map<Long, Long> counts = new TreeMap<>(); // the last one, by remainder; guarded by this
    private final List<String> jumps = new ArrayList<>(); // guarded by this
    private final List<String> failures = new ArrayList<>(); // guarded by this
    private final CommittedRecords records;

    private CountedNumbers(String bootstrap, String copies, String counts, long divisor, int partitions) {
        this.copiesTopic = copies;
        this.divisor = divisor;
        List<TopicPartition> all = IntStream.range(0, partitions)
                .boxed()
                .flatMap(index -> Stream.of(new TopicPartition(copies, index), new TopicPartition(counts, index)))
                .toList();
        this.records = CommittedRecords.start(bootstrap, all, this::see, this::fail);
    }

    /**
     * @param copies     topic of the copies
     * @param counts     topic of the counts
     * @param divisor    that leaves the remainders
     * @param partitions of each of the two topics
     */
    public static CountedNumbers start(String bootstrap, String copies, String counts, long divisor, int partitions) {
        return new CountedNumbers(bootstrap, copies, counts, divisor, partitions);
    }

    private synchronized void fail(String failure) {
        failures.add(failure);
    }

    private synchronized void see(ConsumerRecord<Long, Long> record) {
        if (record.topic().equals(copiesTopic)) {
            copies.merge(record.value(), 1L, Long::sum);
            return;
        }
        long before = counts.getOrDefault(record.key(), 0L);
        if (record.value() != before + 1) {
            jumps.add("partition " + record.partition() + " offset " + record.offset() + ": remainder " + record.key()
                    + " was counted " + before + " times and then " + record.value());
        }
        counts.put(record.key(), record.value());
    }

    /** What must come of the numbers that were written so far. */
    public Due due(NumberWriter writer) {
        var due = new Due(new TreeMap<>(), new TreeMap<>());
        for (int partition = 0; partition < writer.partitionCount(); partition++) {
            writer.acknowledged(partition).values().forEach(number -> {
                due.copies.merge(number, 1L, Long::sum);
                due.counts.merge(number % divisor, 1L, Long::sum);
            });
        }
        return due;
    }

    /** Whether all of it has come, or the reader has failed. */
    public synchronized boolean has(Due due) {
        return !failures.isEmpty() || losses(due).isEmpty();
    }

    /** What has no copy or is not counted, empty when nothing is lost. The writer must be at rest, here and below. */
    public synchronized List<String> losses(NumberWriter writer) {
        var all = new ArrayList<>(failures);
        writer.failures().forEach(failure -> all.add("not written: " + failure));
        all.addAll(losses(due(writer)));
        return all;
    }

    private List<String> losses(Due due) {
        return Stream.concat(
                        less("copies of ", copies, due.copies, " are missing"),
                        less("counts of remainder ", counts, due.counts, " are missing"))
                .toList();
    }

    /** What was processed more than once, as far as the results show. */
    public synchronized List<String> doubles(NumberWriter writer) {
        Due due = due(writer);
        return Stream.concat(
                        less("copies of ", due.copies, copies, " are too many"),
                        less("counts of remainder ", due.counts, counts, " are too many"))
                .toList();
    }

    /** Whatever is not as if each number had been processed once; empty when all is. */
    public synchronized List<String> faults(NumberWriter writer) {
        var all = new ArrayList<>(losses(writer));
        all.addAll(jumps);
        all.addAll(doubles(writer));
        return all;
    }

    /** By how much the numbers of {@code these} are smaller than those of {@code those}. */
    private static Stream<String> less(String what, Map<Long, Long> these, Map<Long, Long> those, String word) {
        return those.entrySet().stream()
                .filter(one -> these.getOrDefault(one.getKey(), 0L) < one.getValue())
                .map(one -> what + one.getKey() + ": " + (one.getValue() - these.getOrDefault(one.getKey(), 0L))
                        + " of " + one.getValue() + word);
    }

    /**
     * What is to be.
     *
     * @param copies how often, by number
     * @param counts the last one, by remainder
     */
    public record Due(Map<Long, Long> copies, Map<Long, Long> counts) {}

    /** Reads to the end and ends. */
    @Override
    public void close() {
        records.close();
    }
}
