package io.paillette.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimeLimitTest {

    @Test
    void aCallAfterOneThatHadMoreTimeHasItsOwn() throws Exception {
        var ended = new CountDownLatch(1);
        try (var limit = new TimeLimit("test", ended::countDown)) {
            limit.begin(Duration.ofMinutes(5));
            while (!isWaiting()) {
                Thread.onSpinWait();
            }
            assertThat(limit.endedByItself()).isTrue();
            limit.begin(Duration.ofMillis(10));
            assertThat(ended.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(limit.endedByItself()).isFalse();
        }
    }

    private static boolean isWaiting() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("paillette-limit-test")
                        && thread.getState() == Thread.State.TIMED_WAITING);
    }
}
