package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.Tuple;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds changes that were written by a key of which their RELATION message knows nothing any more. Once the last index of a table
 * is gone, VACUUM and ANALYZE take back {@code pg_class.relhasindex} where it stands (docs: pg_class), and not as a transaction
 * would: whatever is decoded after that and was written before, under the same row of pg_class, looks as if the table had never had
 * a key. Of one stream.
 */
final class ForgottenKeys {

    private static final Logger LOG = LoggerFactory.getLogger(ForgottenKeys.class);

    private final RelationLookup lookup;
    private final Remedy remedy;

    /** Of tables without a key, for their last RELATION message. */
    private final Map<Integer, MissingKey> reasons = new HashMap<>();

    private final Set<Integer> told = new HashSet<>();

    /** What is done where nobody can say which row was changed. */
    private enum Remedy {
        READING("Its rows are read once more"),
        NONE_IN_THE_PAST(
                "That is in WAL from before the position, so its rows are not read once more" + Remedy.OTHERWISE),
        NONE_WANTED("No rows are asked for (snapshot.mode=no_data), so none are read once more" + Remedy.OTHERWISE);

        private static final String OTHERWISE =
                ": who keeps them by their key has them told by a backfill, or a signal execute-snapshot";

        private final String text;

        Remedy(String text) {
            this.text = text;
        }
    }

    /** @param readsAgain whether a table that is to be read once more can be */
    ForgottenKeys(RelationLookup lookup, boolean readsAgain, SnapshotMode rows) {
        this.lookup = lookup;
        if (!readsAgain) {
            this.remedy = Remedy.NONE_IN_THE_PAST;
        } else {
            this.remedy = rows == SnapshotMode.NO_DATA ? Remedy.NONE_WANTED : Remedy.READING;
        }
    }

    /** A RELATION message came. */
    void shaped(int oid) {
        reasons.remove(oid);
        told.remove(oid);
    }

    /**
     * The shape with the columns of a forgotten key that an old row has, where that is told by its key alone: none of them can be
     * null, and all others are. Else as it is.
     */
    Relation recalled(Relation shape, Tuple key) throws CaptureException {
        if (reason(shape) != MissingKey.FORGOTTEN) {
            return shape;
        }
        List<Integer> own = IntStream.range(0, key.size())
                .filter(column -> key.value(column) != null)
                .boxed()
                .toList();
        if (own.isEmpty()) {
            return shape; // that of a key of generated columns only, none of which was sent
        }
        if (shape.key().isEmpty()) {
            for (int column : own) {
                shape.columns().get(column).requireApart(shape.name());
            }
        }
        return shape.identifiedBy(own);
    }

    /** Whether a change of a row that has a key is told without one, and without all of the old row. */
    static boolean lacksKey(CaptureEvent.Row row) {
        return (row.kind() == Kind.UPDATE || row.kind() == Kind.DELETE)
                && (row.before() == null || row.beforeIsKeyOnly())
                && row.relation().key().isEmpty();
    }

    /** Says of such a change, once for each RELATION message, why it is told so; true when its table is to be read once more. */
    boolean areToRead(CaptureEvent.Row row) throws CaptureException {
        Relation shape = row.relation();
        MissingKey reason = reason(shape);
        if (reason != MissingKey.NONE && told.add(shape.oid())) {
            tell(row, reason);
        }
        return reason == MissingKey.FORGOTTEN && remedy == Remedy.READING;
    }

    private MissingKey reason(Relation shape) throws CaptureException {
        boolean isByKey = shape.identity() == ReplicaIdentity.DEFAULT || shape.identity() == ReplicaIdentity.INDEX;
        if (!isByKey || !shape.ownKey().isEmpty()) {
            return MissingKey.NONE;
        }
        MissingKey known = reasons.get(shape.oid());
        if (known == null) {
            known = lookup.missingKey(shape);
            reasons.put(shape.oid(), known);
        }
        return known;
    }

    private void tell(CaptureEvent.Row row, MissingKey reason) {
        String what = row.kind() == Kind.UPDATE ? "update" : "delete";
        switch (reason) {
            case NONE -> {}
            case UNSENT ->
                LOG.warn(
                        "The {} at {} of table {} is told without its key, and so are those after it: all columns of that are"
                                + " generated, and Postgres does not send them (it can from version 18 on). Choose a key with {}, and"
                                + " run ALTER TABLE {} REPLICA IDENTITY FULL for old rows to have it",
                        what,
                        row.lsn(),
                        row.relation().name(),
                        CaptureOption.MESSAGE_KEY_COLUMNS.key(),
                        row.relation().name());
            case UNKNOWN ->
                LOG.warn(
                        "The {} at {} of table {} is told without its key, and so are those after it: Postgres tells none, and the"
                                + " table is dropped or not captured any more, so nobody knows what it was",
                        what,
                        row.lsn(),
                        row.relation().name());
            case FORGOTTEN ->
                LOG.warn(
                        "The {} at {} of table {} is told without its key, which Postgres has forgotten: the table's last index was"
                                + " dropped after that, and it was vacuumed or analyzed before the WAL was read so far. {}",
                        what,
                        row.lsn(),
                        row.relation().name(),
                        remedy.text);
        }
    }
}
