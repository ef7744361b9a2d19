package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.requests.FetchRequest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class FetchWaitsTest {

    private static final int LONG_MS = 600_000;

    @Test
    void anAppendToWhatNobodyWaitsForCostsNothingHoweverManyWaitForSomethingElse() {
        var quiet = new TopicPartition("quiet", 0);
        var busy = new TopicPartition("busy", 0);
        var arrived = new AtomicBoolean();
        try (var waits = new FetchWaits(0)) {
            var first = waits.until(arrived::get, List.of(read(quiet)), LONG_MS);
            var second = waits.until(arrived::get, List.of(read(quiet)), LONG_MS);
            for (int i = 0; i < 100; i++) {
                waits.advanced(busy);
            }
            assertThat(waits.looks()).isZero();

            arrived.set(true);
            waits.advanced(quiet);
            Awaitility.await().until(() -> first.isDone() && second.isDone());
            assertThat(waits.looks()).isEqualTo(1);
            waits.advanced(quiet); // nobody waits any more
            assertThat(waits.looks()).isEqualTo(1);
        }
    }

    private static PartitionRead read(TopicPartition partition) {
        return new PartitionRead(
                new TopicIdPartition(Uuid.randomUuid(), partition),
                new FetchRequest.PartitionData(Uuid.ZERO_UUID, 0, 0, 1 << 20, Optional.empty()));
    }
}
