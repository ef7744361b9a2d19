package io.paillette.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Topics of one broker: made before something is measured, counted afterwards. */
final class Topics implements AutoCloseable {

    private final Admin admin;

    Topics(Broker broker) {
        this.admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    static void create(Broker broker, String name, int partitions) {
        try (var topics = new Topics(broker)) {
            topics.create(name, partitions);
        }
    }

    /** With the broker's defaults. */
    void create(String name, int partitions) {
        await(admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())))
                .all());
    }

    /** Records that the broker has: the sum of the end offsets. */
    static long stored(Broker broker, String name, int partitions) {
        try (var topics = new Topics(broker)) {
            var latest = IntStream.range(0, partitions)
                    .boxed()
                    .collect(Collectors.toMap(
                            number -> new TopicPartition(name, number), number -> OffsetSpec.latest()));
            return await(topics.admin.listOffsets(latest).all()).values().stream()
                    .mapToLong(result -> result.offset())
                    .sum();
        }
    }

    private static <T> T await(KafkaFuture<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the broker refused", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
