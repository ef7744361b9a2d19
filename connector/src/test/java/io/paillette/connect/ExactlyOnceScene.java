package io.paillette.connect;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** A Kafka and a distributed worker with our connector that writes to it exactly once. */
final class ExactlyOnceScene {

    private static final Duration LIMIT = Duration.ofMinutes(3);

    private ExactlyOnceScene() {}

    /** One that looks each second for transactions that are open for too long. */
    static ApacheKafka kafka() {
        return ApacheKafka.start(
                Peer.KAFKA_4,
                List.of("-Xmx384m", "-XX:+UseSerialGC"),
                Map.of("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"));
    }

    /** With half a minute for a transaction, as in config/connect-distributed.properties. */
    static ConnectWorker worker(Peer peer, ApacheKafka kafka, String group) {
        return ConnectWorker.distributed(
                new ConnectWorker.Setup(
                        peer,
                        kafka.bootstrap(),
                        List.of(Sample.plugins()),
                        Map.of(
                                "exactly.once.source.support", "enabled",
                                "producer.transaction.timeout.ms", "30000")),
                group);
    }

    /** A running task has not begun to read yet. */
    static void awaitStreaming(Database database) {
        Awaitility.await().atMost(LIMIT).until(() -> database.query(
                        "select count(*) from pg_replication_slots where active and database = current_database()")
                .equals("1"));
    }
}
