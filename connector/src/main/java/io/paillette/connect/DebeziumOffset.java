package io.paillette.connect;

import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Predecessor;
import io.paillette.capture.Predecessor.Delivered;
import io.paillette.capture.SnapshotProgress;
import java.util.Map;

/**
 * What Debezium's PostgreSQL connector stored, as a position from which its slot is gone on with. Source: Debezium 3.6,
 * {@code PostgresOffsetContext.getOffset}; {@code lsn_events_processed} comes with later versions.
 */
final class DebeziumOffset {

    private static final String LSN = "lsn";

    /** End of the last transaction whose commit it saw. */
    private static final String LAST_COMMIT = "lsn_commit";

    private static final String TRANSACTION = "txId";
    private static final String KIND = "messageType";
    private static final String ROWS = "lsn_events_processed";
    private static final String SNAPSHOT = "snapshot";
    private static final String SNAPSHOT_COMPLETED = "snapshot_completed";
    private static final String INCREMENTAL = "incremental_snapshot_collections";
    private static final String LAST_SNAPSHOT_RECORD = "last_snapshot_record";

    private DebeziumOffset() {}

    static boolean isOne(Map<String, Object> offset) {
        return offset.get(LSN) instanceof Number;
    }

    /** @throws IllegalArgumentException when it does not say where to go on */
    static Position position(Map<String, Object> offset, String slot, String publication) {
        requireSnapshotDone(offset);
        Lsn end = lsn(offset, LAST_COMMIT);
        return Position.between(end, SnapshotProgress.DONE)
                .after(new Predecessor(slot, publication, Lsn.NONE, delivered(offset)));
    }

    private static void requireSnapshotDone(Map<String, Object> offset) {
        boolean done = !offset.containsKey(SNAPSHOT)
                || Boolean.TRUE.equals(offset.get(SNAPSHOT_COMPLETED))
                || Boolean.TRUE.equals(offset.get(LAST_SNAPSHOT_RECORD));
        if (offset.get(INCREMENTAL) instanceof String collections && !collections.isBlank()) {
            throw new IllegalArgumentException(
                    "the stored offset is Debezium's, in the middle of an incremental snapshot of " + collections
                            + ": let Debezium finish that, or end it with a stop-snapshot signal");
        }
        if (!done) {
            throw new IllegalArgumentException(
                    "the stored offset is Debezium's, in the middle of its snapshot: let Debezium"
                            + " finish that, or remove the offsets, so that the tables are read from the beginning");
        }
    }

    private static Lsn lsn(Map<String, Object> offset, String key) {
        return offset.get(key) instanceof Number number ? new Lsn(number.longValue()) : Lsn.NONE;
    }

    /**
     * Of rows that share an LSN (COPY writes many with one) it is not known how many there were, before Debezium counted
     * them: of inserts one is left out, which was delivered for certain; an update may have been in part, as that of a key is
     * several records, so it is told again.
     */
    private static Delivered delivered(Map<String, Object> offset) {
        if (!(offset.get(TRANSACTION) instanceof Number xid) || offset.containsKey(SNAPSHOT)) {
            return Delivered.NOTHING;
        }
        long rows = offset.get(ROWS) instanceof Number counted
                ? counted.longValue()
                : "INSERT".equals(String.valueOf(offset.get(KIND))) ? 1 : 0;
        return new Delivered(xid.longValue() & 0xFFFFFFFFL, lsn(offset, LSN), rows);
    }
}
