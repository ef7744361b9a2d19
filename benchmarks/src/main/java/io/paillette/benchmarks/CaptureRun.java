package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

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
    private final long changes;
    private final int perTransaction;

    CaptureRun(Database database, long changes, int perTransaction) {
        this.database = database;
        this.changes = changes;
        this.perTransaction = perTransaction;
    }

    CaptureResult run(Contender contender, Database apart) {
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

    private CaptureResult catchUp(Pipeline pipeline, Topic topic) {
        Map<Long, Double> before = Usage.cpuByProcess(pipeline.processes());
        var began = CompletableFuture.supplyAsync(() -> Moment.when(database, SERVED, LIMIT));
        pipeline.start();
        var stored = CompletableFuture.supplyAsync(() -> topic.awaitStored(changes + 1, LIMIT));
        // The marker is one more.
        topic.readAll(changes + 1, LIMIT);
        long consumed = System.nanoTime();
        return CaptureResult.of(pipeline, changes, began.join(), stored.join(), consumed, before);
    }
}
