package io.paillette.testkit.numbers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;

/**
 * Reads a topic with {@code read_committed} while it is written, as one consumer that never goes back: each partition must give
 * 0, 1, 2... and nothing else.
 */
public final class CommittedNumbers implements AutoCloseable {

    private final long[] next; // guarded by this
    private final List<String> faults = new ArrayList<>(); // guarded by this
    private final CommittedRecords records;

    private CommittedNumbers(String bootstrap, String topic, int partitions) {
        this.next = new long[partitions];
        List<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(index -> new TopicPartition(topic, index))
                .toList();
        this.records = CommittedRecords.start(bootstrap, all, this::see, this::fault);
    }

    public static CommittedNumbers start(String bootstrap, String topic, int partitions) {
        return new CommittedNumbers(bootstrap, topic, partitions);
    }

    private synchronized void see(ConsumerRecord<Long, Long> record) {
        long expected = next[record.partition()];
        if (record.value() != expected) {
            faults.add("partition " + record.partition() + " offset " + record.offset() + ": " + record.value()
                    + " where " + expected + " was due");
        }
        next[record.partition()] = record.value() + 1;
    }

    private synchronized void fault(String fault) {
        faults.add(fault);
    }

    public synchronized long read() {
        return IntStream.range(0, next.length).mapToLong(index -> next[index]).sum();
    }

    /**
     * Waits until all numbers of each partition are there; answers what is wrong, empty when nothing is.
     *
     * @param written how many numbers a partition must have
     */
    public List<String> faults(IntToLongFunction written, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        Awaitility.await()
                .atMost(patience.plusSeconds(1))
                .until(() -> isComplete(written) || System.nanoTime() - end > 0);
        synchronized (this) {
            var all = new ArrayList<>(faults);
            for (int partition = 0; partition < next.length; partition++) {
                long due = written.applyAsLong(partition);
                if (next[partition] != due) {
                    all.add("partition " + partition + ": " + due + " numbers were written, " + next[partition]
                            + " are there");
                }
            }
            return all;
        }
    }

    private synchronized boolean isComplete(IntToLongFunction written) {
        return IntStream.range(0, next.length).allMatch(partition -> next[partition] >= written.applyAsLong(partition));
    }

    @Override
    public void close() {
        records.close();
    }
}
