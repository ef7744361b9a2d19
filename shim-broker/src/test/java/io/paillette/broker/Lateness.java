package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.TopicPartition;

/** How late records of partition 0 come at most, while it reads on. */
final class Lateness implements AutoCloseable {

    private final AtomicBoolean stopping = new AtomicBoolean();
    private final FedBroker broker;
    private final String topic;
    private final Thread thread = new Thread(this::run, "reader");
    private volatile long longestMillis;
    private volatile boolean reads;

    Lateness(FedBroker broker, String topic) {
        this.broker = broker;
        this.topic = topic;
        thread.start();
    }

    private void run() {
        try (var consumer = SequencesOverHttpTest.consumer(broker)) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seekToEnd(consumer.assignment());
            while (!stopping.get()) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    reads = true;
                    longestMillis = Math.max(longestMillis, System.currentTimeMillis() - record.timestamp());
                }
            }
        }
    }

    /** Of all that came; there has to be some. */
    long longestMillis() {
        assertThat(reads).as("records were read meanwhile").isTrue();
        return longestMillis;
    }

    @Override
    public void close() {
        stopping.set(true);
    }
}
