package io.paillette.broker.api;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paillette.broker.log.LogSettings;
import io.paillette.broker.net.NetSettings;
import io.paillette.broker.postgres.StoreHealth;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A store that refuses to work: clients ask again by themselves, and nothing is lost, doubled or stuck afterwards. */
class StoreFaultsTest {

    private static final PostgresServer SERVER =
            PostgresServer.start(Map.of("max_connections", "40", "superuser_reserved_connections", "0"));

    /** Long enough for the broker's own patience to end, so that clients see errors. */
    private static final Duration FAULT = Duration.ofSeconds(3);

    private static final LogSettings IMPATIENT =
            new LogSettings(8L << 20, 8L << 20, Duration.ofSeconds(1), 2, Map.of());

    private final Database database = SERVER.newDatabase();

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @Test
    void aStoreThatTurnsReadOnlyIsWaitedFor() throws Exception {
        check(
                () -> database.execute(
                        "alter system set default_transaction_read_only = on", "select pg_reload_conf()"),
                () -> database.execute("alter system reset default_transaction_read_only", "select pg_reload_conf()"),
                "read-only");
    }

    @Test
    void aStoreWithoutConnectionsIsWaitedFor() throws Exception {
        List<Connection> taken = new ArrayList<>();
        check(() -> takeAll(taken), () -> taken.forEach(StoreFaultsTest::close), "max_connections");
    }

    @Test
    void aStoreWhoseTablesAreLockedIsWaitedFor() throws Exception {
        try (Connection locker = database.connect()) {
            check(
                    () -> {
                        locker.setAutoCommit(false);
                        locker.createStatement()
                                .execute(
                                        "lock table paillette.partition, paillette.coordinator_state, paillette.topic");
                    },
                    locker::rollback,
                    "");
        }
    }

    @Test
    void aFullDiskIsWaitedFor() throws Exception {
        Path small = Files.createTempDirectory("paillette-small");
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=3m,mode=777", "tmpfs", small.toString()),
                "a small file system can be mounted");
        try {
            Path space = Files.createDirectory(small.resolve("space"));
            giveToTheServer(space);
            database.execute("create tablespace small location '" + space + "'");
            check(
                    () -> database.execute("do $$ begin execute (select string_agg("
                            + "format('alter table %s set tablespace small', inhrelid::regclass), '; ') from pg_inherits "
                            + "where inhparent = 'paillette.batch'::regclass); end $$"),
                    () -> assertThat(run("mount", "-o", "remount,size=512m", small.toString()))
                            .isTrue(),
                    "disk of Postgres is full");
            database.execute("drop schema paillette cascade", "drop tablespace small");
        } finally {
            run("umount", "-l", small.toString());
        }
    }

    /** @param word what the broker's health says of the fault; empty where it is none for the broker */
    private void check(Fault begin, Fault end, String word) throws Exception {
        try (RunningApis broker = RunningApis.on(database, NetSettings.defaults(), IMPATIENT)) {
            createTopic(broker, "before").get(20, SECONDS);
            commit(broker, 1);
            var writer = new Writer(broker);
            patiently().until(() -> writer.acknowledged.get() > 20);

            begin.run();
            CompletableFuture<Void> created = createTopic(broker, "meanwhile");
            CompletableFuture<Void> committed = CompletableFuture.runAsync(() -> commit(broker, 2));
            if (!word.isEmpty()) {
                StoreHealth health = broker.store.health();
                patiently().until(() -> health.problems().stream().anyMatch(problem -> problem.contains(word)));
            }
            long since = System.nanoTime();
            patiently().until(() -> System.nanoTime() - since > FAULT.toNanos());
            int stuckAt = writer.acknowledged.get();
            end.run();

            patiently().until(() -> writer.acknowledged.get() > stuckAt + 20);
            List<String> sent = writer.finish();
            created.get(60, SECONDS);
            committed.get(60, SECONDS);
            patiently().until(() -> broker.store.health().problems().isEmpty());

            assertThat(writer.failures).isEmpty();
            assertThat(read(broker, sent.size())).isEqualTo(sent);
            assertThat(committedOffset(broker)).isEqualTo(2);
            assertThat(broker.topics.find("meanwhile")).isPresent();
        }
    }

    private static ConditionFactory patiently() {
        return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
    }

    private static CompletableFuture<Void> createTopic(RunningApis broker, String name) {
        return CompletableFuture.runAsync(() -> {
            try (Admin admin = broker.admin()) {
                admin.createTopics(List.of(new NewTopic(name, 1, (short) 1)))
                        .all()
                        .get(60, SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException("topic " + name, e);
            }
        });
    }

    private static void commit(RunningApis broker, long offset) {
        try (KafkaConsumer<String, String> consumer = broker.consumer(Map.of("group.id", "readers"))) {
            TopicPartition partition = new TopicPartition("before", 0);
            consumer.assign(List.of(partition));
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(offset)), Duration.ofSeconds(60));
        }
    }

    private static long committedOffset(RunningApis broker) {
        try (KafkaConsumer<String, String> consumer = broker.consumer(Map.of("group.id", "readers"))) {
            TopicPartition partition = new TopicPartition("before", 0);
            return consumer.committed(java.util.Set.of(partition))
                    .get(partition)
                    .offset();
        }
    }

    private static List<String> read(RunningApis broker, int atLeast) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = broker.consumer(Map.of())) {
            TopicPartition partition = new TopicPartition("before", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            assertThat(end).isGreaterThanOrEqualTo(atLeast);
            patiently().until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                return consumer.position(partition) >= end;
            });
        }
        return values;
    }

    private void takeAll(List<Connection> taken) throws SQLException {
        for (int refusals = 0; refusals < 3; ) {
            try {
                taken.add(database.connect());
                refusals = 0;
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo("53300");
                refusals++;
            }
            // The broker's own connections are taken from it as well.
            taken.get(0)
                    .createStatement()
                    .execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name like"
                            + " 'paillette %' and datname = '" + database.name() + "'");
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The server may run as another user than this test. */
    private static void giveToTheServer(Path directory) throws IOException {
        Path data = Path.of(new Database(SERVER.port(), "postgres").query("show data_directory"));
        Files.setOwner(directory, Files.getOwner(data));
    }

    private static boolean run(String... command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @FunctionalInterface
    private interface Fault {
        void run() throws Exception;
    }

    /** Numbers, one record each, as fast as a millisecond each allows, until told to finish. */
    private static final class Writer {

        final AtomicInteger acknowledged = new AtomicInteger();
        final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final KafkaProducer<String, String> producer;
        private final CompletableFuture<Integer> sent = new CompletableFuture<>();
        private volatile boolean finishing;

        Writer(RunningApis broker) {
            producer = broker.producer(Map.of("linger.ms", 0, "max.request.size", 200_000));
            var thread = Executors.newSingleThreadExecutor();
            thread.execute(this::run);
            thread.shutdown();
        }

        private void run() {
            int number = 0;
            String filling = "x".repeat(2_000);
            while (!finishing) {
                producer.send(new ProducerRecord<>("before", "k", number++ + filling), (metadata, error) -> {
                    if (error == null) {
                        acknowledged.incrementAndGet();
                    } else {
                        failures.add(error.toString());
                    }
                });
                java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
            }
            producer.flush();
            sent.complete(number);
        }

        List<String> finish() throws Exception {
            finishing = true;
            int count = sent.get(60, SECONDS);
            producer.close();
            String filling = "x".repeat(2_000);
            return IntStream.range(0, count).mapToObj(i -> i + filling).toList();
        }
    }
}
