package io.paillette.broker.feed;

import io.paillette.broker.log.RecordBatches;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** The records of one event, until it is known which sequences can tell it. For one thread. */
final class EventBuffer {

    private final List<Encoded> records = new ArrayList<>();
    private String sequence = "";

    /** Whose arrays nobody compares. */
    private static final class Encoded {
        final String sequence;
        final TopicPartition partition;
        final long timestamp;
        final byte @Nullable [] key;
        final byte @Nullable [] value;
        final Header[] headers;

        Encoded(
                String sequence,
                TopicPartition partition,
                long timestamp,
                byte @Nullable [] key,
                byte @Nullable [] value,
                Header[] headers) {
            this.sequence = sequence;
            this.partition = partition;
            this.timestamp = timestamp;
            this.key = key;
            this.value = value;
            this.headers = headers;
        }
    }

    void clear() {
        records.clear();
    }

    /** What is added from now on is of this sequence; empty: of the source itself. */
    void of(String name) {
        sequence = name;
    }

    /** As {@link RecordBatches#add}. */
    void add(
            TopicPartition partition,
            long timestamp,
            byte @Nullable [] key,
            byte @Nullable [] value,
            Header[] headers) {
        records.add(new Encoded(sequence, partition, timestamp, key, value, headers));
    }

    /** It cannot tell all of the event, and so tells nothing of it. */
    void forget(String name) {
        records.removeIf(record -> record.sequence.equals(name));
    }

    void drainTo(RecordBatches batches) {
        for (Encoded record : records) {
            batches.add(record.partition, record.timestamp, record.key, record.value, record.headers);
        }
        records.clear();
    }
}
