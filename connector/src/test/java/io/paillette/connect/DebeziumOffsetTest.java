package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Predecessor.Delivered;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DebeziumOffsetTest {

    /** As Debezium 3.6 stores it after an insert. */
    private static final Map<String, Object> AFTER_INSERT = Map.of(
            "ts_usec", 1795780000000000L,
            "txId", 750L,
            "lsn", 24000000L,
            "lsn_proc", 24000000L,
            "lsn_commit", 23999000L,
            "messageType", "INSERT");

    @Test
    void itGoesOnBehindTheLastCommitWithoutTheRowsThatWereDeliveredSince() {
        Position position = position(AFTER_INSERT);
        assertThat(position.end()).isEqualTo(new Lsn(23999000));
        assertThat(position.snapshot().complete()).isTrue();
        assertThat(position.predecessor()).hasValueSatisfying(predecessor -> {
            assertThat(predecessor.slot()).isEqualTo("debezium");
            assertThat(predecessor.publication()).isEqualTo("dbz_publication");
            assertThat(predecessor.until()).isEqualTo(Lsn.NONE);
            assertThat(predecessor.delivered()).isEqualTo(new Delivered(750, new Lsn(24000000), 1));
        });
    }

    @Test
    void anUpdateMayHaveBeenDeliveredInPartAndIsToldAgainUnlessDebeziumCounted() {
        assertThat(delivered(with("messageType", "UPDATE"))).isEqualTo(new Delivered(750, new Lsn(24000000), 0));
        var counted = with("messageType", "UPDATE");
        counted.put("lsn_events_processed", 7);
        assertThat(delivered(counted)).isEqualTo(new Delivered(750, new Lsn(24000000), 7));
    }

    @Test
    void afterItsSnapshotItGoesOnWhereTheSlotIs() {
        var done = with("snapshot", "INITIAL");
        done.put("last_snapshot_record", true);
        done.put("snapshot_completed", true);
        done.remove("lsn_commit");
        assertThat(position(done).end()).isEqualTo(Lsn.NONE);
        assertThat(delivered(done)).isEqualTo(Delivered.NOTHING);
    }

    @Test
    void inTheMiddleOfItsSnapshotItIsRefusedWithWhatToDo() {
        var reading = with("snapshot", "INITIAL");
        reading.put("last_snapshot_record", false);
        reading.put("snapshot_completed", false);
        assertThatThrownBy(() -> position(reading))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("in the middle of its snapshot: let Debezium finish that");
        var again =
                with("incremental_snapshot_collections", "[{\"incremental_snapshot_collections_id\":\"public.t\"}]");
        assertThatThrownBy(() -> position(again)).hasMessageContaining("in the middle of an incremental snapshot of");
    }

    private static Delivered delivered(Map<String, Object> offset) {
        return position(offset).predecessor().orElseThrow().delivered();
    }

    private static Position position(Map<String, Object> offset) {
        return SourceOffset.read(offset, found -> DebeziumOffset.position(found, "debezium", "dbz_publication"));
    }

    private static Map<String, Object> with(String key, Object value) {
        var offset = new HashMap<>(AFTER_INSERT);
        offset.put(key, value);
        return offset;
    }
}
