package io.paillette.connect;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** The sample configurations, pointed at a test's database. */
final class Sample {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Sample() {}

    static Map<String, String> properties() {
        var properties = new Properties();
        try (var in = Files.newInputStream(Peer.root().resolve("config/connect-postgres-source.properties"))) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var map = new LinkedHashMap<String, String>();
        properties.forEach((key, value) -> map.put(key.toString(), value.toString()));
        return map;
    }

    /** The {@code config} object of the sample for the REST API. */
    static Map<String, String> json() {
        try {
            var root = JSON.readTree(
                    Peer.root().resolve("config/connect-postgres-source.json").toFile());
            var map = new LinkedHashMap<String, String>();
            root.get("config")
                    .properties()
                    .forEach(e -> map.put(e.getKey(), e.getValue().asText()));
            return map;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Map<String, String> pointedAt(Map<String, String> sample, Database database) {
        var map = new LinkedHashMap<>(sample);
        map.put("database.hostname", "127.0.0.1");
        map.put("database.port", Integer.toString(database.port()));
        map.put("database.dbname", database.name());
        // One server holds the databases of all tests, and slots belong to the server.
        map.put("slot.name", "connect_" + database.name());
        map.put("publication.name", "connect_" + database.name());
        return map;
    }

    static String asJson(Map<String, String> map) {
        try {
            return JSON.writeValueAsString(map);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path asProperties(Map<String, String> map, Path file) {
        var properties = new Properties();
        properties.putAll(map);
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The plugin directory as it is packaged. */
    static Path plugins() {
        return packaged(Path.of("target/plugin").toAbsolutePath());
    }

    /** That of the transformations. */
    static Path transforms() {
        return packaged(Peer.root().resolve("transforms/target/plugin"));
    }

    private static Path packaged(Path plugins) {
        if (!Files.isDirectory(plugins)) {
            throw new IllegalStateException(plugins + " is missing: it is made in Maven's phase package");
        }
        return plugins;
    }
}
