package io.paillette.benchmarks;

import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * Catching up: changes are written while a slot holds them and nobody reads; then capture starts. The clock runs from the
 * moment a walsender begins to serve the slot until the consumer has the last record, so the start of a JVM is not in it,
 * but everything that the pipeline does from its first byte of WAL on is.
 */
final class CaptureRun {

    /**
     * @param storedSeconds   until the end offset of the topic covered the last change; NaN where nothing is stored
     * @param consumedSeconds until the consumer had it
     * @param cpuSeconds      of all the pipeline's processes, Postgres not counted; NaN: not measured
     * @param peakMegabytes   sum of the processes' largest resident sets; 0: not measured
     */
    record Result(long changes, double storedSeconds, double consumedSeconds, double cpuSeconds, long peakMegabytes) {

        double changesPerSecond() {
            return changes / consumedSeconds;
        }
    }

    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Database database;
    private final long changes;
    private final int perTransaction;

    CaptureRun(Database database, long changes, int perTransaction) {
        this.database = database;
        this.changes = changes;
        this.perTransaction = perTransaction;
    }

    Result run(Contender contender, Database apart) {
        Say.note(contender.title() + ": starting (" + contender.what() + ")");
        Rows.create(database);
        try (var scope = new Scope()) {
            Pipeline pipeline = scope.add(contender.open(database, apart, Tuning.THROUGHPUT));
            Rows.marker(database);
            var topic = new Topic(pipeline.bootstrap());
            topic.await();
            try (var consumer = topic.member("marker")) {
                Topic.readUntil(consumer, record -> Rows.id(record.key()) == 0);
            }
            pipeline.stop();
            Say.note(contender.title() + ": writing " + changes + " changes that its slot holds");
            Rows.write(database, changes, perTransaction);
            database.execute("checkpoint");
            Say.note(contender.title() + ": catching up");
            return catchUp(pipeline, topic);
        }
    }

    private Result catchUp(Pipeline pipeline, Topic topic) {
        Map<Long, Double> before = cpu(pipeline);
        var began = CompletableFuture.supplyAsync(this::awaitWalsender);
        pipeline.start();
        var stored = CompletableFuture.supplyAsync(() -> awaitStored(topic));
        consume(topic);
        long consumed = System.nanoTime();
        long start = began.join();
        return new Result(
                changes,
                seconds(stored.join() - start),
                seconds(consumed - start),
                cpu(pipeline).entrySet().stream()
                        .mapToDouble(e -> e.getValue() - before.getOrDefault(e.getKey(), 0.0))
                        .sum(),
                pipeline.processes().stream().mapToLong(Usage::peakMegabytes).sum());
    }

    private static Map<Long, Double> cpu(Pipeline pipeline) {
        var seconds = new HashMap<Long, Double>();
        for (ChildJvm jvm : pipeline.processes()) {
            if (jvm.isAlive()) {
                seconds.put(jvm.pid(), Usage.cpuSeconds(jvm));
            }
        }
        return seconds;
    }

    private long awaitWalsender() {
        try (var connection = database.connect();
                var query = connection.prepareStatement(
                        "select bool_or(active) from pg_replication_slots where database = current_database()")) {
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (System.nanoTime() < deadline) {
                try (var rows = query.executeQuery()) {
                    if (rows.next() && rows.getBoolean(1)) {
                        return System.nanoTime();
                    }
                }
                pause();
            }
            throw new IllegalStateException("no walsender served the slot within " + LIMIT);
        } catch (SQLException e) {
            throw new IllegalStateException("the slot cannot be watched", e);
        }
    }

    private long awaitStored(Topic topic) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (var observer = topic.observer()) {
            // The marker is one more.
            while (Topic.stored(observer) < changes + 1) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("not stored within " + LIMIT);
                }
                pause();
            }
            return System.nanoTime();
        }
    }

    private static void pause() {
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }

    private void consume(Topic topic) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (var consumer = topic.member("capture")) {
            long records = 0;
            while (records < changes + 1) {
                records += consumer.poll(Duration.ofMillis(100)).count();
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(records + " of " + changes + " arrived within " + LIMIT);
                }
            }
            if (records > changes + 1) {
                Say.note((records - changes - 1) + " records more than changes");
            }
        }
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }
}
