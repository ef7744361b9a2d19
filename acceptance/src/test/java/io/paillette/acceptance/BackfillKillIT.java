package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class BackfillKillIT {

    private static final int ROWS = 6_000;
    private static final int KILLS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern READ_AGAIN =
            Pattern.compile("\"after\":\\{\"id\":(\\d+),.*\"snapshot\":\"incremental\".*\"op\":\"r\"");

    @Test
    @Tag("proof")
    void eachRowIsToldOnceMoreThoughTheBrokerIsKilledThrice() {
        try (BrokerProcess broker = BrokerProcess.start(
                List.of("-Xmx256m"),
                Map.of("store.url", "embedded", "source.app.url", "store", "source.app.tables", "public.*"))) {
            broker.store()
                    .execute(
                            "create table t (id int primary key, v text)",
                            "insert into t select i, 'v' from generate_series(1, " + ROWS + ") i");
            broker.store().query("select paillette.backfill('app', 'public.t', 'pg_sleep(0.001) is not null')");
            for (int kill = 1; kill <= KILLS; kill++) {
                awaitRows(broker, kill * ROWS / (KILLS + 2));
                broker.kill();
                broker.start();
            }
            awaitRows(broker, ROWS);
            Awaitility.await().atMost(PATIENCE).until(() -> broker.store()
                    .query("select state from paillette.backfills")
                    .equals("done"));

            assertThat(Topics.records(broker.bootstrap(), "app.public.t").stream()
                            .map(record -> READ_AGAIN.matcher(String.valueOf(record.value())))
                            .filter(Matcher::find)
                            .map(found -> Integer.parseInt(found.group(1))))
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(1, ROWS).boxed().toList());
            assertThat(broker.terminate()).isZero();
        }
    }

    private static void awaitRows(BrokerProcess broker, int rows) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> Integer.parseInt(broker.store().query("select rows from paillette.backfills")) >= rows);
    }
}
