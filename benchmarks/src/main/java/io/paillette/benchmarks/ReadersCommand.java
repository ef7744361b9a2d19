package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.nio.ByteBuffer;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;
import org.postgresql.replication.fluent.logical.ChainedLogicalStreamBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What each option of pgoutput and of the connection brings to a reader that throws away what it reads. */
@Command(
        name = "readers",
        description = "Bare readers of slots, each with another option, on the same changes.",
        mixinStandardHelpOptions = true)
final class ReadersCommand implements Callable<Integer> {

    private static final int LARGE_BUFFER_BYTES = 4 << 20;

    @Option(names = "--changes", defaultValue = "600000", description = "To read (default: ${DEFAULT-VALUE}).")
    private long changes;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Of which the best counts (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--large", description = "All in one transaction, not 1,000 in each.")
    private boolean large;

    /** A way to read. */
    private enum Reader {
        TEXT("text tuples, as we read"),
        BINARY("binary tuples (14+)"),
        STREAMING("transactions while they are in progress (proto 2, 14+)"),
        BUFFER("text, a socket buffer of 4 MB"),
        COLUMNS("three of seven columns (15+)");

        private final String what;

        Reader(String what) {
            this.what = what;
        }

        String publication() {
            return this == COLUMNS ? "narrow" : "whole";
        }

        void set(ChainedLogicalStreamBuilder request) {
            request.withSlotOption("proto_version", this == STREAMING ? 2 : 1)
                    .withSlotOption("publication_names", publication());
            if (this == BINARY) {
                request.withSlotOption("binary", true);
            } else if (this == STREAMING) {
                request.withSlotOption("streaming", true);
            }
        }
    }

    @Override
    public Integer call() throws SQLException {
        try (var scope = new Scope()) {
            var server = scope.add(SteadyPostgres.start());
            Database database = server.newDatabase();
            Setting.print(
                    database,
                    changes + " changes of about 250 bytes, "
                            + (large ? "one transaction" : "1,000 in each transaction") + ", the best of " + rounds
                            + " rounds; over TCP");
            Rows.create(database);
            database.execute(
                    "create publication whole for table bench",
                    "create publication narrow for table bench (id, customer, amount)");
            var seconds = new EnumMap<Reader, List<Double>>(Reader.class);
            for (int round = 0; round < rounds; round++) {
                for (Reader reader : Reader.values()) {
                    database.execute("select pg_create_logical_replication_slot('" + slot(reader) + "', 'pgoutput')");
                }
                Rows.write(database, changes, large ? Math.toIntExact(changes) : 1000);
                database.execute("checkpoint");
                for (Reader reader : Reader.values()) {
                    Say.note("round " + (round + 1) + ": " + reader.what);
                    seconds.computeIfAbsent(reader, first -> new ArrayList<>()).add(read(database, reader));
                    database.execute("select pg_drop_replication_slot('" + slot(reader) + "')");
                }
                database.execute("truncate bench");
            }
            print(seconds);
        }
        return 0;
    }

    private static String slot(Reader reader) {
        return "reader_" + reader.name().toLowerCase(Locale.ROOT);
    }

    private double read(Database database, Reader reader) throws SQLException {
        var properties = new Properties();
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "12");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        if (reader == Reader.BUFFER) {
            PGProperty.RECEIVE_BUFFER_SIZE.set(properties, LARGE_BUFFER_BYTES);
        }
        try (var connection = DriverManager.getConnection(database.url(), properties)) {
            long start = System.nanoTime();
            ChainedLogicalStreamBuilder request = connection
                    .unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(slot(reader));
            reader.set(request);
            try (PGReplicationStream stream = request.start()) {
                long rows = 0;
                while (rows < changes) {
                    ByteBuffer message = stream.read();
                    if (message.get(message.position()) == 'I') {
                        rows++;
                    }
                }
                return (System.nanoTime() - start) / 1e9;
            }
        }
    }

    private void print(Map<Reader, List<Double>> seconds) {
        var table = new TextTable("bare reader", "changes/s", "of text");
        double text = Collections.min(seconds.getOrDefault(Reader.TEXT, List.of()));
        seconds.forEach((reader, all) -> {
            double best = Collections.min(all);
            table.row(reader.what, Figure.whole(changes / best), Figure.hundredths(text / best));
        });
        Say.print("\n" + table);
    }
}
