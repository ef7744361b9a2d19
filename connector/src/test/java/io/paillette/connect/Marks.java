package io.paillette.connect;

import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Rows of a table {@code marks}, by which a test sees that connectors have told all that came before. */
record Marks(Database database, ConnectWorker worker, List<String> connectors, Form form) {

    static final String TABLE = "create table marks (id serial primary key)";

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration ATTEMPT = Duration.ofSeconds(5);

    /** How a mark looks in the topics of a connector. */
    @FunctionalInterface
    interface Form {
        boolean isMark(ConsumerRecord<String, String> record, String connector, long id);
    }

    /** What was there before may be read first: sets marks until one is told. */
    void awaitStreaming(TopicReader reader) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            long mark = set();
            try {
                reader.until(records -> isTold(records, mark), ATTEMPT);
                return;
            } catch (AssertionError e) {
                String states = states();
                if (System.nanoTime() > deadline || states.contains("FAILED")) {
                    throw new AssertionError(states, e);
                }
            }
        }
    }

    /** Whatever the database has until now. */
    void awaitAll(TopicReader reader) {
        long last = set();
        try {
            reader.until(records -> isTold(records, last), LIMIT);
        } catch (AssertionError e) {
            throw new AssertionError(states(), e);
        }
    }

    private long set() {
        return Long.parseLong(database.query("insert into marks default values returning id"));
    }

    private boolean isTold(List<ConsumerRecord<String, String>> records, long id) {
        return connectors.stream()
                .allMatch(connector -> records.stream().anyMatch(record -> form.isMark(record, connector, id)));
    }

    private String states() {
        return connectors.stream()
                .map(connector -> worker.get("/connectors/" + connector + "/status"))
                .collect(Collectors.joining(" "));
    }
}
