package io.paillette.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class LeadersTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final Leaders leaders = new Leaders();
    private final Duty first = new Duty.Partition(Uuid.randomUuid(), 0);
    private final Duty second = new Duty.Shard(7);

    @Test
    void aHigherEpochIsNewerInWhateverOrderNewsArrive() {
        leaders.heard(Map.of(first, new Leader(2, 5)));
        leaders.heard(Map.of(first, new Leader(1, 4)));
        assertThat(leaders.of(first)).isEqualTo(new Leader(2, 5));

        leaders.heard(Map.of(first, new Leader(Leader.NOBODY, 5)));
        assertThat(leaders.of(first).broker()).isEqualTo(Leader.NOBODY);
    }

    @Test
    void aWaitIsOverWhenEverythingIsLed() {
        var wait = leaders.allLed(List.of(first, second), LONG);
        leaders.heard(Map.of(first, new Leader(1, 0)));
        assertThat(wait).isNotDone();
        assertThat(leaders.isAwaited()).isTrue();

        leaders.heard(Map.of(second, new Leader(2, 1)));
        assertThat(wait).isDone();
        assertThat(leaders.isAwaited()).isFalse();
    }

    @Test
    void aWaitForSomethingThatNobodyLeadsEndsAndIsForgotten() {
        leaders.heard(Map.of(first, new Leader(1, 0)));
        leaders.forget(first);
        var wait = leaders.allLed(List.of(first), Duration.ofMillis(20));

        Awaitility.await().until(wait::isDone);
        assertThat(leaders.isAwaited()).isFalse();
    }
}
