package io.paillette.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class GatheringTest {

    private final Gathering gathering = new Gathering();

    @Test
    void theFirstAppendOfAllWaitsForNobody() {
        assertThat(gathering.wanted()).isLessThanOrEqualTo(1);
        assertThat(gathering.leftNanos()).isNotPositive();
    }

    @Test
    void aProducerThatKeepsOneAppendUnderWayNeverWaitsForOthers() {
        gathering.committed(1, 0, TimeUnit.SECONDS.toNanos(1));

        assertThat(gathering.wanted()).isEqualTo(1);
    }

    @Test
    void whatWasAnsweredAndWhatCameMeanwhileGoTogetherNextTime() {
        gathering.committed(3, 2, TimeUnit.SECONDS.toNanos(1));

        assertThat(gathering.wanted()).isEqualTo(5);
    }

    @Test
    void nobodyWaitsLongerThanAMillisecondHoweverLongTheCommitTook() {
        gathering.committed(3, 2, TimeUnit.HOURS.toNanos(1));

        assertThat(gathering.leftNanos()).isLessThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(1));
        Awaitility.await().until(() -> gathering.leftNanos() <= 0);
    }

    @Test
    void nobodyWaitsLongerThanTheCommitTook() {
        gathering.committed(3, 2, 1);

        assertThat(gathering.leftNanos()).isLessThanOrEqualTo(1);
    }
}
