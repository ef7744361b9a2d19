package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source on this machine is read through its Unix-domain socket; the shared server has one in /tmp. */
class UnixSocketSourceTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    private Path directory;

    @Test
    void changesOfAServerOnThisMachineAreReadThroughItsSocket() throws Exception {
        assertThat(isReadThroughTcp("auto")).isFalse();
    }

    @Test
    void changesAreReadThroughTcpWhereTheUserSaysSo() throws Exception {
        assertThat(isReadThroughTcp("off")).isTrue();
    }

    @Test
    void changesAreReadThroughTcpWhereTheUrlAsksForEncryption() throws Exception {
        var settings = settings(database.url() + "&sslmode=prefer", "auto");
        assertThat(isReadThroughTcp(settings)).isTrue();
    }

    @Test
    void theDirectoryMayBeNamed() throws Exception {
        Files.createSymbolicLink(socketIn(directory), socketIn(Path.of("/tmp")));
        assertThat(isReadThroughTcp(directory.toString())).isFalse();
    }

    @Test
    void aNamedDirectoryWithoutTheSocketIsAnErrorAndNotTcp() {
        assertThatThrownBy(() -> isReadThroughTcp(directory.toString()))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("cannot connect");
    }

    @Test
    void aSocketOfAnotherServerIsNotTakenForTheOneOfTheUrl() throws Exception {
        try (var other = PostgresServer.start()) {
            Files.createSymbolicLink(socketIn(directory), Path.of("/tmp/.s.PGSQL." + other.port()));
            new Database(other.port(), "postgres").execute("create database " + database.name());
            assertThatThrownBy(() -> isReadThroughTcp(directory.toString()))
                    .isInstanceOf(CaptureException.class)
                    .hasMessageContaining("unix.socket.directory")
                    .hasMessageContaining("another server");
        }
    }

    private Path socketIn(Path somewhere) {
        return somewhere.resolve(".s.PGSQL." + database.port());
    }

    private boolean isReadThroughTcp(String unixSocketDirectory) throws Exception {
        return isReadThroughTcp(settings(database.url(), unixSocketDirectory));
    }

    private boolean isReadThroughTcp(CaptureSettings settings) throws Exception {
        database.execute("create table t (id int primary key, v text)");
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into t select i, repeat('x', 100000) from generate_series(1, 100) i");
            assertThat(running.awaitChanges(100)).hasSize(100);
            return database.query("select client_addr is not null from pg_stat_replication where application_name"
                            + " = 'paillette-" + settings.slot() + "'")
                    .equals("t");
        }
    }

    private CaptureSettings settings(String url, String unixSocketDirectory) {
        return CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.URL,
                        url,
                        CaptureOption.SLOT_NAME,
                        "slot_" + database.name(),
                        CaptureOption.SNAPSHOT_MODE,
                        "no_data",
                        CaptureOption.UNIX_SOCKET_DIRECTORY,
                        unixSocketDirectory));
    }
}
