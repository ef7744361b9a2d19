package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.model.Sorts;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs docs/guides/sinks.md: the broker, a standalone worker of Apache Kafka on it, and the published sinks, as the page has them. */
@Tag("proof")
class SinksIT {

    private static final Path PAGE = Peer.root().resolve("docs/guides/sinks.md");
    private static final Pattern BLOCK = Pattern.compile("```(\\w+)\\n(.*?)```", Pattern.DOTALL);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    private record Block(String language, String text) {}

    @Test
    @Proves(
            client = "Debezium JDBC sink connector",
            version = Published.DEBEZIUM_JDBC_SINK,
            what = "a sequence of Paillette keeps a second table in step: updates, changed keys, deletes, new columns")
    @Proves(
            client = "MongoDB sink connector",
            version = Published.MONGODB_SINK,
            what = "a sequence of Paillette keeps documents in step, by its handler for Debezium's records")
    void aSecondTableAndDocumentsAreKeptInStepAsThePageSays() throws IOException {
        List<Block> blocks = BLOCK.matcher(Files.readString(PAGE))
                .results()
                .map(found -> new Block(found.group(1), found.group(2)))
                .toList();
        int worker = firstResult(blocks);
        var mongo = new MongoServer(new MemoryBackend().version(ServerVersion.MONGO_5_0));
        String uri = mongo.bindAndGetConnectionString();
        try (var broker = BrokerProcess.start(List.of("-Xmx256m"), settings(blocks));
                var documents = MongoClients.create(uri)) {
            run(blocks.subList(0, worker), documents);
            try (var connect = worker(broker, blocks, uri)) {
                connect.awaitRunning("orders-table");
                connect.awaitRunning("orders-documents");
                run(blocks.subList(worker, blocks.size()), documents);
                for (String connector : List.of("orders-table", "orders-documents")) {
                    assertThat(connect.get("/connectors/" + connector + "/status"))
                            .doesNotContain("FAILED");
                }
            }
        } finally {
            mongo.shutdownNow();
        }
    }

    /** The worker is started behind its connectors. */
    private static int firstResult(List<Block> blocks) {
        int last = 0;
        for (int i = 0; i < blocks.size(); i++) {
            last = blocks.get(i).language().equals("ini") ? i : last;
        }
        return last + 1;
    }

    private Map<String, String> settings(List<Block> blocks) throws IOException {
        var settings = new HashMap<>(BrokerProcess.onStore(database, 1));
        for (Block block : blocks) {
            if (block.language().equals("properties")) {
                settings.putAll(properties(block.text()));
            }
        }
        settings.put("source.app.slot.name", "slot_" + database.name());
        return settings;
    }

    private ConnectWorker worker(BrokerProcess broker, List<Block> blocks, String mongo) throws IOException {
        var overrides = new HashMap<String, String>();
        List<Path> connectors = new ArrayList<>();
        for (Block block : blocks) {
            if (!block.language().equals("ini")) {
                continue;
            }
            Map<String, String> properties = properties(block.text());
            if (properties.containsKey("name")) {
                properties.computeIfPresent(
                        "connection.url",
                        (key, url) -> "jdbc:postgresql://127.0.0.1:" + database.port() + "/" + database.name());
                properties.computeIfPresent("connection.uri", (key, uri) -> mongo);
                connectors.add(written(properties));
            } else {
                List.of("bootstrap.servers", "plugin.path", "offset.storage.file.filename")
                        .forEach(properties::remove);
                overrides.putAll(properties);
            }
        }
        return ConnectWorker.standalone(
                new ConnectWorker.Setup(
                        Peer.KAFKA_4,
                        broker.bootstrap(),
                        List.of(Peer.sinkPlugins(), Peer.root().resolve("transforms/target/plugin")),
                        overrides),
                connectors);
    }

    private Path written(Map<String, String> connector) throws IOException {
        var properties = new Properties();
        properties.putAll(connector);
        Path file = directory.resolve(connector.get("name") + ".properties");
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
        return file;
    }

    private static Map<String, String> properties(String text) throws IOException {
        var properties = new Properties();
        properties.load(new StringReader(text));
        var map = new HashMap<String, String>();
        properties.forEach((key, value) -> map.put(key.toString(), value.toString()));
        return map;
    }

    private void run(List<Block> blocks, MongoClient documents) {
        String last = "";
        for (Block block : blocks) {
            switch (block.language()) {
                case "sql" -> last = execute(block.text());
                case "text" -> expect(last, block.text());
                case "json" ->
                    Awaitility.await("the documents").atMost(PATIENCE).untilAsserted(() -> assertThat(told(documents))
                            .isEqualTo(block.text().strip()));
                default -> {} // what was read before
            }
        }
    }

    /** The last of the statements, which is not executed where it asks. */
    private String execute(String sql) {
        String last = "";
        for (String statement : sql.strip().split(";\n", -1)) {
            last = statement;
            if (!statement.startsWith("select")) {
                database.execute(statement);
            }
        }
        return last;
    }

    private void expect(String query, String answer) {
        Awaitility.await(query)
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(SQLException.class) // the table is not there yet
                .untilAsserted(() -> assertThat(answer(query)).isEqualTo(answer.strip()));
    }

    /** As psql shows it with {@code -A -t}. */
    private String answer(String query) throws SQLException {
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            var lines = new ArrayList<String>();
            while (rows.next()) {
                var line = new ArrayList<String>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    line.add(Objects.requireNonNullElse(rows.getString(i), ""));
                }
                lines.add(String.join("|", line));
            }
            return String.join("\n", lines);
        }
    }

    /** As mongosh shows them, one on a line. */
    private static String told(MongoClient client) {
        var settings = JsonWriterSettings.builder().outputMode(JsonMode.RELAXED).build();
        var lines = new ArrayList<String>();
        client.getDatabase("shop")
                .getCollection("orders")
                .find()
                .sort(Sorts.ascending("_id.id"))
                .forEach(document -> lines.add(document.toJson(settings)));
        return String.join("\n", lines);
    }
}
