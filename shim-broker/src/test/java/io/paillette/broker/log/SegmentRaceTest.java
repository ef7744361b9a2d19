package io.paillette.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.broker.store.StoreException;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Appends and reads while two brokers begin tables, measure, empty and drop them, and the connections they do it on are cut in
 * whatever they do.
 */
class SegmentRaceTest {

    private static final int PARTITIONS = 2;
    private static final long MILLISECONDS = 6_000;

    private final Database database = PostgresServer.shared().newDatabase();
    private final long seed = Long.getLong("seed", ThreadLocalRandom.current().nextLong());
    private final AtomicBoolean stop = new AtomicBoolean();

    @Test
    void nothingAboveTheLogStartIsEverLostOrDoubled() throws Exception {
        System.out.println("SegmentRaceTest seed " + seed);
        var threads = Executors.newCachedThreadPool();
        try (var first = RunningLogs.on(database);
                var other = Store.open(StoreSettings.of(database.url()))) {
            var jobs = new ArrayList<CompletableFuture<Integer>>();
            var logs = new ArrayList<PartitionLog>();
            for (int p = 0; p < PARTITIONS; p++) {
                PartitionLog log = first.create(
                        "topic-" + p, Map.of("retention.bytes", p == 0 ? "50000" : "-1", "retention.ms", "-1"));
                logs.add(log);
                var random = new Random(seed + p);
                jobs.add(CompletableFuture.supplyAsync(() -> write(log, random), threads));
                jobs.add(CompletableFuture.supplyAsync(() -> readAlong(log), threads));
            }
            jobs.add(CompletableFuture.supplyAsync(
                    () -> housekeep(first.store.logs().segments(), first), threads));
            jobs.add(CompletableFuture.supplyAsync(() -> housekeep(other.logs().segments(), first), threads));
            jobs.add(CompletableFuture.supplyAsync(() -> kill(new Random(seed + PARTITIONS)), threads));
            CompletableFuture.delayedExecutor(MILLISECONDS, TimeUnit.MILLISECONDS)
                    .execute(() -> stop.set(true));

            for (CompletableFuture<Integer> job : jobs) {
                assertThat(job.get(60, TimeUnit.SECONDS)).as("seed %d", seed).isPositive();
            }
            // Either of the two may have dropped them, and a slow machine none yet.
            Awaitility.await()
                    .ignoreExceptionsMatching(SegmentRaceTest::isOfACutConnection)
                    .until(() -> {
                        first.logs.housekeeping().retain();
                        return database.query("select count(*) < max(id) from paillette.segment")
                                .equals("t");
                    });
            for (PartitionLog log : logs) {
                check(log);
            }
            assertThat(logs.get(0).logStartOffset()).isPositive();
            assertThat(logs.get(1).logStartOffset()).isZero();
        } finally {
            threads.shutdown();
        }
        try (var restarted = RunningLogs.on(database)) {
            for (int p = 0; p < PARTITIONS; p++) {
                check(restarted.log("topic-" + p, 0));
            }
        }
    }

    /** The value of every record is its offset. */
    private int write(PartitionLog log, Random random) {
        int written = 0;
        while (!stop.get()) {
            String padding = "x".repeat(random.nextInt(20) == 0 ? 300_000 : random.nextInt(500));
            long offset = RunningLogs.await(log.append(RunningLogs.records(written + ":" + padding)))
                    .baseOffset();
            if (offset != written++) {
                throw new AssertionError("seed " + seed + ": offset " + offset + " for " + (written - 1));
            }
        }
        return written;
    }

    private void check(PartitionLog log) {
        List<String> stored = Awaitility.await()
                .ignoreExceptionsMatching(SegmentRaceTest::isOfACutConnection)
                .until(() -> RunningLogs.readAll(log), all -> true);
        for (int i = 0; i < stored.size(); i++) {
            assertThat(stored.get(i)).startsWith(log.logStartOffset() + i + ":");
        }
    }

    /** The pool may still have one that was cut last. */
    private static boolean isOfACutConnection(Throwable failure) {
        return failure instanceof StoreException || failure instanceof KafkaStorageException;
    }

    private int readAlong(PartitionLog log) {
        int read = 0;
        long offset = 0;
        while (!stop.get()) {
            try {
                MemoryRecords some =
                        RunningLogs.await(log.read(offset, 1, true)).records();
                for (RecordBatch batch : some.batches()) {
                    if (batch.baseOffset() != offset) {
                        throw new AssertionError("seed " + seed + ": " + batch.baseOffset() + " after " + offset);
                    }
                    offset = batch.nextOffset();
                    read++;
                }
                if (offset == log.highWatermark()) {
                    offset = log.logStartOffset(); // again from the start: those are the reads that ask the store
                    log.forgetCachedBelow(Long.MAX_VALUE);
                }
            } catch (OffsetOutOfRangeException e) {
                offset = log.logStartOffset();
            } catch (RetriableException e) {
                // asked again
            }
        }
        return read;
    }

    private int housekeep(SegmentStore segments, RunningLogs leader) {
        int rounds = 0;
        while (!stop.get()) {
            try {
                segments.roll(200_000);
                if (segments == leader.store.logs().segments()) {
                    leader.logs.housekeeping().retain();
                } else {
                    segments.measureNext();
                    segments.dropDead();
                }
                rounds++;
            } catch (StoreException | KafkaStorageException e) {
                // as in a broker: goes on at the next check
            }
        }
        return rounds;
    }

    private int kill(Random random) {
        int kills = 0;
        while (!stop.get()) {
            kills += Integer.parseInt(database.query("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                    + " where datname = current_database() and application_name in ('paillette general', 'paillette reader')"
                    + " and random() < 0.3"));
            database.query("select pg_sleep(" + random.nextDouble() * 0.1 + ")");
        }
        return kills;
    }
}
