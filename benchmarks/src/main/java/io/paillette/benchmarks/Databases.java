package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.function.Function;

/** One run after the other on one server, none in what another has left behind. */
final class Databases {

    private Databases() {}

    /** Drops the database afterwards, so that the next one's walsender does not read its WAL nor the disk fill. */
    static <T> T inItsOwn(PostgresServer server, Function<Database, T> run) {
        Database database = server.newDatabase();
        T result = run.apply(database);
        database.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots "
                + "where database = current_database()");
        server.newDatabase().execute("drop database " + database.name() + " with (force)", "checkpoint");
        return result;
    }
}
