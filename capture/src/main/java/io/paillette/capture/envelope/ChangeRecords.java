package io.paillette.capture.envelope;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.Column;
import io.paillette.capture.EventOrder;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.type.BadValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The records that an event means, in the order in which they are written; the same for every format. Source: Debezium's
 * PostgreSQL connector documentation, "Data change events".
 */
public final class ChangeRecords {

    private ChangeRecords() {}

    /**
     * One record for a read, an insert, an update; delete and tombstone for a delete; delete, tombstone and create for an
     * update that changed the key. A table without a key has no tombstones.
     *
     * @throws BadValueException when the WAL does not carry a key column, because the replica identity leaves it out
     */
    public static List<ChangeRecord> of(CaptureEvent.Row row) {
        return switch (row.kind()) {
            case READ -> List.of(record(Op.READ, row, 0, keyOf(row, after(row)), null, after(row), null));
            case READ_AGAIN -> List.of(record(Op.READ_AGAIN, row, 0, keyOf(row, after(row)), null, after(row), null));
            case INSERT -> List.of(record(Op.CREATE, row, 0, keyOf(row, after(row)), null, after(row), null));
            case UPDATE -> update(row);
            case DELETE -> delete(row, before(row), null);
        };
    }

    /** One record for each table, without key. */
    public static List<ChangeRecord> of(CaptureEvent.Truncate truncate) {
        return IntStream.range(0, truncate.relations().size())
                .mapToObj(i -> new ChangeRecord(
                        Op.TRUNCATE,
                        truncate.relations().get(i),
                        null,
                        null,
                        false,
                        null,
                        null,
                        truncate.transaction(),
                        truncate.lsn(),
                        truncate.ordinal(),
                        order(truncate.orders(), i),
                        null))
                .toList();
    }

    /** Whether a change of a row means a delete and a create: then it has two records that count, else one. */
    public static boolean changesKey(
            CaptureEvent.Kind kind,
            Relation relation,
            @Nullable Tuple before,
            boolean beforeIsKeyOnly,
            @Nullable Tuple after) {
        return kind == CaptureEvent.Kind.UPDATE
                && before != null
                && after != null
                && keyChanged(relation, before, beforeIsKeyOnly, after.filledFrom(before));
    }

    private static @Nullable EventOrder order(List<EventOrder> orders, int record) {
        return orders.isEmpty() ? null : orders.get(record);
    }

    private static List<ChangeRecord> update(CaptureEvent.Row row) {
        Tuple before = row.before();
        Tuple after = before == null ? after(row) : after(row).filledFrom(before);
        if (before == null || !keyChanged(row.relation(), before, row.beforeIsKeyOnly(), after)) {
            return List.of(record(Op.UPDATE, row, 0, keyOf(row, after), before, after, null));
        }
        List<ChangeRecord> records = new ArrayList<>(delete(row, before, new KeyLink(KeyLink.NEW_KEY, after)));
        var link = new KeyLink(KeyLink.OLD_KEY, before);
        records.add(record(Op.CREATE, row, 1, keyOf(row, after), null, after, link));
        return records;
    }

    private static List<ChangeRecord> delete(CaptureEvent.Row row, Tuple before, @Nullable KeyLink link) {
        Tuple key = keyOf(row, before);
        ChangeRecord delete = record(Op.DELETE, row, 0, key, before, null, link);
        return key == null ? List.of(delete) : List.of(delete, record(Op.TOMBSTONE, row, 0, key, null, null, link));
    }

    private static ChangeRecord record(
            Op op,
            CaptureEvent.Row row,
            int counted,
            @Nullable Tuple key,
            @Nullable Tuple before,
            @Nullable Tuple after,
            @Nullable KeyLink link) {
        return new ChangeRecord(
                op,
                row.relation(),
                key,
                before,
                before != null && row.beforeIsKeyOnly(),
                after,
                link,
                row.transaction(),
                row.lsn(),
                row.ordinal(),
                order(row.orders(), counted),
                null);
    }

    private static boolean keyChanged(Relation relation, Tuple before, boolean beforeIsKeyOnly, Tuple after) {
        for (int i : relation.key()) {
            // A key-only old row lacks key columns that are not of the replica identity, whose columns are never null.
            boolean known = !beforeIsKeyOnly || before.value(i) != null;
            if (known && !Arrays.equals(before.value(i), after.value(i))) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Tuple keyOf(CaptureEvent.Row row, Tuple tuple) {
        Relation relation = row.relation();
        boolean old = tuple == row.before();
        for (int i : relation.key()) {
            Column column = relation.columns().get(i);
            // Of a partition whose identity is not that of its root an old row may lack what is said to be there.
            boolean left = old && tuple.value(i) == null && (row.beforeIsKeyOnly() || !column.nullable());
            if (left || tuple.isUnchanged(i)) {
                throw new BadValueException("table " + relation.name() + ": the WAL does not carry key column \""
                        + column.name() + "\", because the replica identity leaves it out; run ALTER TABLE "
                        + relation.name() + advice(relation));
            }
        }
        return relation.key().isEmpty() ? null : tuple;
    }

    private static String advice(Relation relation) {
        return relation.key().equals(relation.ownKey())
                ? " REPLICA IDENTITY DEFAULT (or FULL)"
                : " REPLICA IDENTITY FULL, and leave the table out of message.key.columns until this change is past";
    }

    private static Tuple before(CaptureEvent.Row row) {
        return given(row, row.before(), "old");
    }

    private static Tuple after(CaptureEvent.Row row) {
        return given(row, row.after(), "new");
    }

    private static Tuple given(CaptureEvent.Row row, @Nullable Tuple tuple, String which) {
        if (tuple == null) {
            throw new IllegalArgumentException(row.kind() + " without its " + which + " row: "
                    + row.relation().name());
        }
        return tuple;
    }
}
