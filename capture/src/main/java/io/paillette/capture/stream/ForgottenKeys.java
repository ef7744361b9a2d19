package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
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

    /** Of tables without a key, for their last RELATION message: whether only Postgres can have forgotten it. */
    private final Map<Integer, Boolean> ordinary = new HashMap<>();

    private final Set<Integer> told = new HashSet<>();

    ForgottenKeys(RelationLookup lookup) {
        this.lookup = lookup;
    }

    /** A RELATION message came. */
    void shaped(int oid) {
        ordinary.remove(oid);
        told.remove(oid);
    }

    /**
     * Whether the table had a key that the shape lacks when a row was updated or deleted in it of which not all of the old row is told.
     * Who publishes a table lets nobody do that without a key; but of a partitioned one each partition may have its own.
     */
    boolean lacksKey(Relation shape) throws CaptureException {
        if (!shape.ownKey().isEmpty()
                || (shape.identity() != ReplicaIdentity.DEFAULT && shape.identity() != ReplicaIdentity.INDEX)) {
            return false;
        }
        Boolean known = ordinary.get(shape.oid());
        if (known == null) {
            known = lookup.isOrdinary(shape);
            ordinary.put(shape.oid(), known);
        }
        return known;
    }

    /** The shape with the columns of the key that an old row has: none of them can be null, and all others are. */
    static Relation recalled(Relation shape, Tuple key) throws CaptureException {
        List<Integer> own = IntStream.range(0, key.size())
                .filter(column -> key.value(column) != null)
                .boxed()
                .toList();
        if (shape.key().isEmpty()) {
            for (int column : own) {
                shape.columns().get(column).requireApart(shape.name());
            }
        }
        return shape.identifiedBy(own);
    }

    /** Once for each RELATION message. */
    void tellUnknown(Relation shape, Lsn lsn, boolean isReadAgain) {
        if (told.add(shape.oid())) {
            LOG.warn(
                    "The update at {} of table {} is told without its key, which Postgres has forgotten: the table's last index was"
                            + " dropped after that, and it was vacuumed or analyzed before the WAL was read so far. {}",
                    lsn,
                    shape.name(),
                    isReadAgain
                            ? "Its rows are read once more"
                            : "That is in WAL from before the position, so its rows are not read once more: who keeps them by their"
                                    + " key has them told by a backfill, or a signal execute-snapshot");
        }
    }
}
