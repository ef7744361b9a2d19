package io.paillette.capture.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.TableName;
import io.paillette.capture.catalog.Catalog;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.column.ColumnRules;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PlaceChunksTest {

    private static final int ROWS = 30_000;
    private static final Backfill ASKED = new Backfill("b", new TableName("public", "t"), "", false);

    private final Database database = PostgresServer.shared().newDatabase();

    @ParameterizedTest
    @ValueSource(strings = {"true", "id > 0", "id % 2 = 0"})
    void onlyTheRowsOfAChunkAreLookedAtWhateverTheConditionAndTheIndexes(String condition) throws Exception {
        createTable();
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            PlaceChunks chunks = chunks(connection, condition);
            Chunk first = chunks.read(progress(List.of()), 128);
            assertThat(first.rows()).hasSize(condition.contains("%") ? 64 : 128);
            Chunk middle = chunks.read(progress(List.of(first.upTo().get(0).replaceFirst("\\(.*", "(200,0)"))), 128);
            assertThat(middle.rows().get(0).key().get(0)).contains(":(200,");
            for (String count : List.of("returned", "fetched")) {
                assertThat(Long.parseLong(
                                one(connection, "select pg_stat_get_xact_tuples_" + count + "('t'::regclass)")))
                        .as(count)
                        .isLessThan(ROWS / 15);
            }
        }
    }

    @Test
    void chunksOfAnySizeTogetherAreTheTable() throws Exception {
        createTable();
        database.execute("delete from t where id % 1000 < 990", "vacuum t", "update t set id = id where id % 3 = 0");
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            PlaceChunks chunks = chunks(connection, "true");
            int rows = 0;
            List<String> upTo = List.of();
            do {
                Chunk chunk = chunks.read(progress(upTo), 1 + rows % 7);
                rows += chunk.rows().size();
                upTo = chunk.upTo();
            } while (!upTo.isEmpty());
            assertThat(rows).isEqualTo(ROWS / 100);
        }
    }

    @Test
    void aPlaceThatIsNoneSaysWhatToDo() throws Exception {
        createTable();
        try (Connection connection = database.connect()) {
            PlaceChunks chunks = chunks(connection, "true");
            assertThatThrownBy(() -> chunks.read(progress(List.of("nowhere")), 1))
                    .isInstanceOf(CaptureException.class)
                    .hasMessageContaining("\"nowhere\"")
                    .hasMessageContaining("ask for it once more");
        }
    }

    @Test
    void partitionsElsewhereAndThoseThatTheRoleMayNotReadAreRefusedByName() throws Exception {
        database.execute(
                "create table t (id int) partition by list (id)",
                "create table mine partition of t for values in (1)",
                "create table closed partition of t for values in (2)",
                "create role r_" + database.name(),
                "grant select on t, mine to r_" + database.name());
        try (Connection connection = database.connect()) {
            connection.createStatement().execute("set role r_" + database.name());
            assertThatThrownBy(() -> chunks(connection, "true").require(ASKED))
                    .hasMessageContaining("closed may not be read")
                    .hasMessageContaining("SELECT");
            database.execute("grant select on closed to r_" + database.name());
            chunks(connection, "true").require(ASKED);
            database.execute(
                    "create foreign data wrapper nowhere",
                    "create server far foreign data wrapper nowhere",
                    "create foreign table away partition of t for values in (3) server far");
            assertThatThrownBy(() -> chunks(connection, "true").require(ASKED))
                    .hasMessageContaining("away is a foreign table");
        }
    }

    private void createTable() {
        database.execute(
                "create table t (id int, filler text)",
                "insert into t select i, repeat('x', 50) from generate_series(1, " + ROWS + ") i",
                "create index on t (id)",
                "vacuum analyze t");
    }

    private static PlaceChunks chunks(Connection connection, String condition) throws Exception {
        try (var statement = connection.createStatement()) {
            statement.execute(SqlText.load("read_by_index"));
        }
        int oid = Integer.parseUnsignedInt(one(connection, "select 't'::regclass::oid"));
        Relation relation =
                new Catalog(connection, ColumnRules.NONE).relationNow(oid).orElseThrow();
        var held = new ChunkSource.Held(relation, "ONLY public.t", MvccSnapshot.parse("1:1:"), Lsn.NONE);
        return new PlaceChunks(connection, ServerFacts.read(connection), held, condition);
    }

    private static BackfillProgress progress(List<String> upTo) {
        return BackfillProgress.of(ASKED).upTo(upTo, 0, 0);
    }

    private static String one(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
