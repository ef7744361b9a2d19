package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PositionTest {

    /** As a capture delivers them; the end of the second transaction's positions has moved over WAL that held nothing. */
    private static final List<Position> DELIVERED = List.of(
            between(100),
            inside(100, 200, 0),
            inside(100, 200, 1),
            inside(100, 200, 2),
            between(210),
            inside(250, 300, 1),
            between(310));

    @Test
    void positionsAreInTheOrderOfDelivery() {
        for (int i = 0; i < DELIVERED.size(); i++) {
            for (int j = 0; j < DELIVERED.size(); j++) {
                assertThat(DELIVERED.get(i).isBeyond(DELIVERED.get(j)))
                        .as("%s beyond %s", DELIVERED.get(i), DELIVERED.get(j))
                        .isEqualTo(i > j);
            }
        }
    }

    @Test
    void whatHoldsNothingMakesNoDifferenceInsideATransaction() {
        assertThat(inside(210, 300, 2).isBeyond(inside(250, 300, 1))).isTrue();
        assertThat(inside(210, 300, 1).isBeyond(inside(250, 300, 1))).isFalse();
    }

    @Test
    void aTransactionThatBeginsWhereTheLastOneEndedIsBeyondIt() {
        for (int ordinal = 0; ordinal < 2; ordinal++) {
            assertThat(inside(210, 210, ordinal).isBeyond(between(210))).isTrue();
            assertThat(between(210).isBeyond(inside(210, 210, ordinal))).isFalse();
        }
    }

    private static Position between(long end) {
        return Position.between(new Lsn(end), SnapshotProgress.DONE);
    }

    private static Position inside(long end, long commit, long ordinal) {
        return between(end).inside(new Lsn(commit), ordinal);
    }
}
