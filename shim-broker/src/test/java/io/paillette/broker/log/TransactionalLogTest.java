package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;
import static io.paillette.broker.log.RunningLogs.idempotent;
import static io.paillette.broker.log.RunningLogs.records;
import static io.paillette.broker.log.RunningLogs.simple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.CuttingProxy;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A partition's side of transactions: markers, the last stable offset, what was aborted. */
class TransactionalLogTest {

    private static final TransactionEntry KNOWN = () -> CompletableFuture.completedFuture(null);
    private static final short V0 = 0;
    private static final short V2 = 2;
    private static final Map<String, String> COMPACT =
            Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0", "delete.retention.ms", "0");

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void aReaderOfCommittedRecordsStopsAtTheFirstOpenTransaction() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders");
            await(log.append(records("plain")));
            await(log.append(transactional(5, 0, 0, "a"), KNOWN));
            await(log.append(records("after")));

            assertThat(log.lastStableOffset()).isEqualTo(1);
            assertThat(committed(log)).containsExactly("plain");

            await(log.endTransaction(new TransactionMarker(5, (short) 0, true, V0)));
            assertThat(log.lastStableOffset()).isEqualTo(4);
            assertThat(committed(log)).containsExactly("plain", "a", "after");
        }
    }

    @Test
    void aMarkerIsWrittenOnceHoweverOftenItIsAskedFor() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders");
            await(log.append(transactional(5, 0, 0, "a"), KNOWN));
            var marker = new TransactionMarker(5, (short) 1, true, V2);
            await(log.endTransaction(marker));
            await(log.endTransaction(marker));
            assertThat(log.highWatermark()).isEqualTo(2);
        }
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.log("orders", 0);
            await(log.endTransaction(new TransactionMarker(5, (short) 1, true, V2)));
            await(log.endTransaction(new TransactionMarker(5, (short) 0, true, V2)));
            assertThat(log.highWatermark()).isEqualTo(2);
        }
    }

    @Test
    void aBatchThatComesAfterTheMarkerOfItsTransactionIsRefused() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders");
            await(log.append(transactional(5, 0, 0, "a"), KNOWN));
            await(log.endTransaction(new TransactionMarker(5, (short) 1, false, V2)));

            assertThatThrownBy(() -> await(log.append(transactional(5, 0, 1, "late"), KNOWN)))
                    .isInstanceOf(InvalidProducerEpochException.class);
            await(log.append(transactional(5, 1, 0, "next"), KNOWN));
            assertThat(log.lastStableOffset()).isEqualTo(2);
        }
    }

    @Test
    void aBatchWhoseTransactionEndsWhileItIsVerifiedIsRefusedAndTheNextTransactionIsNot() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders");
            var verified = new CompletableFuture<Void>();
            var nextVerified = new CompletableFuture<Void>();
            CompletableFuture<AppendResult> late = log.append(transactional(5, 0, 0, "late"), () -> verified);
            CompletableFuture<AppendResult> next = log.append(transactional(5, 1, 0, "next"), () -> nextVerified);
            await(log.endTransaction(new TransactionMarker(5, (short) 1, false, V2)));
            verified.complete(null);
            nextVerified.complete(null);

            assertThatThrownBy(() -> await(late)).isInstanceOf(InvalidTxnStateException.class);
            assertThat(await(next).baseOffset()).isEqualTo(1);
        }
    }

    @Test
    void appendsOfOneProducerWaitForItsVerificationInOrderAndOthersGoOn() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders");
            await(log.append(idempotent(4, 0, 0, "warm-up"))); // producers are loaded
            var asked = new AtomicInteger();
            var verified = new CompletableFuture<Void>();
            TransactionEntry slow = () -> {
                asked.incrementAndGet();
                return verified;
            };
            var answers = new ArrayList<CompletableFuture<AppendResult>>();
            for (int i = 0; i < 5; i++) {
                answers.add(log.append(transactional(5, 0, i, "t" + i), slow));
            }
            await(log.append(records("other")));
            verified.complete(null);

            for (int i = 0; i < 5; i++) {
                assertThat(await(answers.get(i)).baseOffset()).isEqualTo(2 + i);
            }
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void whatIsNotVerifiedIsRefusedAndMaySucceedLater() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders");
            TransactionEntry refused =
                    () -> CompletableFuture.failedFuture(new InvalidTxnStateException("not in the transaction"));

            assertThatThrownBy(() -> await(log.append(transactional(5, 0, 0, "a"), refused)))
                    .isInstanceOf(InvalidTxnStateException.class);
            assertThat(log.highWatermark()).isZero();
            await(log.append(transactional(5, 0, 0, "a"), KNOWN));
            assertThat(log.highWatermark()).isEqualTo(1);
        }
    }

    @Test
    void aRepeatedBatchOfAnEndedTransactionGetsItsFirstAnswerUnverified() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders");
            await(log.append(transactional(5, 0, 0, "a"), KNOWN));
            await(log.endTransaction(new TransactionMarker(5, (short) 0, true, V0)));
            TransactionEntry never = () -> {
                throw new AssertionError("it was there before");
            };

            assertThat(await(log.append(transactional(5, 0, 0, "a"), never)).baseOffset())
                    .isZero();
            assertThat(log.highWatermark()).isEqualTo(2);
        }
    }

    @Test
    void anOpenTransactionStaysOpenWhenAnAppendIsGivenUp() throws Exception {
        String mark = "cut here";
        var impatient = new LogSettings(1 << 20, 1 << 20, Duration.ZERO, 2, Map.of());
        try (var proxy = new CuttingProxy(database, mark);
                var running = RunningLogs.on(proxy.database(), impatient)) {
            PartitionLog log = running.create("orders");
            await(log.append(transactional(5, 0, 0, "open"), KNOWN));

            proxy.arm(1);
            assertThatThrownBy(() -> await(log.append(records(mark)))).isInstanceOf(KafkaStorageException.class);
            Awaitility.await().until(() -> log.highWatermark() == 2);

            assertThat(log.lastStableOffset()).isZero();
            await(log.endTransaction(new TransactionMarker(5, (short) 0, false, V0)));
            assertThat(log.lastStableOffset()).isEqualTo(3);
            assertThat(committed(log)).containsExactly(mark);
        }
    }

    @Test
    void anAbortWhoseAnswerIsLostIsKnownAfterwards() throws Exception {
        var impatient = new LogSettings(1 << 20, 1 << 20, Duration.ZERO, 2, Map.of());
        try (var proxy = new CuttingProxy(database, "COMMIT");
                var running = RunningLogs.on(proxy.database(), impatient)) {
            PartitionLog log = running.create("orders");
            await(log.append(transactional(5, 0, 0, "a"), KNOWN));
            var marker = new TransactionMarker(5, (short) 0, false, V0);

            proxy.arm(1);
            assertThatThrownBy(() -> await(log.endTransaction(marker))).isInstanceOf(KafkaStorageException.class);
            Awaitility.await().untilAsserted(() -> await(log.endTransaction(marker)));

            Awaitility.await().until(() -> log.lastStableOffset() == 2);
            assertThat(log.highWatermark()).isEqualTo(2);
            assertThat(committed(log)).isEmpty();
        }
    }

    @Test
    void compactionKeepsWhatWasCommittedDropsWhatWasAbortedAndThenTheMarkers() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders", COMPACT);
            await(log.append(keyed(5, 0, 0, "k", "committed"), KNOWN));
            await(log.endTransaction(new TransactionMarker(5, (short) 1, true, V2)));
            await(log.append(keyed(5, 1, 0, "k", "aborted"), KNOWN));
            await(log.endTransaction(new TransactionMarker(5, (short) 2, false, V2)));
            await(log.append(keyed(6, 0, 0, "j", "old"), KNOWN));
            await(log.endTransaction(new TransactionMarker(6, (short) 1, true, V2)));
            await(log.append(keyed(6, 1, 0, "j", "new"), KNOWN));
            await(log.endTransaction(new TransactionMarker(6, (short) 2, true, V2)));

            for (int pass = 0; pass < 4; pass++) {
                await(log.append(MemoryRecords.withRecords(
                        Compression.NONE, new SimpleRecord(1_000, bytes("other"), bytes("p" + pass)))));
                running.logs.housekeeping().compact();
                assertThat(committed(log)).containsExactly("committed", "new", "p" + pass);
            }
            assertThat(markers(log)).as("one for each producer's epoch").isLessThanOrEqualTo(3);
            assertThat(database.query("select count(*) from paillette.aborted_transaction"))
                    .isEqualTo("0");
        }
    }

    @Test
    void aRandomHistoryReadsTheSameWhateverIsForgottenInBetween() {
        long seed = Long.getLong("seed", ThreadLocalRandom.current().nextLong());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var expected = new ArrayList<String>();
        Map<Integer, List<String>> open = new HashMap<>();
        Map<Integer, Integer> epochs = new HashMap<>();
        RunningLogs running = RunningLogs.on(database);
        PartitionLog log = running.create("orders");
        var everything = new ArrayList<Written>();
        try {
            for (int step = 0; step < 400; step++) {
                int producer = random.nextInt(4);
                int epoch = epochs.getOrDefault(producer, 0);
                List<String> mine = open.computeIfAbsent(producer, p -> new ArrayList<>());
                int what = random.nextInt(20);
                if (what == 0) {
                    running.close();
                    running = RunningLogs.on(database);
                    log = running.log("orders", 0);
                    log.loadTransactions(); // no coordinator here, whose rows would say so
                } else if (what < 5 && !mine.isEmpty()) {
                    boolean commit = random.nextBoolean();
                    await(log.endTransaction(new TransactionMarker(producer, (short) (epoch + 1), commit, V2)));
                    everything.stream().filter(w -> mine.contains(w.value())).forEach(w -> w.decide(commit));
                    epochs.put(producer, epoch + 1);
                    mine.clear();
                } else if (what < 8) {
                    await(log.append(records("plain" + step)));
                    everything.add(new Written("plain" + step, true));
                } else {
                    await(log.append(transactional(producer, epoch, mine.size(), "t" + step), KNOWN));
                    mine.add("t" + step);
                    everything.add(new Written("t" + step, false));
                }
                if (random.nextInt(10) == 0) {
                    expected.clear();
                    everything.stream()
                            .takeWhile(w -> w.decided)
                            .filter(w -> w.kept)
                            .forEach(w -> expected.add(w.value()));
                    assertThat(committed(log)).as("seed %d step %d", seed, step).isEqualTo(expected);
                }
            }
        } finally {
            running.close();
        }
    }

    private static final class Written {
        private final String value;
        private boolean decided;
        private boolean kept;

        Written(String value, boolean plain) {
            this.value = value;
            this.decided = plain;
            this.kept = plain;
        }

        String value() {
            return value;
        }

        void decide(boolean commit) {
            decided = true;
            kept = commit;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static MemoryRecords transactional(long producerId, int epoch, int sequence, String... values) {
        return MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) epoch, sequence, simple(values));
    }

    private static MemoryRecords keyed(long producerId, int epoch, int sequence, String key, String value) {
        return MemoryRecords.withTransactionalRecords(
                Compression.NONE,
                producerId,
                (short) epoch,
                sequence,
                new SimpleRecord(1_000, bytes(key), bytes(value)));
    }

    /** As Kafka's consumer does it: a producer listed as aborted is left out until its abort marker. */
    private static List<String> committed(PartitionLog log) {
        var values = new ArrayList<String>();
        long offset = log.logStartOffset();
        while (offset < log.lastStableOffset()) {
            LogSlice slice = await(log.read(offset, 300, true, IsolationLevel.READ_COMMITTED));
            var aborted = new ArrayList<>(slice.aborted());
            var leftOut = new ArrayList<Long>();
            for (RecordBatch batch : slice.records().batches()) {
                long last = batch.lastOffset();
                for (var transaction : List.copyOf(aborted)) {
                    if (transaction.firstOffset() <= last) {
                        aborted.remove(transaction);
                        leftOut.add(transaction.producerId());
                    }
                }
                if (batch.isControlBatch()) {
                    Record marker =
                            batch.iterator().hasNext() ? batch.iterator().next() : null;
                    if (marker != null && ControlRecordType.parse(marker.key()) == ControlRecordType.ABORT) {
                        leftOut.remove((Long) batch.producerId());
                    }
                } else if (!batch.isTransactional() || !leftOut.contains(batch.producerId())) {
                    for (Record record : batch) {
                        byte[] value = new byte[record.valueSize()];
                        record.value().get(value);
                        values.add(new String(value, StandardCharsets.UTF_8));
                    }
                }
                offset = batch.nextOffset();
            }
        }
        return values;
    }

    private static int markers(PartitionLog log) {
        int found = 0;
        long offset = log.logStartOffset();
        while (offset < log.highWatermark()) {
            for (RecordBatch batch :
                    await(log.read(offset, 1 << 20, true)).records().batches()) {
                found += batch.isControlBatch() && batch.iterator().hasNext() ? 1 : 0;
                offset = batch.nextOffset();
            }
        }
        return found;
    }
}
