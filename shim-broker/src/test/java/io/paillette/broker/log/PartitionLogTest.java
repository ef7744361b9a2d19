package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;
import static io.paillette.broker.log.RunningLogs.idempotent;
import static io.paillette.broker.log.RunningLogs.readAll;
import static io.paillette.broker.log.RunningLogs.records;
import static io.paillette.broker.log.RunningLogs.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartitionLogTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private RunningLogs running;

    @BeforeEach
    void open() {
        running = RunningLogs.on(database);
    }

    @AfterEach
    void close() {
        running.close();
    }

    private void restart() {
        running.close();
        running = RunningLogs.on(database);
    }

    @Test
    void appendedRecordsAreReadBackAfterARestart() {
        PartitionLog log = running.create("orders");

        AppendResult first = await(log.append(records("a", "b")));
        AppendResult second = await(log.append(records("c")));

        assertThat(first.baseOffset()).isZero();
        assertThat(second.baseOffset()).isEqualTo(2);
        assertThat(log.highWatermark()).isEqualTo(3);
        assertThat(readAll(log)).containsExactly("a", "b", "c");
        restart();
        PartitionLog after = running.log("orders", 0);
        assertThat(after.leaderEpoch()).isEqualTo(1);
        assertThat(after.highWatermark()).isEqualTo(3);
        assertThat(readAll(after)).containsExactly("a", "b", "c");
    }

    @Test
    void appendsThatAreNotAwaitedKeepTheirOrder() {
        PartitionLog log = running.create("orders");

        var results = new ArrayList<CompletableFuture<AppendResult>>();
        var expected = new ArrayList<String>();
        for (int i = 0; i < 500; i++) {
            results.add(log.append(records("v" + i)));
            expected.add("v" + i);
        }

        for (int i = 0; i < 500; i++) {
            assertThat(await(results.get(i)).baseOffset()).isEqualTo(i);
        }
        assertThat(readAll(log)).isEqualTo(expected);
    }

    @Test
    void aLargeGroupGoesThroughCopyAndComesBackUnchanged() {
        PartitionLog log = running.create("orders", Map.of("max.message.bytes", "10000000"));
        String large = "x".repeat(900_000);

        await(log.append(records(large, "y")));
        await(log.append(records("z")));

        assertThat(readAll(log)).containsExactly(large, "y", "z");
        restart();
        assertThat(readAll(running.log("orders", 0))).containsExactly(large, "y", "z");
    }

    @Test
    void aReadStartsWithTheBatchThatHoldsTheOffsetAndStopsAtTheByteLimit() {
        PartitionLog log = running.create("orders");
        await(log.append(records("a", "b", "c")));
        await(log.append(records("d")));
        restart();
        PartitionLog cold = running.log("orders", 0);

        assertThat(values(await(cold.read(1, 1, true)).records())).containsExactly("a", "b", "c");
        assertThat(values(await(cold.read(1, 1, false)).records())).isEmpty();
        assertThat(values(await(cold.read(3, 1_000_000, false)).records())).containsExactly("d");
        assertThat(values(await(cold.read(4, 1_000_000, true)).records())).isEmpty();
    }

    @Test
    void readingOutsideOfTheLogIsRefused() {
        PartitionLog log = running.create("orders");

        assertThatThrownBy(() -> await(log.read(1, 100, true))).isInstanceOf(OffsetOutOfRangeException.class);
        assertThatThrownBy(() -> await(log.read(-1, 100, true))).isInstanceOf(OffsetOutOfRangeException.class);
    }

    @Test
    void availableBytesAreKnownWithoutAskingTheStore() {
        PartitionLog log = running.create("orders");
        int first = records("a").sizeInBytes();
        await(log.append(records("a")));
        await(log.append(records("b")));

        assertThat(log.availableBytes(0, 1_000_000, IsolationLevel.READ_UNCOMMITTED))
                .isEqualTo(2L * first);
        assertThat(log.availableBytes(1, 1_000_000, IsolationLevel.READ_UNCOMMITTED))
                .isEqualTo(first);
        assertThat(log.availableBytes(0, 1, IsolationLevel.READ_UNCOMMITTED)).isEqualTo(1);
        assertThat(log.availableBytes(2, 1_000_000, IsolationLevel.READ_UNCOMMITTED))
                .isZero();
        restart();
        assertThat(running.log("orders", 0).availableBytes(0, 1_000_000, IsolationLevel.READ_UNCOMMITTED))
                .isEqualTo(1_000_000);
    }

    @Test
    void aRetriedBatchKeepsItsFirstOffset() {
        PartitionLog log = running.create("orders");

        var first = log.append(idempotent(7, 0, 0, "a"));
        var second = log.append(idempotent(7, 0, 1, "b"));
        var retried = log.append(idempotent(7, 0, 0, "a"));

        assertThat(await(retried).baseOffset())
                .isEqualTo(await(first).baseOffset())
                .isZero();
        assertThat(await(second).baseOffset()).isEqualTo(1);
        restart();
        assertThat(await(running.log("orders", 0).append(idempotent(7, 0, 1, "b")))
                        .baseOffset())
                .isEqualTo(1);
        assertThat(readAll(running.log("orders", 0))).containsExactly("a", "b");
    }

    @Test
    void aRetriedBatchIsKnownAfterACrashWithoutASnapshot() {
        PartitionLog log = running.create("orders");
        await(log.append(idempotent(7, 0, 0, "a", "b")));
        await(log.append(idempotent(7, 0, 2, "c")));
        RunningLogs crashed = running;
        running = RunningLogs.on(database);

        PartitionLog after = running.log("orders", 0);
        assertThat(await(after.append(idempotent(7, 0, 0, "a", "b"))).baseOffset())
                .isZero();
        assertThat(await(after.append(idempotent(7, 0, 3, "d"))).baseOffset()).isEqualTo(3);
        assertThatThrownBy(() -> await(after.append(idempotent(7, 0, 9, "gap"))))
                .isInstanceOf(OutOfOrderSequenceException.class);
        crashed.close();
    }

    @Test
    void aProducerThatWasSilentForTooLongIsForgotten() {
        LogSettings usual = LogSettings.defaults();
        await(running.create("orders").append(idempotent(7, 0, 0, "a")));
        running.close();
        long closed = System.currentTimeMillis();
        Awaitility.await().until(() -> System.currentTimeMillis() > closed + 1);

        running = RunningLogs.on(
                database,
                new LogSettings(
                        usual.tailCacheBytes(),
                        usual.appendQueueBytes(),
                        usual.appendPatience(),
                        usual.readThreads(),
                        usual.topicDefaults(),
                        Duration.ofMillis(1),
                        usual.housekeeping()));

        assertThat(await(running.log("orders", 0).append(idempotent(7, 0, 9, "b")))
                        .baseOffset())
                .as("a gap after what is remembered would be refused")
                .isEqualTo(1);
    }

    @Test
    void aGapInTheSequenceAndAnOldEpochAreRefused() {
        PartitionLog log = running.create("orders");
        await(log.append(idempotent(7, 1, 0, "a")));

        assertThatThrownBy(() -> await(log.append(idempotent(7, 1, 5, "b"))))
                .isInstanceOf(OutOfOrderSequenceException.class);
        assertThatThrownBy(() -> await(log.append(idempotent(7, 0, 1, "c"))))
                .isInstanceOf(InvalidProducerEpochException.class);
        assertThat(await(log.append(idempotent(7, 1, 1, "d"))).baseOffset()).isEqualTo(1);
    }

    @Test
    void whatKafkaWouldRefuseIsRefused() {
        PartitionLog log = running.create("orders", Map.of("max.message.bytes", "200"));
        MemoryRecords corrupt = records("a");
        corrupt.buffer().put(corrupt.sizeInBytes() - 2, (byte) 99);
        MemoryRecords transactional = MemoryRecords.withTransactionalRecords(
                Compression.NONE, 1L, (short) 0, 0, new SimpleRecord(1L, null, new byte[1]));

        assertThatThrownBy(() -> await(log.append(records("x".repeat(300)))))
                .isInstanceOf(RecordTooLargeException.class)
                .hasMessageContaining("max.message.bytes is 200");
        assertThatThrownBy(() -> await(log.append(corrupt))).isInstanceOf(CorruptRecordException.class);
        assertThatThrownBy(() -> await(log.append(transactional))).isInstanceOf(InvalidTxnStateException.class);
        assertThat(await(log.append(records("ok"))).baseOffset()).isZero();
    }

    @Test
    void offsetsAreFoundByTime() {
        PartitionLog log = running.create("orders");
        await(log.append(MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(100L, new byte[1]), new SimpleRecord(300L, new byte[1]))));
        await(log.append(MemoryRecords.withRecords(
                Compression.gzip().build(), new SimpleRecord(200L, new byte[1]), new SimpleRecord(250L, new byte[1]))));

        assertThat(await(log.firstAtOrAfter(0))).isEqualTo(new TimestampedOffset(100, 0, 0));
        assertThat(await(log.firstAtOrAfter(101))).isEqualTo(new TimestampedOffset(300, 1, 0));
        assertThat(await(log.firstAtOrAfter(301))).isEqualTo(TimestampedOffset.NONE);
        assertThat(await(log.latestByTimestamp())).isEqualTo(new TimestampedOffset(300, 1, 0));
    }

    @Test
    void anEpochEndsWhereTheNextThatWroteSomethingStarts() {
        await(running.create("orders").append(records("a", "b")));
        restart();
        restart();
        await(running.log("orders", 0).append(records("c")));
        PartitionLog log = running.log("orders", 0);

        assertThat(log.leaderEpoch()).isEqualTo(2);
        assertThat(await(log.endOfEpoch(0))).isEqualTo(new TimestampedOffset(-1, 2, 0));
        assertThat(await(log.endOfEpoch(1))).isEqualTo(new TimestampedOffset(-1, 2, 0));
        assertThat(await(log.endOfEpoch(2))).isEqualTo(new TimestampedOffset(-1, 3, 2));
        assertThat(await(log.endOfEpoch(3))).isEqualTo(TimestampedOffset.NONE);
    }

    @Test
    void listenersSeeEachMoveOfTheHighWatermark() {
        PartitionLog log = running.create("orders");
        var seen = java.util.Collections.synchronizedList(new ArrayList<TopicPartition>());
        running.logs.onAdvance(seen::add);

        await(log.append(records("a")));

        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertThat(seen).isEqualTo(List.of(new TopicPartition("orders", 0))));
    }

    @Test
    void producerIdsAreNeverGivenTwice() {
        var ids = new java.util.TreeSet<Long>();
        for (int i = 0; i < 1500; i++) {
            assertThat(ids.add(await(running.logs.producerIds().next()))).isTrue();
        }
        restart();
        assertThat(await(running.logs.producerIds().next())).isGreaterThan(ids.last());
    }
}
