package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ReplayKillIT {

    private static final int RECORDS = 60_000;
    private static final int KILLS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    @Tag("proof")
    void eachRecordIsPublishedOnceThoughTheBrokerIsKilledThrice() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(List.of("-Xmx256m"), Map.of("store.url", "embedded"))) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
                admin.createTopics(List.of(new NewTopic("stored", 1, (short) 1), new NewTopic("again", 1, (short) 1)))
                        .all()
                        .get();
            }
            broker.store()
                    .query(
                            "select count(paillette.produce('stored', null::text, i::text)::text) from generate_series(1, "
                                    + RECORDS + ") i");
            Awaitility.await().atMost(PATIENCE).until(() -> end(broker, "stored") == RECORDS);
            // A millisecond for a hundredth of them: some 5 s in all.
            broker.store()
                    .query(
                            "select paillette.replay('stored',"
                                    + " 'value::int % 2 = 0 and (value::int % 10 > 0 or pg_sleep(0.001) is not null)', 'again')");
            for (int kill = 1; kill <= KILLS; kill++) {
                int offset = kill * RECORDS / (KILLS + 2);
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> Integer.parseInt(broker.store().query("select offsets from paillette.replays"))
                                >= offset);
                broker.kill();
                broker.start();
            }
            Awaitility.await().atMost(PATIENCE).until(() -> broker.store()
                    .query("select state from paillette.replays")
                    .equals("done"));

            assertThat(Topics.records(broker.bootstrap(), "again").stream()
                            .map(record -> Integer.parseInt(String.valueOf(record.value()))))
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, RECORDS / 2)
                            .mapToObj(i -> 2 * i)
                            .toList());
            assertThat(broker.store().query("select published from paillette.replays"))
                    .isEqualTo(String.valueOf(RECORDS / 2));
            assertThat(broker.terminate()).isZero();
        }
    }

    private static long end(BrokerProcess broker, String topic) {
        return Long.parseLong(broker.store()
                .query("select p.next_offset from paillette.partition p join paillette.topic t on t.id = p.topic_id"
                        + " where t.name = '" + topic + "'"));
    }
}
