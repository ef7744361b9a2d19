package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;
import static io.paillette.broker.log.RunningLogs.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.log.Logs.FeedPosition;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.Test;

/** Transactions of the broker's own, that a feed spreads over several appends. */
class OwnTransactionsTest {

    private static final Header[] NO_HEADERS = {};
    private static final int LARGER_THAN_A_BATCH = 300 * 1024;

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void itsRecordsBecomeVisibleTogetherWithItsLastAppend() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog a = running.create("a");
            PartitionLog b = running.create("b");
            claim(running);

            append(running, 7, "1", Optional.empty(), a, b);
            append(running, 7, "2", Optional.empty(), a);
            assertThat(List.of(a.lastStableOffset(), b.lastStableOffset())).containsExactly(0L, 0L);
            assertThat(List.of(a.highWatermark(), b.highWatermark())).containsExactly(2L, 1L);

            append(running, 7, "3", Optional.of(end(7, true, a, b)), a);
            assertThat(committed(a)).containsExactly("1", "2", "3");
            assertThat(committed(b)).containsExactly("1");
            assertThat(List.of(a.lastStableOffset(), b.lastStableOffset())).containsExactly(4L, 2L);
        }
    }

    @Test
    void itGoesOnWhereAnotherBrokerLeftIt() {
        try (var first = RunningLogs.on(database)) {
            PartitionLog a = first.create("a");
            PartitionLog b = first.create("b");
            claim(first);
            append(first, 7, "1", Optional.empty(), a, b);
            database.execute("update paillette.topic set source = 'app'"); // as sequences have it
        }
        try (var second = RunningLogs.on(database)) {
            PartitionLog a = second.log("a", 0);
            PartitionLog b = second.log("b", 0);
            claim(second);
            assertThat(committed(a)).isEmpty();

            append(second, 7, "2", Optional.of(end(7, true, a, b)), a);
            assertThat(committed(a)).containsExactly("1", "2");
            assertThat(committed(b)).containsExactly("1");
        }
    }

    @Test
    void oneThatIsAbortedIsNeverSeenAndWhatComesWithItsEndIs() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog a = running.create("a");
            PartitionLog b = running.create("b");
            claim(running);
            append(running, 7, "gone", Optional.empty(), a, b);

            await(running.logs.append(
                    List.of(new OwnRecords(a.partition(), records("plain"))),
                    new FeedPosition("app", "0/20"),
                    Optional.of(end(7, false, a, b))));

            assertThat(a.lastStableOffset()).isEqualTo(3);
            assertThat(aborted(a)).containsExactly(7L);
            assertThat(aborted(b)).containsExactly(7L);
        }
    }

    @Test
    void oneThatSomebodyElseEndedTakesNothingMoreAndIsNotCommitted() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog a = running.create("a");
            PartitionLog b = running.create("b");
            claim(running);
            append(running, 7, "1", Optional.empty(), a, b);
            await(a.endTransaction(new TransactionMarker(7, (short) 0, false, (short) 0)));

            assertThatThrownBy(() -> append(running, 7, "2", Optional.empty(), a))
                    .isInstanceOf(KafkaStorageException.class)
                    .hasMessageContaining("was ended by somebody else");
            await(running.logs.claimFeed("app"));
            assertThatThrownBy(() -> append(running, 7, "2", Optional.of(end(7, true, a, b)), b))
                    .isInstanceOf(KafkaStorageException.class);
            await(running.logs.claimFeed("app"));

            await(running.logs.append(List.of(), new FeedPosition("app", "{}"), Optional.of(end(7, false, a, b))));
            assertThat(committed(a)).containsExactly("1"); // of an aborted transaction: the client leaves it out
            assertThat(List.of(aborted(a), aborted(b))).containsOnly(List.of(7L));
        }
    }

    @Test
    void aBatchThatWasFullEarlyBelongsToItToo() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog a = running.create("a");
            claim(running);
            var gathered = new RecordBatches(every -> RecordBatches.PLAIN);
            gathered.add(a.partition(), 1, null, new byte[LARGER_THAN_A_BATCH], NO_HEADERS);
            gathered.add(a.partition(), 2, null, new byte[LARGER_THAN_A_BATCH], NO_HEADERS);
            await(running.logs.readyForTransaction(a.partition()));
            await(running.logs.append(gathered.drainInTransaction(7), new FeedPosition("app", "0/10")));

            List<String> batches = new ArrayList<>();
            for (RecordBatch batch : await(a.read(0, 1 << 20, true)).records().batches()) {
                batches.add(batch.producerId() + " " + batch.baseSequence() + " " + batch.isTransactional());
            }
            assertThat(batches).containsExactly("7 0 true", "7 1 true");
        }
    }

    private static void claim(RunningLogs running) {
        running.store.feeds().lead("app", 0, 0);
        await(running.logs.claimFeed("app"));
    }

    private static void append(
            RunningLogs running, long producerId, String value, Optional<OwnEnding> ending, PartitionLog... logs) {
        var gathered = new RecordBatches(every -> RecordBatches.PLAIN);
        for (PartitionLog log : logs) {
            gathered.add(log.partition(), 1, null, RunningLogs.bytes(value), NO_HEADERS);
            await(running.logs.readyForTransaction(log.partition()));
        }
        String position = ending.isPresent() ? "{}" : "producer=" + producerId + " {}";
        await(running.logs.append(gathered.drainInTransaction(producerId), new FeedPosition("app", position), ending));
    }

    private static OwnEnding end(long producerId, boolean commit, PartitionLog... logs) {
        Set<TopicPartition> partitions =
                List.of(logs).stream().map(PartitionLog::partition).collect(Collectors.toSet());
        return new OwnEnding(TransactionMarker.own(producerId, commit), partitions);
    }

    private static List<Long> aborted(PartitionLog log) {
        return await(log.read(0, 1 << 20, true, IsolationLevel.READ_COMMITTED)).aborted().stream()
                .map(AbortedTransaction::producerId)
                .toList();
    }

    /** Without those of control batches, as a consumer sees them. */
    private static List<String> committed(PartitionLog log) {
        var values = new ArrayList<String>();
        for (RecordBatch batch : await(log.read(0, 1 << 20, true, IsolationLevel.READ_COMMITTED))
                .records()
                .batches()) {
            if (!batch.isControlBatch()) {
                batch.forEach(record -> {
                    byte[] value = new byte[record.valueSize()];
                    record.value().get(value);
                    values.add(new String(value, java.nio.charset.StandardCharsets.UTF_8));
                });
            }
        }
        return values;
    }
}
