package io.paillette.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class StoreStatisticsTest {

    @Test
    void aStoreTellsHowItFaresSoonAfterItsStart() {
        var database = PostgresServer.shared().newDatabase();
        try (Store store = Store.open(StoreSettings.of(database.url()))) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> !Double.isNaN(store.statistics().value("schema_bytes")));

            StoreStatistics now = store.statistics();
            assertThat(now.value("schema_bytes")).isGreaterThan(8192);
            assertThat(now.value("xmin_age")).isNotNegative();
            assertThat(now.value("transaction_seconds")).isNotNegative();
            assertThat(now.value("frozenxid_age")).isPositive();
            assertThat(now.deadRows()).containsKeys("partition", "feed", "coordinator_shard");
            assertThat(store.calls())
                    .hasEntrySatisfying("watch", calls -> assertThat(calls).isPositive());
            assertThat(store.health().problems()).isEmpty();
        }
    }
}
