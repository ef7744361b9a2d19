package io.paillette.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.snapshot.MvccSnapshot;
import org.junit.jupiter.api.Test;

final class OvertakenRowsTest {

    private final OvertakenRows rows = new OvertakenRows();

    @Test
    void withoutABackfillNoTransactionIsRemembered() {
        rows.begin(700);
        assertThat(rows.delivered()).isEmpty();
    }

    @Test
    void howeverLongABackfillWaitsOnlyTransactionsAreRememberedThatItsChunksMayNotSee() {
        rows.remember();
        for (long xid = 700; xid < 800; xid++) {
            rows.begin(xid);
        }
        assertThat(rows.delivered()).hasSize(100);
        rows.settle(MvccSnapshot.parse("750:800:750,760"));
        assertThat(rows.delivered()).containsExactlyInAnyOrder(750L, 760L);
        rows.begin(740);
        rows.begin(801);
        assertThat(rows.delivered()).containsExactlyInAnyOrder(750L, 760L, 801L);
        rows.forget();
        assertThat(rows.delivered()).isEmpty();
    }
}
