package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer;
import java.util.Map;

/**
 * A Postgres server as it is after some hours. What is acknowledged is on disk, or the figures would flatter us; and WAL files
 * are there to be used again: on a new server a commit now and then waits until the 16 MB of a file are written, and whoever
 * writes more WAL meets that more often (Postgres docs, "WAL Configuration").
 */
final class SteadyPostgres {

    private static final Map<String, String> SETTINGS =
            Map.of("fsync", "on", "full_page_writes", "on", "min_wal_size", "1GB", "max_wal_size", "1GB");
    private static final int WAL_FILES = 60;

    private SteadyPostgres() {}

    static PostgresServer start() {
        PostgresServer server = PostgresServer.start(SETTINGS);
        server.newDatabase()
                .execute(
                        "do $$ begin for file in 1.." + WAL_FILES
                                + " loop perform pg_logical_emit_message(false, 'fill', 'x'), pg_switch_wal();"
                                + " end loop; end $$",
                        "checkpoint",
                        "checkpoint");
        return server;
    }
}
