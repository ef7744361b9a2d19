package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.nio.ByteBuffer;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;

/**
 * The floor: pgoutput read from a slot by pgjdbc over TCP, counted, and thrown away. No pipeline that uses a walsender can
 * be faster.
 */
final class SlotReader {

    private final Database database;
    private final Workload workload;
    private final long changes;

    SlotReader(Database database, Workload workload, long changes) {
        this.database = database;
        this.workload = workload;
        this.changes = changes;
    }

    CaptureResult run() {
        workload.create(database);
        database.execute(
                "create publication floor for table " + String.join(", ", workload.tables()),
                "select pg_create_logical_replication_slot('" + slot() + "', 'pgoutput')");
        Say.note("slot reader: writing " + changes + " changes that its slot holds");
        workload.write(database, changes);
        database.execute("checkpoint");
        Say.note("slot reader: reading");
        try {
            long nanos = read();
            database.execute("select pg_drop_replication_slot('" + slot() + "')");
            return CaptureResult.thrownAway(changes, nanos);
        } catch (SQLException e) {
            throw new IllegalStateException("the slot cannot be read", e);
        }
    }

    private String slot() {
        return "floor_" + database.name();
    }

    private long read() throws SQLException {
        var properties = new Properties();
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "12");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        try (var connection = DriverManager.getConnection(database.url(), properties)) {
            long start = System.nanoTime();
            try (PGReplicationStream stream = connection
                    .unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(slot())
                    .withSlotOption("proto_version", 1)
                    .withSlotOption("publication_names", "floor")
                    .start()) {
                long rows = 0;
                while (rows < changes) {
                    ByteBuffer message = stream.read();
                    if (message.get(message.position()) == 'I') {
                        rows++;
                    }
                }
                return System.nanoTime() - start;
            }
        }
    }
}
