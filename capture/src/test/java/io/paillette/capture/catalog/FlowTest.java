package io.paillette.capture.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FlowTest {

    private static final long TEN_MS = Duration.ofMillis(10).toNanos();

    private long now;
    private final Flow flow = new Flow(() -> now);

    @Test
    void nobodyWaitsForAStreamThatIsSlow() {
        comeInTenMilliseconds(300, 10);
        assertThat(flow.gathers()).isFalse();
    }

    @Test
    void whereSmallMessagesComeFastSomeGatherUntilTheyComeSlowlyAgain() {
        comeInTenMilliseconds(300, 1_000);
        assertThat(flow.gathers()).isTrue();
        comeInTenMilliseconds(300, 10);
        assertThat(flow.gathers()).isFalse();
    }

    @Test
    void theFirstAfterALongPauseIsNotWaitedFor() {
        comeInTenMilliseconds(300, 1_000);
        now += Duration.ofMinutes(1).toNanos();
        flow.came(300);
        assertThat(flow.gathers()).isFalse();
    }

    @Test
    void whoFindsMuchWaitsForNoMore() {
        comeInTenMilliseconds(64 * 1024, 100);
        assertThat(flow.gathers()).isFalse();
    }

    private void comeInTenMilliseconds(int bytes, int times) {
        for (int i = 0; i < times; i++) {
            now += TEN_MS / times;
            flow.came(bytes);
        }
    }
}
