package io.paillette.broker.log;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Clusters;
import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.Topics;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Time;

/** A store, its logs and topics as a broker composes them, for tests. */
final class RunningLogs implements AutoCloseable {

    final Store store;
    final Cluster cluster;
    final Logs logs;
    final Topics topics;

    private RunningLogs(Store store, Cluster cluster, Logs logs, Topics topics) {
        this.store = store;
        this.cluster = cluster;
        this.logs = logs;
        this.topics = topics;
    }

    static RunningLogs on(Database database) {
        return on(database, LogSettings.defaults());
    }

    static RunningLogs on(Database database, LogSettings settings) {
        Store store = Store.open(StoreSettings.of(database.url()));
        Cluster cluster = Clusters.alone(store.cluster(), 0, 0);
        Logs logs = Logs.open(settings, store.logs(), store.feeds(), cluster, Time.SYSTEM);
        Topics topics = Topics.open(store.topics(), logs, settings.topicDefaults());
        return new RunningLogs(store, cluster, logs, topics);
    }

    PartitionLog create(String topic) {
        return create(topic, Map.of());
    }

    PartitionLog create(String topic, Map<String, String> configs) {
        await(topics.create(new NewTopic(topic, 1, Optional.empty(), configs)));
        return log(topic, 0);
    }

    PartitionLog log(String topic, int index) {
        return logs.find(new TopicPartition(topic, index)).orElseThrow();
    }

    @Override
    public void close() {
        topics.close();
        logs.close();
        cluster.close();
        store.close();
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    static MemoryRecords records(String... values) {
        return MemoryRecords.withRecords(Compression.NONE, simple(values));
    }

    static MemoryRecords idempotent(long producerId, int epoch, int sequence, String... values) {
        return MemoryRecords.withIdempotentRecords(
                Compression.NONE, producerId, (short) epoch, sequence, simple(values));
    }

    static SimpleRecord[] simple(String... values) {
        var records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(1_000, bytes("k"), bytes(values[i]));
        }
        return records;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static List<String> values(MemoryRecords records) {
        var values = new ArrayList<String>();
        for (Record record : records.records()) {
            byte[] value = new byte[record.valueSize()];
            record.value().get(value);
            values.add(new String(value, StandardCharsets.UTF_8));
        }
        return values;
    }

    /** All that is committed, batch by batch; the offsets are checked to be dense. */
    static List<String> readAll(PartitionLog log) {
        var values = new ArrayList<String>();
        long offset = log.logStartOffset();
        while (offset < log.highWatermark()) {
            LogSlice slice = await(log.read(offset, 1 << 20, true));
            for (RecordBatch batch : slice.records().batches()) {
                if (batch.baseOffset() != offset) {
                    throw new AssertionError("expected offset " + offset + ", found " + batch.baseOffset());
                }
                batch.ensureValid();
                offset = batch.nextOffset();
            }
            values.addAll(values(slice.records()));
        }
        return values;
    }
}
