package io.paillette.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class CommittedOffsetsTest {

    private final CommittedOffsets offsets = new CommittedOffsets(2, 3);

    @Test
    void anOffsetBelowTheAcknowledgedOneIsLost() {
        offsets.sent(1, 2, 7);
        offsets.acknowledged(1, 2, 7);
        assertThatCode(() -> offsets.check(1, 2, offsets.acknowledged(1, 2), 7)).doesNotThrowAnyException();
        assertThatThrownBy(() -> offsets.check(1, 2, offsets.acknowledged(1, 2), 6))
                .hasMessage("a committed offset is lost: group 1, partition 2: acknowledged up to 7, sent up to 7, "
                        + "the broker tells 6");
        assertThatThrownBy(() -> offsets.check(1, 2, offsets.acknowledged(1, 2), -1))
                .hasMessageContaining("lost");
    }

    @Test
    void whatWasSentAndNotAcknowledgedMayBeThereOrNot() {
        offsets.sent(0, 0, 4);
        offsets.acknowledged(0, 0, 4);
        offsets.sent(0, 0, 5);
        offsets.refused();
        for (long told : new long[] {4, 5}) {
            assertThatCode(() -> offsets.check(0, 0, offsets.acknowledged(0, 0), told))
                    .doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> offsets.check(0, 0, offsets.acknowledged(0, 0), 6))
                .hasMessageContaining("nobody committed");
        assertThat(offsets.refusals()).isEqualTo(1);
        assertThat(offsets.acknowledgements()).isEqualTo(1);
    }

    @Test
    void aLateAnswerDoesNotTakeALaterAcknowledgementBack() {
        offsets.sent(0, 1, 9);
        offsets.acknowledged(0, 1, 9);
        offsets.acknowledged(0, 1, 8);
        assertThat(offsets.acknowledged(0, 1)).isEqualTo(9);
        assertThat(offsets.isEveryPartitionAcknowledged()).isFalse();
    }
}
