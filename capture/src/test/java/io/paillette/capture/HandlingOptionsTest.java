package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.type.BinaryHandling;
import io.paillette.capture.type.DecimalHandling;
import io.paillette.capture.type.HstoreHandling;
import io.paillette.capture.type.IntervalHandling;
import io.paillette.capture.type.TimePrecision;
import io.paillette.capture.type.ValueHandling;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What a user writes for the forms of values is what the encoder gets. */
class HandlingOptionsTest {

    @Test
    void withoutAWordOfTheUserFormsAreDebeziums() {
        assertThat(CaptureSettings.of("app", Map.of(CaptureOption.URL, "jdbc:postgresql://h/d"))
                        .values())
                .isEqualTo(ValueHandling.DEFAULT);
    }

    @Test
    void everyChoiceIsUnderstoodAndEveryFormCanBeChosen() {
        assertChoices(CaptureOption.DECIMAL_HANDLING_MODE, DecimalHandling.values(), ValueHandling::decimals);
        assertChoices(CaptureOption.TIME_PRECISION_MODE, TimePrecision.values(), ValueHandling::times);
        assertChoices(CaptureOption.INTERVAL_HANDLING_MODE, IntervalHandling.values(), ValueHandling::intervals);
        assertChoices(CaptureOption.HSTORE_HANDLING_MODE, HstoreHandling.values(), ValueHandling::hstores);
        assertChoices(CaptureOption.BINARY_HANDLING_MODE, BinaryHandling.values(), ValueHandling::binaries);
    }

    @Test
    void aChoiceThatThereIsNotIsToldWithThoseThatThereAre() {
        assertThatThrownBy(() -> handling(CaptureOption.BINARY_HANDLING_MODE, "base64_url"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("binary.handling.mode: \"base64_url\" must be one of bytes, base64, base64-url-safe, hex");
    }

    private static <E> void assertChoices(CaptureOption option, E[] forms, Function<ValueHandling, E> form) {
        assertThat(option.choices().stream()
                        .map(choice -> form.apply(handling(option, choice)))
                        .toList())
                .as(option.key())
                .containsExactlyInAnyOrder(forms);
    }

    private static ValueHandling handling(CaptureOption option, String choice) {
        return CaptureSettings.of("app", Map.of(CaptureOption.URL, "jdbc:postgresql://h/d", option, choice))
                .values();
    }
}
