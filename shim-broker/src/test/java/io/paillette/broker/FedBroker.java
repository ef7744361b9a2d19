package io.paillette.broker;

import io.paillette.broker.cli.ReadyLine;
import io.paillette.broker.cli.RunningBroker;
import io.paillette.broker.cli.StartException;
import io.paillette.broker.config.ConfigInput;
import io.paillette.broker.config.ConfigReader;
import io.paillette.broker.config.InvalidConfigException;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;

/** A whole broker in this JVM; its source, where it has one, is called {@code app} and is the store's own database. */
final class FedBroker implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Database database;
    private final RunningBroker broker;
    private Optional<TopicReader> reader = Optional.empty();

    private FedBroker(Database database, RunningBroker broker) {
        this.database = database;
        this.broker = broker;
    }

    /**
     * Returns when changes are streamed: what is written from then on is not read with its table.
     *
     * @param options of the source, beside those that every test needs
     */
    static FedBroker start(Database database, Path directory, Map<String, String> options)
            throws IOException, InvalidConfigException, StartException, InterruptedException {
        return start(database, directory, options, Map.of()).streaming();
    }

    /** Returns when changes are streamed. */
    FedBroker streaming() {
        Awaitility.await("the slot is read").atMost(LIMIT).until(() -> database.query(
                        "select count(*) from pg_replication_slots where active and slot_name like '%slot_"
                                + database.name() + "'")
                .equals("1"));
        return this;
    }

    /**
     * Returns when the source is read, or has failed.
     *
     * @param sequences their options, by {@code name.option}
     */
    static FedBroker start(
            Database database, Path directory, Map<String, String> options, Map<String, String> sequences)
            throws IOException, InvalidConfigException, StartException, InterruptedException {
        var settings =
                new TreeMap<>(Map.of("url", "store", "tables", "public.*", "slot.name", "slot_" + database.name()));
        settings.putAll(options);
        var text = new StringBuilder();
        settings.forEach((key, value) ->
                text.append("source.app.").append(key).append('=').append(value).append('\n'));
        new TreeMap<>(sequences).forEach((key, value) -> text.append("sequence.")
                .append(key)
                .append('=')
                .append(value.replace("\\", "\\\\"))
                .append('\n'));
        return start(database, directory, text.toString());
    }

    static FedBroker withoutSource(Database database, Path directory)
            throws IOException, InvalidConfigException, StartException, InterruptedException {
        return start(database, directory, "");
    }

    /** @param source properties of the source and its sequences */
    static FedBroker start(Database database, Path directory, String source)
            throws IOException, InvalidConfigException, StartException, InterruptedException {
        Path file = Files.writeString(
                directory.resolve("broker.properties"),
                """
                listeners=PLAINTEXT://127.0.0.1:0
                http.listen=127.0.0.1:0
                group.initial.rebalance.delay.ms=0
                store.url=%s
                %s
                """
                        .formatted(database.url(), source));
        return new FedBroker(
                database,
                Broker.start(ConfigReader.read(new ConfigInput(file, List.of(), directory, directory, name -> null))));
    }

    ReadyLine line() {
        return broker.readyLine();
    }

    boolean has(String topic) {
        return database.query("select exists (select from paillette.topic where name = '" + topic + "')")
                .equals("t");
    }

    /** Key, a blank, and value of each record of partition 0, once a consumer has read so many. */
    List<String> await(String topic, int count) {
        return partition(topic, 0, count).stream()
                .map(record -> Stream.of(record.key(), record.value())
                        .filter(Objects::nonNull)
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    /** What a consumer reads of a partition, once it is so much. */
    List<ConsumerRecord<String, String>> partition(String topic, int partition, int count) {
        return reader().partition(topic, partition, count);
    }

    /** What a consumer reads of all partitions, once it is so much, one after the other. */
    List<ConsumerRecord<String, String>> all(String topic, int count) {
        return reader().all(topic, count);
    }

    private TopicReader reader() {
        if (reader.isEmpty()) {
            reader = Optional.of(new TopicReader(line().kafka(), LIMIT));
        }
        return reader.get();
    }

    /** {@code NAME=VALUE} of each header, with blanks between. */
    static String headers(ConsumerRecord<String, String> record) {
        var headers = new StringJoiner(" ");
        record.headers()
                .forEach(header -> headers.add(header.key() + "="
                        + (header.value() == null ? "null" : new String(header.value(), StandardCharsets.UTF_8))));
        return headers.toString();
    }

    @Override
    public void close() {
        reader.ifPresent(TopicReader::close);
        broker.close();
    }
}
