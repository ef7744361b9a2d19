package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Catching up: changes are written while a slot holds them and nobody reads; then capture starts. The clock runs from the
 * moment a walsender begins to serve the slot until the consumer has the last record, so the start of a JVM is not in it,
 * but everything that the pipeline does from its first byte of WAL on is.
 */
final class CaptureRun {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final String SERVED =
            "select bool_or(active) from pg_replication_slots where database = current_database()";

    private final Database database;
    private final Workload workload;
    private final long changes;

    CaptureRun(Database database, Workload workload, long changes) {
        this.database = database;
        this.workload = workload;
        this.changes = changes;
    }

    CaptureResult run(Contender contender, Database apart) {
        return run(contender.title(), contender.what(), () -> contender.open(database, apart, Tuning.THROUGHPUT));
    }

    CaptureResult run(String title, String what, Supplier<Pipeline> contender) {
        Say.note(title + ": starting (" + what + ")");
        workload.create(database);
        try (var scope = new Scope()) {
            Pipeline pipeline = scope.add(contender.get());
            workload.marker(database);
            var topic = new Topic(pipeline.bootstrap(), workload.topics());
            topic.await();
            topic.readAll(markers(), LIMIT);
            pipeline.stop();
            Say.note(title + ": writing " + changes + " changes that its slot holds");
            workload.write(database, changes);
            database.execute("checkpoint");
            Say.note(title + ": catching up");
            return catchUp(pipeline, topic);
        }
    }

    /** Records that were there before. */
    private int markers() {
        return workload.tables().size();
    }

    private CaptureResult catchUp(Pipeline pipeline, Topic topic) {
        Map<Long, Double> before = Usage.cpuByProcess(pipeline.processes());
        var began = CompletableFuture.supplyAsync(() -> Moment.when(database, SERVED, LIMIT));
        pipeline.start();
        var stored = CompletableFuture.supplyAsync(() -> topic.awaitStored(changes + markers(), LIMIT));
        topic.readAll(changes + markers(), LIMIT);
        long consumed = System.nanoTime();
        return CaptureResult.of(pipeline, changes, began.join(), stored.join(), consumed, before);
    }
}
