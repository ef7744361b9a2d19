package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;
import static io.paillette.broker.log.RunningLogs.bytes;
import static io.paillette.broker.log.RunningLogs.idempotent;
import static io.paillette.broker.log.RunningLogs.records;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CompactionTest {

    private static final Map<String, String> COMPACT =
            Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01");

    private final Database database = PostgresServer.shared().newDatabase();
    private final long seed = Long.getLong("seed", ThreadLocalRandom.current().nextLong());
    private RunningLogs running;

    @BeforeEach
    void open() {
        running = RunningLogs.on(database, settings());
    }

    @AfterEach
    void close() {
        running.close();
    }

    private void restart() {
        running.close();
        running = RunningLogs.on(database, settings());
    }

    /** Nothing happens by itself. */
    private static LogSettings settings() {
        LogSettings some = LogSettings.defaults();
        return new LogSettings(
                some.tailCacheBytes(),
                some.appendQueueBytes(),
                some.appendPatience(),
                some.readThreads(),
                some.topicDefaults(),
                some.producerExpiry(),
                new HousekeepingSettings(1L << 30, Duration.ofDays(1), Duration.ofDays(1), 1 << 20));
    }

    private static SimpleRecord record(String key, @Nullable String value) {
        return new SimpleRecord(System.currentTimeMillis(), bytes(key), value == null ? null : bytes(value));
    }

    private static MemoryRecords batch(SimpleRecord... records) {
        return MemoryRecords.withRecords(Compression.NONE, records);
    }

    /** Offset and {@code key=value} of every record, as a consumer sees them. */
    static SortedMap<Long, String> contents(PartitionLog log) {
        var found = new TreeMap<Long, String>();
        long offset = log.logStartOffset();
        while (offset < log.highWatermark()) {
            LogSlice slice = read(log, offset);
            assertThat(slice.records().sizeInBytes()).as("bytes at %d", offset).isPositive();
            for (RecordBatch batch : slice.records().batches()) {
                batch.ensureValid();
                assertThat(batch.lastOffset()).isGreaterThanOrEqualTo(offset);
                for (Record record : batch) {
                    if (record.offset() >= offset) {
                        assertThat(found.put(record.offset(), text(record))).isNull();
                    }
                }
                offset = batch.nextOffset();
            }
        }
        return found;
    }

    /** As a consumer does: what can be asked again is asked again. */
    private static LogSlice read(PartitionLog log, long offset) {
        for (int attempt = 0; ; attempt++) {
            try {
                return await(log.read(offset, 4096, true));
            } catch (KafkaStorageException e) {
                if (attempt == 20) {
                    throw e;
                }
            }
        }
    }

    private static String text(Record record) {
        String value = record.hasValue()
                ? StandardCharsets.UTF_8.decode(record.value()).toString()
                : "-";
        return StandardCharsets.UTF_8.decode(record.key()) + "=" + value;
    }

    @Test
    void ofEveryKeyTheNewestRecordStaysWhereItIs() {
        PartitionLog log = running.create("table", COMPACT);
        await(log.append(batch(record("a", "1"), record("b", "1"))));
        await(log.append(batch(record("a", "2"))));
        await(log.append(batch(record("c", "1"), record("a", "3"))));

        running.logs.housekeeping().compact();

        var expected = new TreeMap<>(Map.of(1L, "b=1", 3L, "c=1", 4L, "a=3"));
        assertThat(contents(log)).isEqualTo(expected);
        assertThat(database.query("select count(*) from paillette.batch")).isEqualTo("2");
        restart();
        assertThat(contents(running.log("table", 0))).isEqualTo(expected);
        await(running.log("table", 0).append(batch(record("b", "2"))));
        running.logs.housekeeping().compact();
        assertThat(contents(running.log("table", 0))).isEqualTo(new TreeMap<>(Map.of(3L, "c=1", 4L, "a=3", 5L, "b=2")));
    }

    @Test
    void anOffsetInsideOfWhatIsGoneIsServedFromTheNextBatch() {
        PartitionLog log = running.create("table", COMPACT);
        for (int i = 0; i < 10; i++) {
            await(log.append(batch(record("a", "" + i))));
        }

        running.logs.housekeeping().compact();
        await(log.append(batch(record("b", "1"))));

        for (long offset = 0; offset < 10; offset++) {
            MemoryRecords read = await(log.read(offset, 1, true)).records();
            assertThat(read.batches().iterator().next().baseOffset()).isEqualTo(9);
        }
        assertThat(await(log.firstAtOrAfter(0)).offset()).isEqualTo(9);
    }

    @Test
    void aTombstoneStaysForItsTimeAndItsOffsetIsNotForgotten() {
        PartitionLog log = running.create(
                "table",
                Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0", "delete.retention.ms", "0"));
        PartitionLog kept = running.create("kept", COMPACT);
        for (PartitionLog some : List.of(log, kept)) {
            await(some.append(batch(record("a", "1"))));
            await(some.append(batch(record("a", null))));
        }
        running.logs.housekeeping().compact();
        assertThat(contents(log)).isEqualTo(new TreeMap<>(Map.of(1L, "a=-")));

        for (PartitionLog some : List.of(log, kept)) {
            await(some.append(batch(record("b", "1"))));
        }
        running.logs.housekeeping().compact();

        assertThat(contents(log)).isEqualTo(new TreeMap<>(Map.of(2L, "b=1")));
        assertThat(contents(kept)).isEqualTo(new TreeMap<>(Map.of(1L, "a=-", 2L, "b=1")));
    }

    @Test
    void theLastBatchOfAProducerKeepsItsHeader() {
        PartitionLog log = running.create("table", COMPACT);
        await(log.append(idempotent(7, 0, 0, "a")));
        await(log.append(idempotent(8, 0, 0, "b")));
        await(log.append(records("c")));

        running.logs.housekeeping().compact();

        assertThat(contents(log)).isEqualTo(new TreeMap<>(Map.of(2L, "k=c")));
        RunningLogs crashed = running;
        running = RunningLogs.on(database, settings());
        PartitionLog after = running.log("table", 0);
        assertThat(await(after.append(idempotent(7, 0, 0, "a"))).baseOffset()).isZero();
        assertThat(await(after.append(idempotent(8, 0, 1, "d"))).baseOffset()).isEqualTo(3);
        crashed.close();
    }

    @Test
    void youngRecordsAndACleanLogAreLeftAlone() {
        PartitionLog lagging = running.create(
                "lagging",
                Map.of(
                        "cleanup.policy",
                        "compact",
                        "min.cleanable.dirty.ratio",
                        "0",
                        "min.compaction.lag.ms",
                        "3600000"));
        PartitionLog lazy = running.create("lazy", Map.of("cleanup.policy", "compact"));
        for (PartitionLog log : List.of(lagging, lazy)) {
            await(log.append(batch(
                    new SimpleRecord(System.currentTimeMillis() - 7_200_000, bytes("a"), bytes("1")),
                    new SimpleRecord(System.currentTimeMillis() - 7_200_000, bytes("a"), bytes("2")))));
        }
        await(lagging.append(batch(record("a", "3"), record("a", "4"))));
        running.logs.housekeeping().compact();
        assertThat(contents(lagging)).isEqualTo(new TreeMap<>(Map.of(1L, "a=2", 2L, "a=3", 3L, "a=4")));
        assertThat(contents(lazy)).isEqualTo(new TreeMap<>(Map.of(1L, "a=2")));

        await(lazy.append(batch(record("x", "x".repeat(500)))));
        running.logs.housekeeping().compact();
        await(lazy.append(batch(record("a", "3"))));
        running.logs.housekeeping().compact();

        assertThat(contents(lazy)).hasSize(3);
        await(running.topics.alterConfigs(
                "lazy", false, topic -> Map.of("max.compaction.lag.ms", java.util.Optional.of("1"))));
        org.awaitility.Awaitility.await().untilAsserted(() -> {
            running.logs.housekeeping().compact();
            assertThat(contents(lazy)).hasSize(2);
        });
    }

    @Test
    void aTopicThatIsCompactedAndDeletedLosesRowsByTime() {
        PartitionLog log = running.create(
                "table",
                Map.of(
                        "cleanup.policy", "compact,delete",
                        "min.cleanable.dirty.ratio", "0",
                        "retention.ms", "3600000"));
        await(log.append(batch(new SimpleRecord(1_000, bytes("a"), bytes("1")))));
        await(log.append(batch(new SimpleRecord(1_000, bytes("b"), bytes("1")))));
        running.logs.housekeeping().compact();
        running.logs.housekeeping().retain();

        assertThat(log.logStartOffset()).isEqualTo(2);
        assertThat(database.query("select count(*) from paillette.batch")).isEqualTo("0");
        await(log.append(batch(record("c", "1"))));
        await(log.deleteBefore(-1));
        await(log.append(batch(record("d", "1"))));
        running.logs.housekeeping().retain();
        assertThat(contents(log)).isEqualTo(new TreeMap<>(Map.of(3L, "d=1")));
        assertThat(database.query("select count(*) from paillette.batch")).isEqualTo("1");
    }

    @Test
    void anOldLeaderCompactsNothing() {
        PartitionLog stale = running.create("table", COMPACT);
        await(stale.append(batch(record("a", "1"))));
        await(stale.append(batch(record("a", "2"))));
        try (var newer = RunningLogs.on(database, settings())) {
            running.logs.housekeeping().compact();

            assertThat(database.query("select count(*) from paillette.batch")).isEqualTo("2");
            assertThat(contents(newer.log("table", 0))).hasSize(2);
        }
    }

    /** A reader's view before and after always ends in the same table: the newest value of every key. */
    @Test
    void whateverIsCutShortTheNewestValueOfEveryKeyIsThere() throws Exception {
        System.out.println("CompactionTest seed " + seed);
        var random = new Random(seed);
        PartitionLog log = running.create(
                "table",
                Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.05", "delete.retention.ms", "0"));
        Map<String, String> model = new HashMap<>();
        long appended = 0;
        for (int round = 0; round < 12; round++) {
            var answers = new ArrayList<CompletableFuture<AppendResult>>();
            for (int i = 0; i < 60; i++) {
                var batch = new SimpleRecord[1 + random.nextInt(8)];
                for (int r = 0; r < batch.length; r++) {
                    String key = "k" + random.nextInt(100);
                    String value = random.nextInt(5) == 0 ? null : "v" + appended++ + "x".repeat(random.nextInt(300));
                    batch[r] = record(key, value);
                    if (value == null) {
                        model.remove(key);
                    } else {
                        model.put(key, value);
                    }
                }
                var compression = random.nextBoolean()
                        ? Compression.NONE
                        : Compression.gzip().build();
                answers.add(log.append(MemoryRecords.withRecords(compression, batch)));
            }
            var stop = new AtomicBoolean();
            CompletableFuture<Void> killer = CompletableFuture.runAsync(() -> kill(random.nextDouble(), stop));
            running.logs.housekeeping().compactNow();
            stop.set(true);
            killer.get();
            answers.forEach(RunningLogs::await);
            if (random.nextInt(3) == 0) {
                restart();
                log = running.log("table", 0);
            }
            assertThat(materialized(log)).as("seed %d, round %d", seed, round).isEqualTo(model);
        }
        PartitionLog last = log;
        org.awaitility.Awaitility.await()
                .untilAsserted(
                        () -> { // a connection that was cut may end a first attempt
                            running.logs.housekeeping().compactNow();
                            assertThat(contents(last).size())
                                    .as("records, seed %d", seed)
                                    .isLessThan(model.size() * 3 + 200);
                        });
        assertThat(materialized(log)).as("seed %d", seed).isEqualTo(model);
    }

    private void kill(double odds, AtomicBoolean stop) {
        for (int i = 0; i < 5 && !stop.get(); i++) {
            database.query(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database()"
                            + " and application_name in ('paillette general', 'paillette reader') and random() < "
                            + odds * 0.5);
            database.query("select pg_sleep(0.004)");
        }
    }

    private static Map<String, String> materialized(PartitionLog log) {
        var table = new HashMap<String, String>();
        for (String text : contents(log).values()) {
            String[] pair = text.split("=", 2);
            if (pair[1].equals("-")) {
                table.remove(pair[0]);
            } else {
                table.put(pair[0], pair[1]);
            }
        }
        return table;
    }
}
