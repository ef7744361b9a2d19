package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;
import static io.paillette.broker.log.RunningLogs.records;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.log.ReadAhead.Place;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ReadAheadTest {

    private static final int BATCHES = 400;
    private static final int LARGEST_VALUE = 20_000;

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void whatNobodyComesForMakesRoom() {
        var ahead = new ReadAhead(400);
        for (int offset = 1; offset <= 5; offset++) {
            ahead.begin(new Place(1, offset), 100, ReadAheadTest::nothing);
        }
        ahead.begin(new Place(2, 1), 101, ReadAheadTest::nothing);

        assertThat(ahead.visit(new Place(1, 1)).inSequence()).isFalse();
        assertThat(ahead.visit(new Place(1, 2)).reading()).isPresent();
        assertThat(ahead.visit(new Place(1, 2)).inSequence()).isFalse();
        ahead.begin(new Place(1, 6), 100, ReadAheadTest::nothing);
        assertThat(ahead.visit(new Place(1, 3)).reading()).isPresent();
        assertThat(ahead.visit(new Place(2, 1)).inSequence()).isTrue();
        assertThat(ahead.visit(new Place(2, 1)).reading()).isEmpty();
    }

    @Test
    void aReaderInSequenceFindsItsNextRangeReadAlready() {
        fill();
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.log("orders", 0);
            double before = reads(running);
            long second = end(await(log.read(0, 100_000, true)));
            assertThat(reads(running)).isEqualTo(before + 1);
            long third = end(await(log.read(second, 100_000, true)));
            Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(reads(running))
                    .isEqualTo(before + 3));

            LogSlice read = await(log.read(third, 100_000, true));

            assertThat(read.records().firstBatch().baseOffset()).isEqualTo(third);
            Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(reads(running))
                    .isEqualTo(before + 4)); // the fourth, ahead
        }
    }

    @Test
    void readersGetWhatTheyAskForWhereverTheyGoAndHoweverMuchTheyTake() {
        fill();
        long seed = System.nanoTime();
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.log("orders", 0);
            var readers = new ArrayList<CompletableFuture<Void>>();
            for (int reader = 0; reader < 4; reader++) {
                var random = new Random(seed + reader);
                readers.add(CompletableFuture.runAsync(() -> walk(log, random, seed)));
            }
            readers.forEach(RunningLogs::await);
            await(log.deleteBefore(BATCHES / 2));
            long offset = log.logStartOffset();
            assertThat(offset).isEqualTo(BATCHES / 2);
            walk(log, new Random(seed), seed);
        }
    }

    @Test
    void whatWasReadAheadIsNotServedOnceItIsDeleted() {
        fill();
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.log("orders", 0);
            double before = reads(running);
            long second = end(await(log.read(0, 100_000, true)));
            long third = end(await(log.read(second, 100_000, true)));
            Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(reads(running))
                    .isEqualTo(before + 3));

            await(log.deleteBefore(third + 1));

            assertThat(CompletableFuture.supplyAsync(() -> await(log.read(third, 100_000, true))))
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(OffsetOutOfRangeException.class);
        }
    }

    /** Each batch one record, so its number is its offset. Written and forgotten: the next start has no tail cache. */
    private void fill() {
        var random = new Random(1);
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders");
            var appends = new ArrayList<CompletableFuture<AppendResult>>();
            for (int batch = 0; batch < BATCHES; batch++) {
                appends.add(log.append(records(batch + " " + "x".repeat(random.nextInt(LARGEST_VALUE)))));
            }
            appends.forEach(RunningLogs::await);
        }
    }

    private static void walk(PartitionLog log, Random random, long seed) {
        long offset = log.logStartOffset();
        for (int step = 0; step < 300; step++) {
            int maxBytes = random.nextInt(4) == 0 ? random.nextInt(2 * LARGEST_VALUE) : 100_000;
            MemoryRecords read = await(log.read(offset, maxBytes, true)).records();
            List<String> values = RunningLogs.values(read);
            assertThat(values).as("seed " + seed).isNotEmpty();
            assertThat(read.sizeInBytes() <= maxBytes || values.size() == 1)
                    .as("%d bytes for %d, seed %d", read.sizeInBytes(), maxBytes, seed)
                    .isTrue();
            for (String value : values) {
                assertThat(value).as("seed " + seed).startsWith(offset + " ");
                offset++;
            }
            if (offset == BATCHES || random.nextInt(20) == 0) {
                offset = log.logStartOffset() + random.nextInt((int) (BATCHES - log.logStartOffset()));
            }
        }
    }

    private static double reads(RunningLogs running) {
        return running.store.calls().getOrDefault("reader", 0.0);
    }

    private static long end(LogSlice slice) {
        return slice.records().lastBatch().map(RecordBatch::nextOffset).orElseThrow();
    }

    private static CompletableFuture<MemoryRecords> nothing() {
        return CompletableFuture.completedFuture(MemoryRecords.EMPTY);
    }
}
