package io.paillette.benchmarks;

import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What is measured: each captures the same table into {@code app.public.<table>}. */
enum Contender {
    PAILLETTE("Paillette", "broker and store in the source's database, as in the quickstart"),
    PAILLETTE_APART("Paillette, store apart", "store in a database on a Postgres server of its own"),
    CONNECTOR("Paillette connector", "in a Connect worker, Apache Kafka; both with defaults"),
    DEBEZIUM("Debezium", "in a Connect worker, Apache Kafka; all with defaults"),
    DEBEZIUM_TUNED("Debezium, tuned", "the same, connector and producer tuned for this measurement");

    /** Connect's own default; the test kit's is shorter. */
    static final Map<String, String> WORKER_DEFAULTS = Map.of("offset.flush.interval.ms", "60000");

    private final String title;
    private final String what;

    Contender(String title, String what) {
        this.title = title;
        this.what = what;
    }

    String title() {
        return title;
    }

    String what() {
        return what;
    }

    /** Starts it; the caller ends it. */
    Pipeline open(Database source, Database apart, Tuning tuning) {
        return switch (this) {
            case PAILLETTE -> new PaillettePipeline(source, source);
            case PAILLETTE_APART -> new PaillettePipeline(source, apart);
            case CONNECTOR -> new ConnectPipeline(ourPlugins(), paillette(source), WORKER_DEFAULTS);
            case DEBEZIUM -> new ConnectPipeline(Peer.debeziumPlugins(), debezium(source, Map.of()), WORKER_DEFAULTS);
            case DEBEZIUM_TUNED ->
                new ConnectPipeline(Peer.debeziumPlugins(), debezium(source, tuning.connector()), tuning.worker());
        };
    }

    static Path ourPlugins() {
        return Peer.root().resolve("connector/target/plugin");
    }

    static Map<String, String> paillette(Database source) {
        return connector(source, "io.paillette.connect.PostgresSourceConnector", Map.of("tables", "public.*"));
    }

    static Map<String, String> debezium(Database source, Map<String, String> tuning) {
        var more = new HashMap<>(Map.of(
                "plugin.name", "pgoutput",
                "publication.autocreate.mode", "filtered",
                "table.include.list", "public\\..*"));
        more.putAll(tuning);
        return connector(source, "io.debezium.connector.postgresql.PostgresConnector", more);
    }

    private static Map<String, String> connector(Database source, String connectorClass, Map<String, String> more) {
        var all = new HashMap<>(Map.of(
                "connector.class",
                connectorClass,
                "database.hostname",
                "127.0.0.1",
                "database.port",
                String.valueOf(source.port()),
                "database.user",
                "postgres",
                "database.password",
                "postgres",
                "database.dbname",
                source.name(),
                "topic.prefix",
                "app",
                "slot.name",
                "bench_" + source.name()));
        all.putAll(more);
        return all;
    }
}
