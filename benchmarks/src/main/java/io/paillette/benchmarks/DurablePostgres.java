package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import org.awaitility.Awaitility;

/** A test kit's server, made to keep what it acknowledges: embedded servers come without fsync, which would flatter us. */
final class DurablePostgres {

    private DurablePostgres() {}

    static PostgresServer start() {
        PostgresServer server = PostgresServer.start();
        Database database = server.newDatabase();
        database.execute(
                "alter system set fsync = on",
                "alter system set full_page_writes = on",
                "alter system set synchronous_commit = on",
                "select pg_reload_conf()");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> database.query("show fsync").equals("on")
                        && database.query("show full_page_writes").equals("on")
                        && database.query("show synchronous_commit").equals("on"));
        return server;
    }
}
