package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.wire.RequestCounts.Count;
import io.paillette.testkit.PostgresServer;
import org.junit.jupiter.api.Test;

/** A request that says something, in every version that is told to be served: the answer can be written and has no error. */
class EveryVersionTest {

    @Test
    void everyVersionOfEveryApiIsAnsweredWithoutAnError() throws Exception {
        try (RunningApis broker = RunningApis.on(PostgresServer.shared().newDatabase())) {
            assertThat(new Requests(broker).wrongAnswers("made")).isEmpty();
            assertThat(broker.counts.snapshot().values().stream()
                            .mapToLong(Count::requests)
                            .sum())
                    .isGreaterThan(150);
        }
    }
}
