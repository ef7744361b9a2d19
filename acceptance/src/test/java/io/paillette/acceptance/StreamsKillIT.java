package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.numbers.CountedNumbers;
import io.paillette.testkit.numbers.NumberWriter;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Invariants 1, 6 and 7 of the design, by an application on Kafka Streams as published: two instances with a repartition topic, a
 * state store and its changelog, while instances and brokers are killed, frozen or cut off in turn. {@code -Dkills=100} for a
 * longer run, {@code -Dseed=} for the same one again.
 */
class StreamsKillIT {

    private static final int BROKERS = 2;
    private static final int PARTITIONS = 4;
    private static final long DIVISOR = 50;
    private static final Duration PACE = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String CHANGELOG = "app-counts-changelog";
    private static final String REPARTITION = "app-by-remainder-repartition";

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final int kills = Integer.getInteger("kills", 3);

    @TempDir
    Path directory;

    @Test
    @Proves(
            client = "Kafka Streams, classic group protocol",
            version = Published.KAFKA_STREAMS,
            what =
                    "`exactly_once_v2` with repartition topic and changelog, instances and brokers killed: counts are exact")
    void exactlyOnceCountsEachNumberOnceWhateverIsKilled() {
        try (var run = new Run("classic", "exactly_once_v2", Map.of())) {
            run.killInTurn(false);
            assertThat(run.faults()).as("seed " + seed).isEmpty();
        }
    }

    @Test
    @Tag("proof")
    @Proves(
            client = "Kafka Streams, `group.protocol=streams`",
            version = Published.KAFKA_STREAMS,
            what =
                    "`exactly_once_v2`, internal topics made by the broker, instances and brokers killed: counts are exact")
    void exactlyOnceCountsEachNumberOnceInAStreamsGroupWhateverIsKilled() {
        try (var run = new Run("streams", "exactly_once_v2", StreamsApp.SOON_MISSED)) {
            run.killInTurn(false);
            assertThat(run.faults()).as("seed " + seed).isEmpty();
        }
    }

    @Test
    @Tag("proof")
    @Proves(
            client = "Kafka Streams, classic group protocol",
            version = Published.KAFKA_STREAMS,
            what = "`exactly_once_v2`, stores restored from a compacted changelog after kills: counts are exact")
    void exactlyOnceCountsEachNumberOnceWhenStoresAreRestoredFromACompactedChangelog() {
        try (var run = new Run("classic", "exactly_once_v2", Map.of("log.cleaner.backoff.ms", "500"))) {
            run.awaitCompactedChangelog();
            run.killInTurn(true);
            run.awaitCompactedChangelog();
            assertThat(run.faults()).as("seed " + seed).isEmpty();
        }
    }

    @Test
    @Tag("proof")
    @Proves(
            client = "Kafka Streams, classic group protocol",
            version = Published.KAFKA_STREAMS,
            what = "`at_least_once`, instances and brokers killed: nothing lost")
    void atLeastOnceCountsEachNumberOnceWhileNothingIsKilledAndLosesNoneWhenSomethingIs() {
        try (var run = new Run("classic", "at_least_once", Map.of())) {
            run.awaitPurgedRepartition();
            assertThat(run.faultsSoFar()).isEmpty();
            run.killInTurn(false);
            assertThat(run.losses()).as("seed " + seed).isEmpty();
        }
    }

    /** Brokers, instances, what they are given and what comes of it. */
    private final class Run implements AutoCloseable {

        private final Random random = new Random(seed);
        private final Trio trio;
        private final List<StreamsApp> apps;
        private final NumberWriter writer;
        private final CountedNumbers counted;

        Run(String protocol, String guarantee, Map<String, String> settings) {
            System.out.println(protocol + ", " + guarantee + ", seed " + seed);
            trio = Trio.of(BROKERS, settings);
            List.of("numbers", "copies", "remainders").forEach(topic -> trio.create(topic, PARTITIONS));
            apps = List.of(app(protocol, guarantee, "1"), app(protocol, guarantee, "2"));
            apps.forEach(StreamsApp::awaitRunning);
            writer = NumberWriter.start(trio.bootstrap(), "numbers", PARTITIONS, PACE);
            counted = CountedNumbers.start(trio.bootstrap(), "copies", "remainders", DIVISOR, PARTITIONS);
        }

        private StreamsApp app(String protocol, String guarantee, String name) {
            return StreamsApp.start(trio.bootstrap(), protocol, guarantee, DIVISOR, directory.resolve(name));
        }

        /** Instance 1, a broker and instance 2 by SIGKILL; then in the same turn whatever chance says. */
        void killInTurn(boolean losingState) {
            awaitProgress();
            for (int kill = 0; kill < kills; kill++) {
                long start = System.nanoTime();
                String what = kill % 2 == 0 ? strikeApp(kill, losingState) : strikeBroker(kill);
                awaitProgress();
                System.out.println("kill " + (kill + 1) + " of " + kills + ": " + what + ", all counted again after "
                        + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms");
            }
        }

        private String strikeApp(int kill, boolean losingState) {
            int index = kill / 2 % apps.size();
            StreamsApp app = apps.get(index);
            if (kill > 2 && random.nextBoolean()) {
                app.freezeAndThaw();
                return "SIGSTOP of instance " + (index + 1);
            }
            app.kill();
            if (losingState) {
                app.loseState();
            }
            app.start();
            app.awaitRunning();
            return "SIGKILL of instance " + (index + 1);
        }

        private String strikeBroker(int kill) {
            int victim = 1 + random.nextInt(BROKERS);
            var strike = kill == 1 ? Strike.SIGKILL : Strike.any(random);
            strike.hit(trio, trio.broker(victim));
            return strike + " of broker " + victim;
        }

        /** Until what was written by now, and a little more, is counted. */
        void awaitProgress() {
            long enough = writer.acknowledged() + 200;
            await(() -> writer.acknowledged() > enough);
            awaitAll();
        }

        private void awaitAll() {
            var due = counted.due(writer);
            await(() -> counted.has(due));
        }

        private void await(Callable<Boolean> condition) {
            Awaitility.await().atMost(PATIENCE).until(() -> {
                apps.forEach(StreamsApp::assertAlive);
                return condition.call();
            });
        }

        void awaitCompactedChangelog() {
            await(() -> isHalfGone(CHANGELOG));
        }

        void awaitPurgedRepartition() {
            await(() -> isHalfGone(REPARTITION));
        }

        private boolean isHalfGone(String topic) {
            return records(topic) * 2 < end(topic);
        }

        private long records(String topic) {
            return ask("select count(*) from generate_series(0, " + (PARTITIONS - 1) + ") as i,"
                    + " paillette.records('" + topic + "', i, 0, null)");
        }

        private long end(String topic) {
            return ask(
                    "select sum(p.next_offset) from paillette.partition p join paillette.topic t on t.id = p.topic_id"
                            + " where t.name = '" + topic + "'");
        }

        private long ask(String sql) {
            return Long.parseLong(trio.database.query(sql));
        }

        List<String> faultsSoFar() {
            writer.pause();
            awaitAll();
            List<String> faults = counted.faults(writer);
            writer.resume();
            return faults;
        }

        List<String> losses() {
            finish();
            return counted.losses(writer);
        }

        List<String> faults() {
            finish();
            return counted.faults(writer);
        }

        private void finish() {
            writer.stop();
            awaitAll();
            apps.forEach(StreamsApp::terminate);
            counted.close();
            System.out.println(writer.acknowledged() + " written; numbers and remainders that came too often: "
                    + counted.doubles(writer).size());
        }

        @Override
        public void close() {
            apps.forEach(StreamsApp::close);
            counted.close();
            writer.close();
            trio.close();
        }
    }
}
