package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three workers of one cluster, of which one freezes with the task, one dies, and each comes back. */
@Tag("proof")
final class ClusterIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(4);

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void nothingIsDoubledThoughATaskThatWasTakenForDeadGoesOnAndWorkersLeaveAndJoin() {
        database.execute(
                "create table t (id int primary key)",
                "insert into t values (0)",
                // What a frozen worker has open the server is to give up soon.
                "alter database " + database.name() + " set wal_sender_timeout = '15s'");
        try (var kafka = ExactlyOnceScene.kafka();
                var one = ExactlyOnceScene.worker(Peer.KAFKA_4, kafka, "cluster");
                var two = ExactlyOnceScene.worker(Peer.KAFKA_4, kafka, "cluster");
                var three = ExactlyOnceScene.worker(Peer.KAFKA_4, kafka, "cluster");
                var reader = new TopicReader(kafka.bootstrap(), "app\\.public\\.t")) {
            List<ConnectWorker> workers = List.of(one, two, three);
            one.put("/connectors/app/config", Sample.asJson(Sample.pointedAt(Sample.json(), database)));
            one.awaitRunning("app");
            reader.until(records -> records.size() == 1, LIMIT);
            var rows = NumberedRows.into(database);

            ConnectWorker frozen = runner(workers, one);
            awaitTold(reader, rows);
            frozen.jvm().freeze();
            ConnectWorker other = workers.get((workers.indexOf(frozen) + 1) % workers.size());
            Awaitility.await().atMost(LIMIT).until(() -> !other.isRunner("app", frozen) && other.isRunning("app"));
            awaitTold(reader, rows);
            frozen.jvm().thaw();
            awaitTold(reader, rows);

            ConnectWorker dying = runner(workers, other);
            dying.kill();
            awaitTold(reader, rows);
            dying.start();
            awaitTold(reader, rows);

            int last = rows.end();
            reader.until(records -> records.size() > last, LIMIT);
            assertThat(reader.toTheEnd(LIMIT))
                    .extracting(ClusterIT::id)
                    .containsExactlyElementsOf(NumberedRows.to(last));
            assertThat(database.query("select count(*) from pg_stat_activity where backend_type = 'walsender'"
                            + " and datname = current_database()"))
                    .isEqualTo("1");
        }
    }

    private static ConnectWorker runner(List<ConnectWorker> workers, ConnectWorker asked) {
        return workers.stream()
                .filter(worker -> asked.isRunner("app", worker))
                .findFirst()
                .orElseThrow();
    }

    /** All that was written until now, and some more. */
    private static void awaitTold(TopicReader reader, NumberedRows rows) {
        int soFar = rows.last() + 100;
        reader.until(records -> records.size() > soFar, LIMIT);
    }

    private static String id(ConsumerRecord<String, String> record) {
        try {
            return JSON.readTree(record.key()).get("id").asText();
        } catch (IOException e) {
            throw new UncheckedIOException(record.key(), e);
        }
    }
}
