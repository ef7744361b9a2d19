package io.paillette.broker.rewind;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.feed.RefusedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowChangesTest {

    private static final String DELETE = "{\"before\":{\"id\":7},\"after\":null,\"source\":{},\"op\":\"d\"}";
    private static final String CREATE = "{\"before\":null,\"after\":{\"id\":7},\"op\":\"c\"}";
    private static final String ROW = "{\"id\":7}";

    @Test
    void tombstonesOfRowsAloneAreChangesHoweverManyFollowEachOther() throws Exception {
        String[] rows = {ROW, null, null, null, ROW, null};
        for (int number = 1; number <= rows.length; number++) {
            assertThat(change(number, rows)).as("change %s", number).isEqualTo(number - 1);
        }
        assertThat(change(Place.LAST, rows)).isEqualTo(5);
        assertThatThrownBy(() -> change(7, rows))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("there are 6 changes of the row {id=7}");
    }

    @Test
    void theTombstoneOfADeleteSaysTheSameAsThat() throws Exception {
        String[] changes = {CREATE, DELETE, null, CREATE, DELETE, null};
        assertThat(change(2, changes)).isEqualTo(1);
        assertThat(change(3, changes)).isEqualTo(3);
        assertThat(change(Place.LAST, changes)).isEqualTo(4);
    }

    @Test
    void aKeyIsGivenByColumnsAmongOthersOrAsItIs() throws Exception {
        assertThat(RowKey.parse("id=7").matches("{\"tenant\":1,\"id\":7}".getBytes(UTF_8)))
                .isTrue();
        assertThat(RowKey.parse("id=7,tenant=2").matches("{\"tenant\":1,\"id\":7}".getBytes(UTF_8)))
                .isFalse();
        assertThat(new RowKey.Exactly(ROW.getBytes(UTF_8)).matches(ROW.getBytes(UTF_8)))
                .isTrue();
        assertThat(new RowKey.Exactly(ROW.getBytes(UTF_8)).matches("{\"id\":7,\"n\":1}".getBytes(UTF_8)))
                .isFalse();
        assertThat(RowKey.parse("id=7").matches(null)).isFalse();
    }

    /** Its offset. */
    private static long change(long number, @Nullable String... values) throws RefusedException {
        var changes = new RowChanges(new Place.Row(RowKey.parse("id=7"), number));
        boolean found = false;
        for (int offset = 0; offset < values.length && !found; offset++) {
            String value = values[offset];
            found = changes.take(
                    new TopicRecord(0, offset, 0, ROW.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8)));
        }
        return changes.change().offset();
    }
}
