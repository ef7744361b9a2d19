package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged transformation, from a plugin path where our connector and Debezium's are as well. */
final class FunctionsIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String TYPE = "io.paillette.connect.transforms.Functions";

    private final Path directory;
    private final List<String> started = new ArrayList<>();

    FunctionsIT(@TempDir Path directory) {
        this.directory = directory;
    }

    @AfterEach
    void remove() {
        started.forEach(name -> SharedWorker.worker().delete("/connectors/" + name));
    }

    @Test
    void functionsAreCalledBehindASourceAndBeforeASinkAndWhatFailsIsADeadLetter() throws IOException {
        Database database = orders();
        ConnectWorker worker = SharedWorker.worker();
        String name = "functions-" + database.name();
        String sink = name + "-sink";
        started.addAll(List.of(sink, name));
        Path file = directory.resolve("sunk.txt");
        try (var reader = new TopicReader(SharedWorker.bootstrap(), name + "\\..*|" + name + "-dead")) {
            assertThat(worker.get("/connector-plugins?connectorsOnly=false"))
                    .contains("{\"class\":\"" + TYPE + "\",\"type\":\"transformation\",\"version\":\""
                            + Version.current());
            assertThat(worker.put(
                            "/connector-plugins/FileStreamSinkConnector/config/validate",
                            Sample.asJson(sink(sink, name, file, "", "functions", "nowhere.js"))))
                    .contains("cannot be read on this worker");
            worker.put("/connectors/" + name + "/config", Sample.asJson(source(database, name)));
            worker.awaitRunning(name);
            assertThat(reader.until(read -> read.size() == 2, LIMIT))
                    .extracting(FunctionsIT::told)
                    .containsExactlyInAnyOrder(
                            name
                                    + ".paid customer-8 {\"order\":2,\"cents\":1999,\"old\":null,\"at\":\"2024-02-29\"} origin=read",
                            name
                                    + ".void customer-9 {\"order\":3,\"cents\":500,\"old\":null,\"at\":\"2024-02-29\"} origin=read");

            String guarded =
                    "function transform(action, record) { if (record.order === 3) throw new Error('not 3'); return record.order }";
            worker.put(
                    "/connectors/" + sink + "/config",
                    Sample.asJson(sink(sink, name, file, name + "-dead", "functions.text", guarded)));
            worker.awaitRunning(sink);
            database.execute("update orders set status = 'paid' where id = 1");
            assertThat(reader.until(read -> read.size() == 4, LIMIT))
                    .extracting(FunctionsIT::told)
                    .contains(
                            name
                                    + ".paid customer-7 {\"order\":1,\"cents\":1250,\"old\":\"new\",\"at\":\"2024-02-29\"} origin=update")
                    .anySatisfy(line -> assertThat(line)
                            .startsWith(name + "-dead customer-9 {\"order\":3,")
                            .contains(
                                    "org.apache.kafka.connect.errors.DataException",
                                    "functions fail for the record of topic " + name + ".void, partition 0, offset 0",
                                    "transform (functions.js, line 1, column",
                                    "Error: not 3"));
            Awaitility.await("the sink").atMost(LIMIT).untilAsserted(() -> assertThat(lines(file))
                    .containsExactlyInAnyOrder("2", "1"));
        }
    }

    @Test
    @Tag("proof")
    void theOldestWorkerCallsThemTooAndThoseInLua() throws IOException {
        Path lua = Files.writeString(
                directory.resolve("orders.lua"),
                """
                function filter(action, record) return record.status ~= 'new' end
                function transform(action, record, changes)
                    return { order = record.id, old = changes and changes.status or json.null, at = record.made }
                end
                function route(action, record, changes, metadata)
                    return { topic = metadata.database_name .. '.' .. record.status, key = 'customer-' .. record.customer,
                             headers = { origin = action } }
                end
                """);
        Map<String, String> config = source(orders(), "old");
        config.put("transforms.functions.functions", lua.toString());
        Path connector = Sample.asProperties(config, directory.resolve("connector.properties"));
        try (var kafka = ApacheKafka.start(Peer.KAFKA_3);
                var worker = ConnectWorker.standalone(
                        new ConnectWorker.Setup(
                                Peer.KAFKA_3,
                                kafka.bootstrap(),
                                List.of(Sample.plugins(), Sample.transforms()),
                                Map.of()),
                        List.of(connector));
                var reader = new TopicReader(kafka.bootstrap(), "old\\..*")) {
            worker.awaitRunning("old");
            assertThat(reader.until(read -> read.size() == 2, LIMIT))
                    .extracting(FunctionsIT::told)
                    .contains("old.paid customer-8 {\"at\":\"2024-02-29\",\"old\":null,\"order\":2} origin=read");
        }
    }

    private static Database orders() {
        Database database = PostgresServer.shared().newDatabase();
        database.execute(
                "create table orders (id int primary key, customer int, status text, total numeric, made date)",
                "alter table orders replica identity full",
                "insert into orders values (1, 7, 'new', 12.50, '2024-02-29'), (2, 8, 'paid', 19.99, '2024-02-29'),"
                        + " (3, 9, 'void', 5, '2024-02-29')");
        return database;
    }

    private Map<String, String> source(Database database, String name) throws IOException {
        Path file = Files.writeString(
                directory.resolve("orders.js"),
                """
                const filter = (action, record) => record.status !== 'new';
                const transform = (action, record, changes) => ({
                    order: record.id, cents: Math.round(record.total * 100), old: changes?.status ?? null, at: record.made });
                const route = (action, record, changes, metadata) => ({
                    topic: `${metadata.database_name}.${record.status}`,
                    key: `customer-${record.customer}`, headers: { origin: action } });
                """);
        var config = Sample.pointedAt(Sample.properties(), database);
        config.put("name", name);
        config.put("topic.prefix", name);
        config.put("envelope", "change");
        config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        config.put("transforms", "functions");
        config.put("transforms.functions.type", TYPE);
        config.put("transforms.functions.functions", file.toString());
        config.put("topic.creation.default.partitions", "1");
        config.put("topic.creation.default.replication.factor", "-1");
        return config;
    }

    private static Map<String, String> sink(
            String name, String prefix, Path file, String deadLetters, String option, String functions) {
        var config = new HashMap<String, String>();
        config.put("name", name);
        config.put("connector.class", "org.apache.kafka.connect.file.FileStreamSinkConnector");
        config.put("tasks.max", "1");
        config.put("topics.regex", prefix.replace(".", "\\.") + "\\..*");
        config.put("file", file.toString());
        config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        config.put("consumer.override.auto.offset.reset", "earliest");
        config.put("transforms", "functions");
        config.put("transforms.functions.type", TYPE);
        config.put("transforms.functions." + option, functions);
        config.put("errors.tolerance", "all");
        config.put("errors.deadletterqueue.topic.name", deadLetters);
        config.put("errors.deadletterqueue.topic.replication.factor", "1");
        config.put("errors.deadletterqueue.context.headers.enable", "true");
        return config;
    }

    private static String told(ConsumerRecord<String, String> record) {
        var text = new StringBuilder(record.topic() + " " + record.key() + " " + record.value());
        record.headers().forEach(header -> text.append(" ")
                .append(header.key())
                .append("=")
                .append(header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8)));
        return text.toString();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
