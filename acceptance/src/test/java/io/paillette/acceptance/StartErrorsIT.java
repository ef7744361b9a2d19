package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.Ports;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person gets when the broker cannot start: one sentence that says what to do, exit code 2, no stack trace. */
class StartErrorsIT {

    private @TempDir Path directory;

    @Test
    void aMisspeltKeyIsAnsweredWithTheNearestRightOne() {
        assertThat(refusal(Map.of("listners", "PLAINTEXT://127.0.0.1:0"))).contains("listners", "\"listeners\"");
    }

    @Test
    void aTakenPortIsNamed() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());

            assertThat(refusal(onStore(database(), Map.of("listeners", "PLAINTEXT://127.0.0.1:" + port))))
                    .contains(port, "listeners");
        }
    }

    @Test
    void anUnreachableStoreIsNamed() {
        int nobody = Ports.free();

        assertThat(refusal(Map.of("store.url", "jdbc:postgresql://127.0.0.1:" + nobody + "/app", "store.user", "app")))
                .contains("127.0.0.1:" + nobody, "cannot be reached");
    }

    @Test
    void aWrongPasswordIsToldWithoutShowingIt() throws IOException {
        try (var server = PostgresServer.start()) {
            Database database = server.newDatabase();
            database.execute("create role guarded login password 'right'");
            Path hba = Path.of(database.query("show hba_file"));
            Files.writeString(hba, "host all guarded 127.0.0.1/32 scram-sha-256\n" + Files.readString(hba));
            database.execute("select pg_reload_conf()");

            String refusal = refusal(Map.of(
                    "store.url", "jdbc:postgresql://127.0.0.1:" + database.port() + "/" + database.name(),
                    "store.user", "guarded",
                    "store.password", "wr0ng-s3cret"));

            assertThat(refusal).contains("password", "store.password").doesNotContain("wr0ng-s3cret");
        }
    }

    @Test
    void aServerThatDoesNotWriteLogicalWalIsToldHowTo() {
        try (var server = PostgresServer.start(Map.of("wal_level", "replica"))) {
            assertThat(refusal(onStore(server.newDatabase(), Map.of("source.app.url", "store"))))
                    .contains("source app", "wal_level", "logical");
        }
    }

    @Test
    void aRoleWithoutReplicationIsToldWhichRightIsMissing() {
        Database database = database();
        String role = "plain_" + database.name();
        database.execute(
                "create role " + role + " login", "grant create on database " + database.name() + " to " + role);

        assertThat(refusal(onStore(database, Map.of("source.app.url", "store", "source.app.user", role))))
                .contains("source app", "REPLICATION", role);
    }

    @Test
    void aUserThatIsNamedTwiceIsToldBeforeTheWrongOneIsTaken() {
        Database database = database();

        assertThat(refusal(onStore(
                        database, Map.of("source.app.url", database.url(), "source.app.user", "somebody_else"))))
                .contains("source.app.user", "URL");
    }

    private static Database database() {
        return PostgresServer.shared().newDatabase();
    }

    private static Map<String, String> onStore(Database database, Map<String, String> more) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("store.url", "jdbc:postgresql://127.0.0.1:" + database.port() + "/" + database.name());
        settings.put("store.user", "postgres");
        settings.put("listeners", "PLAINTEXT://127.0.0.1:0");
        settings.put("http.listen", "127.0.0.1:0");
        settings.putAll(more);
        return settings;
    }

    /** Everything that was written; checked to be an orderly refusal. */
    private String refusal(Map<String, String> settings) {
        try (ChildJvm broker = BrokerProcess.attempt(directory, settings)) {
            assertThat(broker.awaitExit(Duration.ofSeconds(60)))
                    .as(broker.output())
                    .isEqualTo(2);
            assertThat(broker.output()).doesNotContain("\tat ").doesNotContain("Exception");
            return broker.output();
        }
    }
}
