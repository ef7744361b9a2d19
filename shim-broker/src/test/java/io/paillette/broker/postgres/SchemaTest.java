package io.paillette.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class SchemaTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void migrationsApplyOnceAndThenChangeNothing() {
        var migrations = new Migrations(StoreSettings.of(database.url()));

        assertThat(migrations.apply()).isPositive();
        assertThat(migrations.apply()).isZero();
    }

    @Test
    void severalBrokersMayStartOnAnEmptyDatabaseAtOnce() {
        var threads = Executors.newFixedThreadPool(6);
        try {
            var starts = new ArrayList<CompletableFuture<Integer>>();
            for (int i = 0; i < 6; i++) {
                starts.add(CompletableFuture.supplyAsync(
                        () -> new Migrations(StoreSettings.of(database.url())).apply(), threads));
            }
            assertThat(starts.stream().map(CompletableFuture::join).filter(n -> n > 0))
                    .hasSize(1);
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void everyNamedStatementIsUnderstoodByTheServer() throws Exception {
        new Migrations(StoreSettings.of(database.url())).apply();
        var files = new ArrayList<Path>();
        Path folder = Path.of(NamedQueries.class.getResource("/sql/query").toURI());
        try (var listing = Files.list(folder)) {
            listing.forEach(files::add);
        }
        assertThat(files).isNotEmpty();

        try (Connection connection = database.connect()) {
            for (Path file : files) {
                var queries = NamedQueries.load(file.getFileName().toString());
                for (var statement : queries.statements().entrySet()) {
                    if (statement.getValue().startsWith("COPY")) {
                        continue; // COPY cannot be prepared; the append tests run it
                    }
                    try (var prepared = connection.prepareStatement(statement.getValue())) {
                        assertThat(prepared.getParameterMetaData().getParameterCount())
                                .as(file + " " + statement.getKey())
                                .isNotNegative();
                    }
                }
            }
        }
    }

    @Test
    void appendsKeepThePartitionRowHot() {
        new Migrations(StoreSettings.of(database.url())).apply();

        String indexed = database.query("select string_agg(a.attname, ',' order by a.attname) from pg_index i"
                + " join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)"
                + " where i.indrelid = 'paillette.partition'::regclass");

        assertThat(indexed).isEqualTo("id,index,topic_id");
    }

    @Test
    void aReadFarBehindLooksOnlyAtWhatItGets() throws Exception {
        new Migrations(StoreSettings.of(database.url())).apply();
        database.execute(
                "insert into paillette.batch"
                        + " select i % 20, i, i, i, -1, 100, 0, -1, -1, 0, repeat('x', 100)::bytea from generate_series(1, 100000) i");
        for (String statistics : new String[] {"select 1", "analyze paillette.batch"}) {
            database.execute(statistics);
            try (Connection connection = database.connect();
                    var statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("select count(*) from paillette.read_batches_v1(3, 100, 1000000000, 2000, true)");
                try (var rows = statement.executeQuery(
                        "select idx_tup_fetch from pg_stat_xact_user_tables where relname = 'batch'")) {
                    rows.next();
                    assertThat(rows.getInt(1)).isBetween(20, 200);
                }
            }
        }
    }
}
