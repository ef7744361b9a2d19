package io.paillette.broker.log;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** The partitions this broker leads. */
public final class Logs {

    public Optional<PartitionLog> find(TopicPartition partition) {
        throw new UnsupportedOperationException("not built yet" + partition);
    }

    /**
     * Appends to many partitions and moves a feed's position, all in one SQL transaction or not at all.
     *
     * @param position what {@link FeedPosition#source} stands at once these records are committed
     */
    public CompletableFuture<Void> append(List<SequenceAppend> appends, FeedPosition position) {
        throw new UnsupportedOperationException("not built yet" + appends + position);
    }

    /** Calls back after each move of a high watermark, on the committing thread: the listener must not block. */
    public void onAdvance(Consumer<TopicPartition> listener) {
        throw new UnsupportedOperationException("not built yet" + listener);
    }

    /** Records for one partition of a sequence, built by this broker. */
    public record SequenceAppend(TopicPartition partition, MemoryRecords records) {}

    /** @param text an opaque line, given back unchanged by {@code FeedStore.load} */
    public record FeedPosition(String source, String text) {}
}
