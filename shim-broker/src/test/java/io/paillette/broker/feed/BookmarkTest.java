package io.paillette.broker.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BookmarkTest {

    private static final Position BETWEEN = Position.between(new Lsn(1_000), SnapshotProgress.DONE);
    private static final Position INSIDE = BETWEEN.inside(new Lsn(2_000), 500);

    @Test
    void isReadBackFromItsText() {
        for (OptionalLong producer : new OptionalLong[] {OptionalLong.empty(), OptionalLong.of(4711)}) {
            for (Map<String, Position> behind : Map.of(
                            1, Map.<String, Position>of(), 2, Map.of("paid", BETWEEN, "new", INSIDE))
                    .values()) {
                var bookmark = new Bookmark(INSIDE, producer, behind);
                assertThat(Bookmark.read(bookmark.text())).isEqualTo(bookmark);
            }
        }
        assertThatThrownBy(() -> Bookmark.read(Bookmark.between(BETWEEN).text() + "\nahead=paid {}"))
                .hasMessageContaining("not a sequence's place");
    }

    @Test
    void theSlotKeepsWhatTheFirstSequenceLacks() {
        Position early = Position.between(new Lsn(10), SnapshotProgress.DONE);
        assertThat(new Bookmark(INSIDE, OptionalLong.empty(), Map.of("a", BETWEEN, "b", early)).kept())
                .isEqualTo(Optional.of(new Lsn(10)));
        assertThat(Bookmark.between(INSIDE).kept()).isEmpty();
    }

    /** What the sequence was told of that transaction was aborted with it. */
    @Test
    void aSequenceThatStoppedInATransactionThatBeginsOnceMoreIsToldAllOfIt() {
        Position before = BETWEEN.inside(new Lsn(900), 3);
        var again = new Bookmark(
                        INSIDE, OptionalLong.of(1), Map.of("in", BETWEEN.inside(new Lsn(2_000), 7), "before", before))
                .again();
        assertThat(again.position()).isEqualTo(BETWEEN);
        assertThat(again.behind()).isEqualTo(Map.of("in", BETWEEN, "before", before));
    }
}
