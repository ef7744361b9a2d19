package io.paillette.broker.group;

import io.paillette.broker.store.StoreException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoader;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.Deserializer;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rebuilds a shard from its rows, then opens it for appends. Rows are what a fully compacted log would hold, in the order of
 * their last write, which Kafka's state machine is made to replay.
 *
 * <p>While the store cannot be reached a load waits for it: a failed one would leave the shard dead until the next election.
 */
final class ShardLoader implements CoordinatorLoader<CoordinatorRecord> {

    private static final Logger LOG = LoggerFactory.getLogger(ShardLoader.class);
    private static final long RETRY_MILLIS = 200;

    private final GroupStore store;
    private final Map<Integer, Shard> shards;
    private final GroupCoordinatorRecordSerde serde = new GroupCoordinatorRecordSerde();
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(work -> new Thread(work, "paillette-groups-load"));
    private volatile boolean held; // a load waits for the store, and all after it wait for that one

    ShardLoader(GroupStore store, Map<Integer, Shard> shards) {
        this.store = store;
        this.shards = Map.copyOf(shards);
    }

    @Override
    public CompletableFuture<LoadSummary> load(
            TopicPartition partition, CoordinatorPlayback<CoordinatorRecord> playback) {
        long askedMillis = System.currentTimeMillis();
        var loaded = new CompletableFuture<LoadSummary>();
        try {
            thread.execute(() -> load(partition.partition(), playback, askedMillis, loaded));
        } catch (RejectedExecutionException closed) {
            LOG.debug("coordinator shard {} is not loaded, the broker stops", partition.partition());
        }
        return loaded;
    }

    /** When the broker stops meanwhile nothing completes: a failure would be told as one, and nobody waits any more. */
    private void load(
            int number,
            CoordinatorPlayback<CoordinatorRecord> playback,
            long askedMillis,
            CompletableFuture<LoadSummary> loaded) {
        try {
            loaded.complete(load(number, playback, askedMillis));
        } catch (RuntimeException e) {
            if (thread.isShutdown()) {
                LOG.debug("coordinator shard {} is not loaded, the broker stops", number, e);
            } else {
                loaded.completeExceptionally(e);
            }
        }
    }

    private LoadSummary load(int number, CoordinatorPlayback<CoordinatorRecord> playback, long askedMillis) {
        long startMillis = System.currentTimeMillis();
        Shard shard = shards.get(number);
        if (shard == null) {
            throw new NotLeaderOrFollowerException("no coordinator shard " + number);
        }
        ShardState state = read(number);
        long bytes = 0;
        for (StateRecord record : state.records()) {
            bytes += record.sizeInBytes();
            CoordinatorRecord decoded = decode(number, record);
            if (decoded != null) {
                playback.replay(record.offset(), record.producerId(), record.producerEpoch(), decoded);
            }
        }
        long end = state.position().nextOffset();
        if (end > 0) { // the runtime refuses to be told of 0
            playback.updateLastWrittenOffset(end);
            playback.updateLastCommittedOffset(end);
        }
        if (!shard.open(state.position())) {
            throw new NotLeaderOrFollowerException(
                    "coordinator shard " + number + " was taken over while it was loaded");
        }
        return new LoadSummary(
                askedMillis,
                System.currentTimeMillis(),
                startMillis - askedMillis,
                state.records().size(),
                bytes);
    }

    private ShardState read(int number) {
        while (true) {
            try {
                ShardState state = store.load(number);
                held = false;
                return state;
            } catch (StoreException e) {
                held = true;
                LOG.warn("coordinator shard {} cannot be loaded yet: {}", number, e.getMessage());
                if (isClosed(RETRY_MILLIS)) {
                    throw new CoordinatorNotAvailableException("closed while loading shard " + number, e);
                }
            }
        }
    }

    private boolean isClosed(long afterMillis) {
        try {
            return thread.awaitTermination(afterMillis, TimeUnit.MILLISECONDS) || thread.isShutdown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Whether loads wait for a store out of reach. */
    boolean isHeld() {
        return held;
    }

    /** Null for a record type that this version does not know: left by a newer broker, and left alone. */
    private @Nullable CoordinatorRecord decode(int number, StateRecord record) {
        try {
            return serde.deserialize(
                    record.key().duplicate(),
                    record.value() == null ? null : record.value().duplicate());
        } catch (Deserializer.UnknownRecordTypeException e) {
            LOG.warn("coordinator shard {}: ignoring a record of unknown type {}", number, e.unknownType());
            return null;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
