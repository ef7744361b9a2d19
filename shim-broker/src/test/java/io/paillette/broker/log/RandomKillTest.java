package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.idempotent;
import static io.paillette.broker.log.RunningLogs.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.RetriableException;
import org.junit.jupiter.api.Test;

/** Writers as idempotent producers are, while the log's connections are terminated in whatever they do. */
class RandomKillTest {

    private static final int PARTITIONS = 3;
    private static final int LEAST_BATCHES = 250;

    /** A fast machine writes the batches above before the first connection is killed. */
    private static final int LEAST_KILLS = 5;

    private final Database database = PostgresServer.shared().newDatabase();
    private final AtomicInteger kills = new AtomicInteger();
    private final long seed = Long.getLong("seed", ThreadLocalRandom.current().nextLong());

    @Test
    void whatIsAcknowledgedIsThereOnceWhateverConnectionsAreKilled() throws Exception {
        System.out.println("RandomKillTest seed " + seed);
        var stop = new AtomicBoolean();
        var acknowledged = new ArrayList<List<Acknowledged>>();
        try (var running = RunningLogs.on(database)) {
            var logs = new ArrayList<PartitionLog>();
            for (int p = 0; p < PARTITIONS; p++) {
                logs.add(running.create("topic-" + p));
            }
            var threads = Executors.newFixedThreadPool(PARTITIONS + 1);
            var killer = CompletableFuture.runAsync(() -> kill(new Random(seed), stop), threads);
            var writers = new ArrayList<CompletableFuture<List<Acknowledged>>>();
            for (int p = 0; p < PARTITIONS; p++) {
                PartitionLog log = logs.get(p);
                var random = new Random(seed + p + 1);
                int producerId = p;
                writers.add(CompletableFuture.supplyAsync(() -> write(log, producerId, random), threads));
            }
            for (var writer : writers) {
                acknowledged.add(writer.get(120, TimeUnit.SECONDS));
            }
            stop.set(true);
            killer.get(10, TimeUnit.SECONDS);
            threads.shutdown();
            for (int p = 0; p < PARTITIONS; p++) {
                check(logs.get(p), acknowledged.get(p));
            }
        }
        try (var restarted = RunningLogs.on(database)) {
            for (int p = 0; p < PARTITIONS; p++) {
                assertThat(readAll(restarted.log("topic-" + p, 0)))
                        .hasSize(acknowledged.get(p).size());
            }
        }
    }

    private static void check(PartitionLog log, List<Acknowledged> acknowledged) {
        List<String> stored = readAll(log);
        assertThat(stored).hasSize(acknowledged.size()).doesNotHaveDuplicates();
        var offsets = new HashSet<Long>();
        for (Acknowledged one : acknowledged) {
            assertThat(offsets.add(one.offset())).isTrue();
            assertThat(stored.get((int) one.offset())).isEqualTo(one.value());
        }
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(LEAST_BATCHES);
    }

    /** Up to five batches under way, as a Java producer has; each is sent again, in order, until it is acknowledged. */
    private List<Acknowledged> write(PartitionLog log, int producerId, Random random) {
        var acknowledged = new ArrayList<Acknowledged>();
        int next = 0;
        while (next < LEAST_BATCHES || kills.get() < LEAST_KILLS) {
            int window = 1 + random.nextInt(5);
            var answers = new ArrayList<CompletableFuture<AppendResult>>();
            for (int i = 0; i < window; i++) {
                answers.add(log.append(idempotent(producerId, 0, next + i, prefix(producerId, next + i))));
            }
            int done = 0;
            for (CompletableFuture<AppendResult> answer : answers) {
                try {
                    long offset = answer.get(60, TimeUnit.SECONDS).baseOffset();
                    acknowledged.add(new Acknowledged(offset, prefix(producerId, next + done)));
                    done++;
                } catch (Exception e) {
                    if (!(e.getCause() instanceof RetriableException)) {
                        throw new IllegalStateException("seed " + seed + ", sequence " + (next + done), e);
                    }
                    break;
                }
            }
            for (CompletableFuture<AppendResult> rest : answers) {
                rest.exceptionally(error -> null).join();
            }
            next += done;
        }
        return acknowledged;
    }

    private static String prefix(int producerId, int sequence) {
        return producerId + "-" + sequence;
    }

    private void kill(Random random, AtomicBoolean stop) {
        while (!stop.get()) {
            kills.addAndGet(
                    Integer.parseInt(database.query("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                            + " where datname = current_database() and application_name in ('paillette writer', 'paillette general')"
                            + " and random() < " + random.nextDouble() * 0.8)));
            database.query("select pg_sleep(" + random.nextDouble() * 0.05 + ")");
        }
    }

    private record Acknowledged(long offset, String value) {}
}
