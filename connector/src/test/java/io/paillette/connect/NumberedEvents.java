package io.paillette.connect;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import io.paillette.struct.Change;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.connect.header.ConnectHeaders;

/** Events of numbered transactions: transaction t has commit LSN 100 t and ends at 100 t + 10. */
final class NumberedEvents {

    static final Relation RELATION = new Relation(
            1, new TableName("public", "t"), Relation.ReplicaIdentity.DEFAULT, List.of(), List.of(), List.of());

    private NumberedEvents() {}

    static SnapshotProgress.TableSnapshot table(int oid) {
        return new SnapshotProgress.TableSnapshot(oid, RELATION.name(), "1:1:", new Lsn(1));
    }

    static Change change(String key) {
        return new Change("t", null, key, null, null, new ConnectHeaders());
    }

    static CaptureEvent message(boolean transactional, int transaction) {
        return new CaptureEvent.LogicalMessage(
                transactional,
                "p",
                new byte[0],
                info(transaction),
                new Lsn(100L * transaction),
                transactional ? 1 : 0,
                transactional ? inside(transaction, 1) : after(transaction),
                List.of());
    }

    static List<CaptureEvent> events(CaptureEvent... events) {
        return Arrays.asList(events);
    }

    static CaptureEvent row(int transaction, long ordinal) {
        return new CaptureEvent.Row(
                CaptureEvent.Kind.INSERT,
                RELATION,
                null,
                false,
                null,
                info(transaction),
                new Lsn(100L * transaction),
                ordinal,
                inside(transaction, ordinal));
    }

    /** What rows that are read by their place have for a key. */
    static final SnapshotProgress.KeyColumn PLACE = new SnapshotProgress.KeyColumn("ctid", 27, -1, 0, 2800);

    static CaptureEvent.Row readAt(int offset) {
        var place = new SnapshotProgress.Segment(List.of("1:1:1:(0," + offset + ")"), "1:1:", new Lsn(1));
        var table = new SnapshotProgress.TableSnapshot(1, RELATION.name(), List.of(PLACE), List.of(), place, 0);
        return read(1, SnapshotProgress.NOT_STARTED.during(table));
    }

    static CaptureEvent read(boolean byKey) {
        SnapshotProgress progress =
                byKey ? SnapshotProgress.NOT_STARTED.during(table(1)) : SnapshotProgress.NOT_STARTED;
        return read(1, progress);
    }

    static CaptureEvent.Row read(int oid, SnapshotProgress progress) {
        return new CaptureEvent.Row(
                CaptureEvent.Kind.READ,
                oid == 1
                        ? RELATION
                        : new Relation(
                                oid,
                                RELATION.name(),
                                Relation.ReplicaIdentity.DEFAULT,
                                List.of(),
                                List.of(),
                                List.of()),
                null,
                false,
                null,
                info(1),
                new Lsn(1),
                0,
                Position.between(new Lsn(110), progress));
    }

    static CaptureEvent commit(int transaction) {
        return new CaptureEvent.Commit(info(transaction), List.of(), after(transaction));
    }

    static TransactionInfo info(int transaction) {
        return new TransactionInfo(transaction, new Lsn(100L * transaction), Instant.EPOCH, before(transaction));
    }

    static Position before(int transaction) {
        return after(transaction - 1);
    }

    static Position inside(int transaction, long ordinal) {
        return before(transaction).inside(new Lsn(100L * transaction), ordinal);
    }

    static Position after(int transaction) {
        return Position.between(new Lsn(100L * transaction + 10), SnapshotProgress.DONE);
    }
}
