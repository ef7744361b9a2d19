package io.paillette.capture.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FlowTest {

    private static final long WINDOW_NANOS = Duration.ofMillis(6).toNanos();

    private final Flow flow = new Flow();

    @Test
    void nobodyWaitsForAStreamThatIsSlow() {
        come(100, 20);
        assertThat(flow.gathers()).isFalse();
    }

    @Test
    void whereSmallMessagesComeFastSomeGatherUntilTheyComeSlowlyAgain() {
        come(300, 200_000);
        assertThat(flow.gathers()).isTrue();
        come(300, 3);
        assertThat(flow.gathers()).isFalse();
    }

    @Test
    void whoFindsMuchWaitsForNoMore() {
        come(64 * 1024, 1_000);
        assertThat(flow.gathers()).isFalse();
    }

    /** Over one window and a little more. */
    private void come(int bytes, int times) {
        long end = System.nanoTime() + WINDOW_NANOS;
        for (int i = 0; i < times - 1; i++) {
            flow.came(bytes);
        }
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        flow.came(bytes);
    }
}
