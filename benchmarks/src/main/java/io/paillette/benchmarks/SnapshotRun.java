package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The rows that a table has before capture begins. The clock runs from the moment the slot is there, which is when reading
 * begins, until the consumer has the last record: the start of a JVM is not in it.
 */
final class SnapshotRun {

    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final String BEGUN =
            "select count(*) > 0 from pg_replication_slots where database = current_database()";
    private static final int ROWS_PER_TRANSACTION = 10_000;

    private final Database database;
    private final long rows;

    SnapshotRun(Database database, long rows) {
        this.database = database;
        this.rows = rows;
    }

    /** The floor: the table by COPY over TCP, thrown away. */
    CaptureResult copyOut() {
        fill("COPY");
        try (var connection = DriverManager.getConnection(database.url())) {
            long start = System.nanoTime();
            CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut("copy bench to stdout");
            long read = 0;
            while (copy.readFromCopy() != null) {
                read++;
            }
            if (read != rows) {
                throw new IllegalStateException("COPY sent " + read + " of " + rows + " rows");
            }
            return CaptureResult.thrownAway(rows, System.nanoTime() - start);
        } catch (SQLException e) {
            throw new IllegalStateException("the table cannot be read", e);
        }
    }

    CaptureResult run(Contender contender, Database apart) {
        fill(contender.title());
        Say.note(contender.title() + ": reading (" + contender.what() + ")");
        var began = CompletableFuture.supplyAsync(() -> Moment.when(database, BEGUN, LIMIT));
        try (var scope = new Scope()) {
            Pipeline pipeline = scope.add(contender.open(database, apart, Tuning.THROUGHPUT));
            var topic = new Topic(pipeline.bootstrap());
            topic.await();
            var stored = CompletableFuture.supplyAsync(() -> topic.awaitStored(rows, LIMIT));
            topic.readAll(rows, LIMIT);
            long consumed = System.nanoTime();
            return CaptureResult.of(pipeline, rows, began.join(), stored.join(), consumed, Map.of());
        }
    }

    private void fill(String title) {
        Say.note(title + ": filling a table with " + rows + " rows");
        Rows.create(database);
        Rows.write(database, rows, ROWS_PER_TRANSACTION);
        database.execute("vacuum (analyze) bench", "checkpoint");
    }
}
