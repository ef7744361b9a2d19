package io.paillette.broker.api;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PgBouncer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The store behind a real PgBouncer in transaction mode, whose few sessions go from hand to hand. */
@EnabledIf(
        value = "io.paillette.testkit.PgBouncer#isInstalled",
        disabledReason = "pgbouncer is not installed on this machine")
class PgBouncerTest {

    private static final int PARTITIONS = 4;
    private static final String TEXT = "x".repeat(2_000);

    private final Database direct = PostgresServer.shared().newDatabase();
    private int sent;

    @Test
    void twoBrokersServeClientsThroughItAndLeaveNothingInItsSessions() throws Exception {
        try (PgBouncer bouncer = PgBouncer.before(direct, "")) {
            Database store = bouncer.database(direct.name());
            try (RunningApis one = RunningApis.joining(store, 1)) {
                create(one);
                send(one, 1_000); // large groups go by COPY
                assertThat(read(one, 1_000)).hasSize(1_000);
                try (RunningApis two = RunningApis.joining(store, 2)) {
                    Awaitility.await().until(() -> leaders().equals("1,2"));
                    for (int i = 0; i < 20; i++) {
                        send(i % 2 == 0 ? one : two, 10); // small ones in one statement
                    }
                    assertThat(read(two, 200)).hasSize(200);
                }
                send(one, 50);
                publish(50);
            }
            try (RunningApis again = RunningApis.joining(store, 1)) {
                assertThat(read(again, 100))
                        .as("after a restart, by the offsets of the group")
                        .hasSize(100);
                assertThat(readFromTheStart(again)).containsExactlyInAnyOrderElementsOf(all());
                assertThat(again.store.health().problems()).isEmpty();
            }
            assertThat(settings(store))
                    .containsExactly(settings(direct).iterator().next());
        }
    }

    private void create(RunningApis broker) throws Exception {
        try (Admin admin = broker.admin()) {
            admin.createTopics(List.of(new NewTopic("orders", PARTITIONS, (short) 1)))
                    .all()
                    .get(20, SECONDS);
        }
    }

    private void send(RunningApis broker, int records) throws Exception {
        try (KafkaProducer<String, String> producer = broker.producer(Map.of("linger.ms", 5))) {
            List<Future<RecordMetadata>> acknowledged = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                acknowledged.add(
                        producer.send(new ProducerRecord<>("orders", sent % PARTITIONS, String.valueOf(sent++), TEXT)));
            }
            for (Future<RecordMetadata> one : acknowledged) {
                one.get(20, SECONDS);
            }
        }
    }

    private void publish(int records) {
        for (int i = 0; i < records; i++) {
            direct.execute("select paillette.produce('orders', '%d', '%s', null, %d)"
                    .formatted(sent, TEXT, sent++ % PARTITIONS));
        }
    }

    /** As a member of a group that commits; the keys. */
    private static Set<String> read(RunningApis broker, int records) {
        var keys = new HashSet<String>();
        try (var consumer = broker.consumer(Map.of("group.id", "readers"))) {
            consumer.subscribe(List.of("orders"));
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(record -> assertThat(keys.add(record.key())).isTrue());
                return keys.size() >= records;
            });
            consumer.commitSync(Duration.ofSeconds(20));
        }
        return keys;
    }

    /** A broker that was just started has an empty cache. */
    private List<String> readFromTheStart(RunningApis broker) {
        var keys = new ArrayList<String>();
        try (var consumer = broker.consumer(Map.of())) {
            List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(i -> new TopicPartition("orders", i))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> keys.add(record.key()));
                return keys.size() >= sent;
            });
        }
        return keys;
    }

    private List<String> all() {
        return IntStream.range(0, sent).mapToObj(String::valueOf).toList();
    }

    private String leaders() {
        return direct.query("select string_agg(distinct leader_broker::text, ',' order by leader_broker::text)"
                + " from paillette.coordinator_shard");
    }

    /** What every session would do to the next one that gets it: one transaction in each at the same time. */
    private static Set<String> settings(Database database) throws Exception {
        var settings = new HashSet<String>();
        var open = new ArrayList<Connection>();
        try {
            for (int i = 0; i < PgBouncer.SESSIONS; i++) {
                Connection connection = database.connect();
                open.add(connection);
                connection.setAutoCommit(false);
                try (var statement = connection.createStatement();
                        var row = statement.executeQuery("select concat_ws(' ', current_setting('search_path'),"
                                + " current_setting('statement_timeout'), current_setting('lock_timeout'),"
                                + " current_setting('idle_in_transaction_session_timeout'), current_setting('jit'),"
                                + " current_setting('enable_bitmapscan'), current_setting('synchronous_commit'),"
                                + " current_setting('default_transaction_isolation'),"
                                + " (select count(*) from pg_prepared_statements where name <> ''),"
                                + " (select count(*) from pg_locks where locktype = 'advisory'"
                                + " and pid = pg_backend_pid()))")) {
                    row.next();
                    settings.add(row.getString(1));
                }
            }
        } finally {
            for (Connection connection : open) {
                connection.close();
            }
        }
        return settings;
    }
}
