package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.testkit.PgBouncer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person reads when a source cannot be captured. */
final class StartFailureTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void aServerThatIsNotThereIsTransient() {
        CaptureException failure = failure(with("jdbc:postgresql://127.0.0.1:1/nowhere?user=postgres", "", ""));
        assertThat(failure).hasMessageContaining("127.0.0.1:1").hasMessageContaining("is running");
        assertThat(failure.isTransient()).isTrue();
    }

    @Test
    void aDatabaseThatDoesNotExistIsNamed() {
        CaptureException failure = failure(with(database.url().replace(database.name(), "no_such_db"), "", ""));
        assertThat(failure).hasMessageContaining("\"no_such_db\" does not exist");
        assertThat(failure.isTransient()).isFalse();
    }

    @Test
    void aRoleThatMayNotReplicateIsToldWhatToRun() {
        database.execute("create role plain_" + database.name() + " login");
        CaptureException failure = failure(with(bareUrl(), "plain_" + database.name(), ""));
        assertThat(failure).hasMessageContaining("ALTER ROLE \"plain_" + database.name() + "\" REPLICATION");
        assertThat(failure.isTransient()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "extra_float_digits", "extra_float_digits, replication"})
    @EnabledIf(
            value = "io.paillette.testkit.PgBouncer#isInstalled",
            disabledReason = "pgbouncer is not installed on this machine")
    void aPoolerIsRefusedBeforeASlotIsMade(String ignored) {
        try (PgBouncer bouncer = PgBouncer.before(database, ignored)) {
            CaptureException failure =
                    failure(with(bouncer.database(database.name()).url(), "", ""));
            assertThat(failure)
                    .hasMessageContaining("Source test")
                    .hasMessageContaining("pooler")
                    .hasMessageEndingWith("give the source's url the address of Postgres itself.");
            assertThat(failure.isTransient()).isFalse();
            assertThat(database.query("select count(*) from pg_replication_slots where database = current_database()"))
                    .isEqualTo("0");
            assertThat(database.query("select count(*) from pg_publication")).isEqualTo("0");
        }
    }

    @Test
    void aSlotThatIsGoneIsALossAndSaysSince() throws Exception {
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.NO_DATA, true);
        Position position = Position.between(Lsn.parse("0/1500000"), SnapshotProgress.DONE);
        CaptureException failure =
                catchThrowableOfType(CaptureException.class, () -> Capture.start(settings, Optional.of(position))
                        .close());
        assertThat(failure)
                .hasMessageContaining("Slot " + settings.slot() + " is gone")
                .hasMessageContaining("0/1500000");
        assertThat(failure.isTransient()).isFalse();
    }

    /** Postgres would just leave them out. */
    @Test
    void rowsThatAPolicyHidesFromTheRoleAreNotLeftOutWithoutAWord() throws Exception {
        String role = "owner_" + database.name();
        database.execute(
                "create role " + role + " login replication",
                "grant create on database " + database.name() + " to " + role,
                "create table guarded (id int primary key)",
                "insert into guarded values (1), (2), (3)",
                "alter table guarded owner to " + role,
                "alter table guarded enable row level security",
                "alter table guarded force row level security",
                "create policy low on guarded using (id < 2)");
        try (Capture capture = Capture.start(with(bareUrl(), role, ""), Optional.empty())) {
            CaptureException failure = catchThrowableOfType(CaptureException.class, () -> {
                while (capture.poll(Duration.ofSeconds(20)).stream().noneMatch(CaptureEvent.Commit.class::isInstance)) {
                    database.execute("insert into guarded select max(id) + 1 from guarded");
                }
            });
            assertThat(failure).hasMessageContaining("row-level security policy for table \"guarded\"");
            assertThat(failure.isTransient()).isFalse();
        }
    }

    @Test
    void aSlotOfSomebodyElseIsNotTouched() {
        CaptureSettings settings = RunningCapture.settings(database);
        database.query("select pg_create_logical_replication_slot('" + settings.slot() + "', 'test_decoding')");
        assertThat(failure(settings)).hasMessageContaining("test_decoding").hasMessageContaining("slot.name");
    }

    @Test
    void aServerWithoutLogicalDecodingIsToldWhatToRun() throws Exception {
        try (EmbeddedPostgres replica = EmbeddedPostgres.builder()
                .setServerConfig("wal_level", "replica")
                .start()) {
            CaptureException failure = failure(
                    with("jdbc:postgresql://127.0.0.1:" + replica.getPort() + "/postgres?user=postgres", "", ""));
            assertThat(failure)
                    .hasMessageContaining("wal_level is replica")
                    .hasMessageContaining("ALTER SYSTEM SET wal_level = 'logical'");
            assertThat(failure.isTransient()).isFalse();
        }
    }

    @Test
    void aWrongPasswordIsSaid() throws Exception {
        try (PostgresServer own = PostgresServer.start()) {
            Database replica = own.newDatabase();
            replica.execute("create role guarded login superuser password 'right'");
            String hba = replica.query("show hba_file");
            replica.execute("copy (select 'local all all trust' union all select 'host all postgres all trust'"
                    + " union all select 'host all all all scram-sha-256') to '" + hba + "'");
            replica.query("select pg_reload_conf()");
            org.awaitility.Awaitility.await().untilAsserted(() -> {
                CaptureException wrong = failure(with(bareUrl(replica), "guarded", "wrong"));
                assertThat(wrong).hasMessageContaining("password authentication failed");
                assertThat(wrong.isTransient()).isFalse();
            });
        }
    }

    private static String bareUrl(Database database) {
        return database.url().replace("?user=postgres", "");
    }

    private String bareUrl() {
        return bareUrl(database);
    }

    private CaptureSettings with(String url, String user, String password) {
        return CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.URL, url,
                        CaptureOption.USER, user,
                        CaptureOption.PASSWORD, password,
                        CaptureOption.SLOT_NAME, "slot_" + database.name()));
    }

    private static CaptureException failure(CaptureSettings settings) {
        return catchThrowableOfType(CaptureException.class, () -> Capture.start(settings, Optional.empty())
                .close());
    }
}
