package io.paillette.broker.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class InboxRoomTest {

    private final Set<Share> moved = new HashSet<>();
    private int pauses;
    private final InboxRoom room = new InboxRoom(
            moved::contains,
            pause -> {
                pauses++;
                return true;
            },
            Duration.ofMillis(1));

    @Test
    void aTargetThatTakesNothingIsWaitedForOnceAndUntilItTakesSomethingNoMore() {
        Share first = share(1, 0, "dead");
        Share second = share(1, 1, "dead");
        Share other = share(2, 0, "alive");
        moved.add(other);
        assertThat(room.isHoped(first)).isTrue();
        assertThat(room.await(first)).isFalse();
        assertThat(pauses).isPositive();
        pauses = 0;
        assertThat(room.isHoped(first)).isFalse();
        assertThat(room.isHoped(second)).isFalse();
        assertThat(room.await(second)).isFalse();
        assertThat(room.isHoped(other)).isTrue();
        assertThat(room.await(other)).isTrue();
        assertThat(pauses).isZero();
        moved.add(first);
        assertThat(room.isHoped(first)).isTrue();
        assertThat(room.await(second)).isFalse();
        assertThat(pauses).isPositive();
    }

    @Test
    void whatHasEndedIsForgotten() {
        Share ended = share(1, 0, "dead");
        assertThat(room.await(ended)).isFalse();
        room.keep(List.of(share(2, 0, "dead")));
        assertThat(room.isHoped(share(2, 0, "dead"))).isTrue();
    }

    @Test
    void whatAnotherBrokerLeadsNowIsForgotten() {
        assertThat(room.await(share(1, 0, "once dead"))).isFalse();
        room.keep(List.of(share(1, 1, "once dead")));
        assertThat(room.isHoped(share(1, 1, "once dead"))).isTrue();
    }

    private static Share share(long replay, int partition, String target) {
        return new Share(
                replay,
                new TopicPartition("t", partition),
                partition,
                2,
                false,
                Optional.empty(),
                0,
                1,
                "",
                new Share.Target(target, List.of(1L), 1, false, Map.of()));
    }
}
