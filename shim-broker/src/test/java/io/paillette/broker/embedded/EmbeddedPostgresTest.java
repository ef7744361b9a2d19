package io.paillette.broker.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedPostgresTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CAME_THROUGH_TCP = "select inet_client_addr() is not null";

    /** Each test leaves it stopped; making one takes seconds. */
    @TempDir
    static Path home;

    private final int port = freePort();

    @Test
    void itIsReadyForLogicalReplicationAndDurable() throws Exception {
        try (var postgres = EmbeddedPostgres.start(home, port)) {
            assertThat(postgres.isRunning()).isTrue();
            assertThat(query(postgres, "show wal_level")).isEqualTo("logical");
            assertThat(query(postgres, "show fsync")).isEqualTo("on");
            assertThat(query(postgres, "show synchronous_commit")).isEqualTo("on");
            assertThat(query(postgres, "show listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(query(postgres, "show server_encoding")).isEqualTo("UTF8");
        }
    }

    @Test
    void itIsReachedThroughItsSocketAndThroughTcp() throws Exception {
        try (var postgres = EmbeddedPostgres.start(home, port)) {
            assertThat(query(postgres, CAME_THROUGH_TCP)).isEqualTo("f");
            try (var connection = DriverManager.getConnection(
                            "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres");
                    var rows = connection.createStatement().executeQuery(CAME_THROUGH_TCP)) {
                rows.next();
                assertThat(rows.getString(1)).isEqualTo("t");
            }
        }
    }

    @Test
    void whereThePathIsTooLongForASocketItIsReachedThroughTcp(@TempDir Path directory) throws Exception {
        Path longer = directory.resolve("a directory with a name of more than a hundred bytes ".repeat(3));
        try (var postgres = EmbeddedPostgres.start(longer, freePort())) {
            assertThat(query(postgres, CAME_THROUGH_TCP)).isEqualTo("t");
        }
    }

    @Test
    void aLockOfItsSocketThatNamesAnotherProcessDoesNotKeepItFromStarting() throws Exception {
        Process other = new ProcessBuilder("sleep", "600").start();
        Files.writeString(home.resolve(".s.PGSQL." + port + ".lock"), other.pid() + "\n");
        try (var postgres = EmbeddedPostgres.start(home, port)) {
            assertThat(query(postgres, CAME_THROUGH_TCP)).isEqualTo("f");
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void dataSurvivesAStopAndAStartOnAnotherPort() throws Exception {
        try (var postgres = EmbeddedPostgres.start(home, port)) {
            execute(postgres, "drop table if exists kept", "create table kept as select 7 as id");
        }
        assertThat(home.resolve("postgres/postmaster.pid")).doesNotExist();

        int other = freePort();
        try (var postgres = EmbeddedPostgres.start(home, other)) {
            assertThat(query(postgres, "select id from kept")).isEqualTo("7");
        }
    }

    @Test
    void whenPostgresIsKilledItIsStartedAgainAndCommittedRowsAreThere() throws Exception {
        try (var postgres = EmbeddedPostgres.start(home, port)) {
            execute(postgres, "drop table if exists kept", "create table kept as select 7 as id");
            long pid = serverPid();

            kill(pid);

            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(
                            query(postgres, "select id from kept"))
                    .isEqualTo("7"));
            assertThat(serverPid()).isNotEqualTo(pid);
            await().atMost(PATIENCE).until(postgres::isRunning);
        }
    }

    @Test
    void whenServerAndBackendsAreKilledTogetherTheNextStartRecovers() throws Exception {
        try (var postgres = EmbeddedPostgres.start(home, port)) {
            execute(postgres, "drop table if exists kept", "create table kept as select 7 as id");
            // A backend that is busy does not notice at once that its server is gone.
            try (var busy = DriverManager.getConnection(postgres.jdbcUrl());
                    var statement = busy.createStatement()) {
                var query = new Thread(
                        () -> swallow(
                                () -> statement.execute(
                                        """
                        do $$ declare until timestamptz := clock_timestamp() + interval '3 s'; begin
                        while clock_timestamp() < until loop end loop; end $$""")));
                query.start();
                await().atMost(PATIENCE).until(() -> query(
                                postgres,
                                "select count(*) from pg_stat_activity where query like 'do %' and state ="
                                        + " 'active'")
                        .equals("1"));
                kill(serverPid());
                query.join();
                // The backend may have finished its query before it left, unseen: there is nobody to say goodbye to.
                busy.abort(Runnable::run);
            }
            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(
                            query(postgres, "select id from kept"))
                    .isEqualTo("7"));
        }
    }

    @Test
    void aServerThatAKilledBrokerLeftIsAdopted() throws Exception {
        Process broker = childThatStartsAServer();
        long pid = serverPid();
        broker.destroyForcibly().waitFor();

        try (var postgres = EmbeddedPostgres.start(home, port)) {
            assertThat(serverPid()).isEqualTo(pid);
            assertThat(query(postgres, "select 1")).isEqualTo("1");
        }
        await().atMost(PATIENCE)
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void aServerThatAKilledBrokerLeftOnAnotherPortMoves() throws Exception {
        childThatStartsAServer().destroyForcibly().waitFor();

        int other = freePort();
        try (var postgres = EmbeddedPostgres.start(home, other)) {
            assertThat(query(postgres, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void aPidFileWhoseNumberIsSomebodyElsesNowIsNoObstacle() throws Exception {
        EmbeddedPostgres.start(home, port).close();
        Files.writeString(
                home.resolve("postgres/postmaster.pid"),
                ProcessHandle.current().pid() + "\n" + home.resolve("postgres") + "\n1\n" + port + "\n\n127.0.0.1\n");

        try (var postgres = EmbeddedPostgres.start(home, port)) {
            assertThat(query(postgres, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void aPortInUseIsSaidWithTheKeyThatChangesIt() throws Exception {
        try (var taken = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatExceptionOfType(EmbeddedPostgresException.class)
                    .isThrownBy(() -> EmbeddedPostgres.start(home, port))
                    .withMessage("port " + taken.getLocalPort()
                            + " of 127.0.0.1 is in use: stop what listens there, or set embedded.port to a free port");
        }
    }

    @Test
    void oneDirectoryServesOneBroker() throws Exception {
        try (var postgres = EmbeddedPostgres.start(home, port)) {
            assertThat(postgres.isRunning()).isTrue();
            assertThatExceptionOfType(EmbeddedPostgresException.class)
                    .isThrownBy(() -> EmbeddedPostgres.start(home, freePort()))
                    .withMessage("another Paillette uses " + home + ": stop it, or set data.dir to another directory");
        }
    }

    @Test
    void dataOfAnotherMajorVersionIsRefused() throws Exception {
        EmbeddedPostgres.start(home, port).close();
        Path version = home.resolve("postgres/PG_VERSION");
        String found = Files.readString(version);
        Files.writeString(version, "9\n");
        try {
            assertThatExceptionOfType(EmbeddedPostgresException.class)
                    .isThrownBy(() -> EmbeddedPostgres.start(home, port))
                    .withMessageContaining("was made by Postgres 9, and the embedded Postgres is ")
                    .withMessageContaining("set data.dir to another directory");
        } finally {
            Files.writeString(version, found);
        }
    }

    @Test
    void anInitializationThatWasKilledStartsOver(@TempDir Path fresh) throws Exception {
        Files.createDirectories(fresh.resolve("postgres.partial/base"));
        Files.createDirectories(fresh.resolve("binaries/partial/bin"));

        try (var postgres = EmbeddedPostgres.start(fresh, port)) {
            assertThat(query(postgres, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void archivesAreNamedBySystemAndProcessor() {
        assertThat(PostgresBinaries.archiveName("Linux", "amd64")).isEqualTo("postgres-linux-x86_64.txz");
        assertThat(PostgresBinaries.archiveName("Mac OS X", "aarch64")).isEqualTo("postgres-darwin-arm_64.txz");
    }

    /** Started by {@link #childThatStartsAServer}; lives until it is killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            EmbeddedPostgres.start(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
            System.out.println("started");
            Thread.currentThread().join();
        }
    }

    private Process childThatStartsAServer() throws IOException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        home.toString(),
                        Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(child.inputReader().readLine()).isEqualTo("started");
        return child;
    }

    private long serverPid() throws IOException {
        return PostmasterFile.read(home.resolve("postgres")).orElseThrow().pid();
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    private interface Sql {
        void run() throws SQLException;
    }

    /** For a statement whose server is killed under it. */
    private static void swallow(Sql statement) {
        try {
            statement.run();
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as("the connection was cut").isEqualTo("08006");
        }
    }

    private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl());
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private static void execute(EmbeddedPostgres postgres, String... statements) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl());
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }
}
