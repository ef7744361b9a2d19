package io.paillette.acceptance;

import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Our connector, as a Connect worker is told of it; its classes are not known here. */
final class SourceConnector {

    private SourceConnector() {}

    /** The plugin directory as it is packaged. */
    static Path plugins() {
        Path plugins = Peer.root().resolve("connector/target/plugin");
        if (!Files.isDirectory(plugins)) {
            throw new IllegalStateException(plugins + " is missing: run mvn -pl connector -am package");
        }
        return plugins;
    }

    /** Of the tables in schema public, as source {@code app}. */
    static Map<String, String> config(Database source) {
        return Map.ofEntries(
                Map.entry("connector.class", "io.paillette.connect.PostgresSourceConnector"),
                Map.entry("tasks.max", "1"),
                Map.entry("topic.prefix", "app"),
                Map.entry("database.hostname", "127.0.0.1"),
                Map.entry("database.port", String.valueOf(source.port())),
                Map.entry("database.dbname", source.name()),
                Map.entry("database.user", "postgres"),
                Map.entry("tables", "public.*"),
                // One server holds the databases of all tests, and slots belong to the server.
                Map.entry("slot.name", slot(source)),
                Map.entry("publication.name", slot(source)),
                Map.entry("transaction.boundary", "connector"),
                Map.entry("topic.creation.default.partitions", "1"),
                Map.entry("topic.creation.default.replication.factor", "-1"));
    }

    static String slot(Database source) {
        return "connect_" + source.name();
    }
}
