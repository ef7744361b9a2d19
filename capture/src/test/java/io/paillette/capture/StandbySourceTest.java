package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paillette.testkit.PostgresPair;
import io.paillette.testkit.PostgresServer;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The slot is on a standby, which decodes the WAL; tables and publications are the primary's. */
final class StandbySourceTest {

    @BeforeEach
    void standbysHaveSlotsFromPostgres16On() {
        assumeTrue(
                PostgresServer.shared().newDatabase().major() >= 16,
                "before Postgres 16 standbys have no logical slots");
    }

    @Test
    void rowsThatWereThereNewTablesBackfillsAndWhatComesAfterARestartAndAFailOverAreToldOnce() throws Exception {
        try (PostgresPair pair = PostgresPair.start()) {
            String url = pair.newDatabase();
            String primary = pair.onPrimary(url);
            String standby = pair.onStandby(url);
            CaptureSettings settings = settings(primary, standby);
            execute(primary, "create table t (id int primary key, v text)", "insert into t values (1, 'there')");
            Position stored;
            try (var running = RunningCapture.start(settings)) {
                running.awaitText("READ t[1, there]");
                execute(
                        primary,
                        "insert into t values (2, 'new')",
                        "create table u (id int primary key)",
                        "insert into u values (1)");
                running.awaitText("INSERT u[1]");
                assertThat(count(standby)).isEqualTo("1");
                assertThat(count(primary)).isEqualTo("0");
                running.storeAll();
                running.capture().backfill(List.of(new Backfill("b", new TableName("public", "t"), "id = 1", false)));
                assertThat(running.awaitText("READ_AGAIN t[1, there]"))
                        .containsExactly(
                                "READ t[1, there]", "INSERT t[2, new]", "INSERT u[1]", "READ_AGAIN t[1, there]");
                running.await(events -> running.capture().slot().isPresent()
                        && running.capture().lagBytes().isPresent());
                running.storeAll();
                stored = running.events().get(running.events().size() - 1).position();
            }
            execute(primary, "update t set v = 'while nobody read' where id = 2");
            try (var running = RunningCapture.resume(settings, stored)) {
                assertThat(running.awaitText("UPDATE t[2, while nobody read]")).hasSize(1);
                running.await(events -> events.get(events.size() - 1) instanceof CaptureEvent.Commit);
                running.storeAll();
                stored = running.events().get(running.events().size() - 1).position();
            }
            execute(primary, "insert into t values (3, 'before')");
            pair.failOver();
            execute(standby, "insert into t values (4, 'after')");
            Position beforeTheFailOver = stored;
            assertThatThrownBy(() -> RunningCapture.resume(settings(standby, standby), beforeTheFailOver))
                    .hasMessageContaining(
                            "The server of standby.url is no standby. If it was promoted give its address to"
                                    + " url and leave standby.url out");
            try (var running = RunningCapture.resume(settings(standby, ""), stored)) {
                assertThat(running.awaitText("INSERT t[4, after]"))
                        .containsExactly("INSERT t[3, before]", "INSERT t[4, after]");
            }
        }
    }

    @Test
    void aStandbyAsTheSourceItselfAndAStandbyOfAnotherServerAreRefusedWithWhatToDo() throws Exception {
        var other = PostgresServer.shared().newDatabase();
        try (PostgresPair pair = PostgresPair.start()) {
            String url = pair.newDatabase();
            assertThatThrownBy(() -> RunningCapture.start(settings(pair.onStandby(url), "")))
                    .hasMessageContaining(
                            "The source is a standby: give the source's url the primary's address, and that of"
                                    + " the standby to standby.url");
            assertThatThrownBy(() -> RunningCapture.start(settings(other.url(), pair.onStandby(url))))
                    .hasMessageContaining("that is no standby of the one that url leads to");
        }
        assertThatThrownBy(() -> CaptureSettings.of(
                        "test",
                        Map.of(
                                CaptureOption.URL, "jdbc:postgresql://h/d",
                                CaptureOption.STANDBY_URL, "jdbc:postgresql://s/d",
                                CaptureOption.SLOT_FAILOVER, "true")))
                .hasMessageStartingWith("standby.url: may not be given beside slot.failover");
    }

    private static CaptureSettings settings(String url, String standby) {
        var options = new EnumMap<CaptureOption, String>(CaptureOption.class);
        options.put(CaptureOption.URL, url);
        options.put(CaptureOption.STANDBY_URL, standby);
        return CaptureSettings.of("test", options).storingEveryPosition();
    }

    private static String count(String url) throws SQLException {
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select count(*) from pg_replication_slots where slot_name = 'paillette_test'")) {
            row.next();
            return row.getString(1);
        }
    }

    private static void execute(String url, String... statements) throws SQLException {
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
