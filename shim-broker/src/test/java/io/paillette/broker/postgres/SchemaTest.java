package io.paillette.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
                    if (statement.getValue().startsWith("COPY")
                            || statement.getValue().startsWith("SET")) {
                        continue; // cannot be prepared; the tests of appends and groups run them
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
        long segment = segment("WEEK");
        insert(segment, "generate_series(1, 100000)");
        database.execute("insert into paillette.partition_segment (partition_id, first_offset, segment_id)"
                + " select p, 0, " + segment + " from generate_series(0, 19) p");
        for (String statistics : new String[] {"select 1", "analyze paillette.batch_" + segment}) {
            database.execute(statistics);
            try (Connection connection = database.connect();
                    var statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("select count(*) from paillette.read_batches_v1(3, 100, 1000000000, 2000, true)");
                try (var rows = statement.executeQuery(
                        "select idx_tup_fetch from pg_stat_xact_user_tables where relname = 'batch_" + segment + "'")) {
                    rows.next();
                    assertThat(rows.getInt(1)).isBetween(20, 200);
                }
            }
        }
    }

    /** 100 tables, 10,000 partitions with a range in each: whoever asks about a partition looks at its own ranges only. */
    @Test
    void withAFullMapOnlyTheAskedRangesAndTablesAreTouched() throws Exception {
        new Migrations(StoreSettings.of(database.url())).apply();
        var segments = new ArrayList<Long>();
        long last = 0;
        for (int i = 0; i < 100; i++) {
            last = Long.parseLong(database.query("select paillette.segment_after_v1('WEEK', " + last + ")"));
            segments.add(last);
        }
        database.execute(
                "insert into paillette.topic (id, name) values (md5('t')::uuid, 't')",
                "insert into paillette.partition (topic_id, index, next_offset)"
                        + " select md5('t')::uuid, i, 100000 from generate_series(1, 10000) i",
                "insert into paillette.partition_segment (partition_id, first_offset, segment_id, end_offset,"
                        + " max_timestamp, bytes, producers)"
                        + " select p.id, (s.n - 1) * 1000, s.id, s.n * 1000, s.n, 100, false from paillette.partition p,"
                        + " (select id, row_number() over (order by id) as n from paillette.segment) s");
        for (String statistics :
                new String[] {"select 1", "analyze paillette.partition_segment, paillette.partition"}) {
            database.execute(statistics);
            touches("select count(*) from paillette.read_batches_v1(3, 50500, 51000, 2000, true)", 8, 1);
            touches("select paillette.first_at_or_after_v1(3, 0, 100000, 99)", 450, 2);
            touches("select paillette.latest_by_timestamp_v1(3, 0, 100000)", 450, 1);
            touches("select count(*) from paillette.producer_batches_v1(3, 0, 100000)", 450, 0);
            touches("select count(*) from paillette.ranges_v1(3, 0, 9223372036854775807)", 450, 0);
            touches("select paillette.segment_is_dead_v1(" + segments.get(50) + ")", 20, 0);
        }
    }

    /** Runs a statement and counts what it took from the map and how many segment tables it looked into. */
    private void touches(String sql, int mostRanges, int tables) throws Exception {
        try (Connection connection = database.connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(sql);
            try (var rows =
                    statement.executeQuery("select coalesce(sum(seq_scan) filter (where relname like 'partition%'), 0),"
                            + " coalesce(sum(idx_tup_fetch) filter (where relname = 'partition_segment'), 0),"
                            + " count(*) filter (where relname like 'batch\\_%' and idx_scan + seq_scan > 0)"
                            + " from pg_stat_xact_user_tables where schemaname = 'paillette'")) {
                rows.next();
                assertThat(rows.getLong(1)).as("sequential scans by " + sql).isZero();
                assertThat(rows.getLong(2)).as("ranges fetched by " + sql).isLessThanOrEqualTo(mostRanges);
                assertThat(rows.getInt(3)).as("tables touched by " + sql).isEqualTo(tables);
            }
        }
    }

    @Test
    void aSegmentTableKeepsBodiesAsTheyAreAndTheParentTakesNoRows() {
        new Migrations(StoreSettings.of(database.url())).apply();
        long segment = segment("WEEK");
        insert(segment, "generate_series(1, 3)");

        assertThat(database.query(
                        "select attstorage from pg_attribute where attname = 'body' and attrelid = 'paillette.batch_"
                                + segment + "'::regclass"))
                .isEqualTo("e");
        assertThat(database.query("select count(*) from paillette.batch")).isEqualTo("3");
        assertThatThrownBy(() -> database.execute(
                        "insert into paillette.batch select 1, 1, 1, 1, -1, 1, 0, -1, -1, 0, 'x'::bytea"))
                .rootCause()
                .hasMessageContaining("batches_go_into_segments");
    }

    private long segment(String name) {
        return Long.parseLong(database.query("select paillette.segment_after_v1('" + name + "', 0)"));
    }

    private void insert(long segment, String numbers) {
        database.execute("insert into paillette.batch_" + segment
                + " select i % 20, i, i, i, -1, 100, 0, -1, -1, 0, repeat('x', 100)::bytea from " + numbers + " i");
    }
}
