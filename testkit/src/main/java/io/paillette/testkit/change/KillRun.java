package io.paillette.testkit.change;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.change.KillSchedule.Victim;
import io.paillette.testkit.change.ProcessedRecords.Offsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/**
 * Writers change tables of a captured database while what carries the changes is SIGKILLed in turn; a committing consumer
 * group reads; then what was committed is compared with what was processed.
 *
 * @param changes          to commit, at least
 * @param kills            spread over the group's progress through them, so that each meets the whole path at work
 * @param readers          members of the group
 * @param changesPerSecond of all writers, about, so that they do not run away from a machine that restarts slowly; 0: as
 *                         fast as they can
 * @param seed             of writers and kills
 */
public record KillRun(long changes, int kills, int writers, int readers, long changesPerSecond, long seed) {

    private static final Duration LIMIT = Duration.ofMinutes(15);
    /**
     * Nothing new for so long although changes are missing: they are lost. A Connect worker reads its offsets before it does
     * anything else, and waits where a killed task had written some in a transaction that was still open: until Kafka aborts
     * that, its transaction.timeout.ms of a minute later and ten seconds at most beyond.
     */
    private static final Duration LOST = Duration.ofMinutes(2);
    /** Nothing new for so long after the last change: nothing is doubled. */
    private static final Duration QUIET = Duration.ofSeconds(5);

    /** At a pace that two cores keep. */
    public KillRun(long changes, int kills, int writers, int readers, long seed) {
        this(changes, kills, writers, readers, 4_000, seed);
    }

    /** What a broker under this run has to be told. */
    public static Map<String, String> brokerSettings() {
        return Map.of("store.url", "embedded", "source.app.url", "store", "source.app.tables", "public.*");
    }

    /**
     * What is killed, and where it is written and read.
     *
     * @param database  whose schema public is captured as source {@code app}
     * @param bootstrap where the changes are read
     * @param isolation of the group, {@code read_committed} where changes come in Kafka transactions
     * @param offsets   whether the topics have holes
     * @param victims   struck in turn
     */
    public record Scene(Database database, String bootstrap, String isolation, Offsets offsets, List<Victim> victims) {

        public Scene {
            victims = List.copyOf(victims);
        }

        /** Broker, its embedded Postgres, and both. */
        public static Scene of(BrokerProcess broker) {
            return new Scene(
                    broker.store(),
                    broker.bootstrap(),
                    "read_uncommitted",
                    Offsets.DENSE,
                    List.of(
                            new Victim("broker", () -> {
                                broker.kill();
                                broker.start();
                            }),
                            new Victim("Postgres", () -> {
                                broker.killPostgres();
                                broker.awaitPostgres();
                            }),
                            new Victim("both", () -> {
                                broker.kill();
                                broker.killPostgres();
                                broker.start();
                            })));
        }

        /** A worker that writes to a Kafka with {@code exactly.once.source.support=enabled}. */
        public static Scene of(ConnectWorker worker, Database database, String bootstrap) {
            return new Scene(
                    database, bootstrap, "read_committed", Offsets.WITH_MARKERS, List.of(new Victim("worker", () -> {
                        worker.kill();
                        worker.start();
                    })));
        }
    }

    /**
     * Runs it.
     *
     * @param say is told what happens, a line each
     */
    public Verdict on(Scene scene, Consumer<String> say) {
        var processed = new ProcessedRecords(scene.offsets());
        ChangeWorkload.createTables(scene.database(), writers);
        try (var workload = ChangeWorkload.start(
                        scene.database(), new ChangeWorkload.Plan(writers, changes, changesPerSecond, seed));
                var reader = ChangeReader.start(
                        readers,
                        Map.of(
                                "bootstrap.servers",
                                scene.bootstrap(),
                                "group.id",
                                "kill",
                                "isolation.level",
                                scene.isolation(),
                                "metadata.max.age.ms",
                                "1000"),
                        ChangeWorkload.TABLES.stream()
                                .map(table -> "app.public." + table)
                                .toList(),
                        processed)) {
            KillSchedule.run(kills, scene.victims(), processed::rows, changes, new Random(seed), say);
            var committed = workload.await(LIMIT);
            say.accept(committed.size() + " changes committed; the group has processed " + processed.rows());
            awaitQuiet(processed, reader, committed.size());
            say.accept("redelivered before a commit " + processed.redelivered() + ", commits not acknowledged "
                    + reader.failedCommits());
            return processed.verdict(committed);
        }
    }

    /** Until nothing has come for a while, whether or not it is all: too many records must show as well as too few. */
    private static void awaitQuiet(ProcessedRecords processed, ChangeReader reader, long expected) {
        var seen = new AtomicLong(-1);
        var since = new AtomicLong();
        Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(200)).until(() -> {
            reader.expectAlive();
            long rows = processed.rows();
            long now = System.nanoTime();
            if (seen.getAndSet(rows) != rows) {
                since.set(now);
            }
            return now - since.get() > (rows < expected ? LOST : QUIET).toNanos();
        });
    }
}
