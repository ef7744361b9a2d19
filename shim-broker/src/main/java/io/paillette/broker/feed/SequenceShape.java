package io.paillette.broker.feed;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.column.Exposure;
import io.paillette.capture.envelope.Envelope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a sequence tells of its tables' rows, of what the source tells.
 *
 * @param envelope shape of the value
 * @param columns of the value; none: all
 * @param key     columns of the key, in its order; none: those of the table's
 */
public record SequenceShape(Envelope envelope, List<String> columns, List<String> key) {

    /** As the source has it. */
    public static final SequenceShape WHOLE = new SequenceShape(Envelope.DEBEZIUM, List.of(), List.of());

    public SequenceShape {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
    }

    /** @throws CaptureException when the table has not the columns of the key, or cannot be told in the envelope */
    Relation of(Relation relation, String sequence) throws CaptureException {
        Relation told = columns.isEmpty() && key.isEmpty() ? relation : shaped(relation, sequence);
        Optional<String> refusal = envelope.refusal(told);
        if (refusal.isPresent()) {
            throw new CaptureException("sequence." + sequence + ".envelope=row: " + refusal.get(), false, null);
        }
        return told;
    }

    private Relation shaped(Relation relation, String sequence) throws CaptureException {
        return new Relation(
                relation.oid(),
                relation.name(),
                relation.identity(),
                relation.columns().stream().map(this::told).toList(),
                relation.ownKey(),
                key.isEmpty() ? relation.key() : indexes(relation, sequence));
    }

    private Column told(Column column) {
        boolean told = columns.isEmpty() || columns.contains(column.name());
        Exposure exposure = column.exposure();
        return new Column(
                column.name(),
                column.declared(),
                column.type(),
                column.nullable(),
                new Exposure(told && exposure.inRow(), exposure.mask()));
    }

    private List<Integer> indexes(Relation relation, String sequence) throws CaptureException {
        List<String> names = relation.columns().stream().map(Column::name).toList();
        var indexes = new ArrayList<Integer>();
        for (String column : key) {
            if (!names.contains(column)) {
                throw new CaptureException(
                        "sequence." + sequence + ".key: table " + relation.name() + " has no column \"" + column
                                + "\"; it has " + String.join(", ", names),
                        false,
                        null);
            }
            indexes.add(names.indexOf(column));
            relation.columns().get(names.indexOf(column)).requireApart(relation.name());
        }
        if (envelope == Envelope.ROW
                && relation.identity() != Relation.ReplicaIdentity.FULL
                && !relation.ownKey().containsAll(indexes)) {
            throw new CaptureException(
                    "sequence." + sequence + ".key: the WAL does not say which rows of " + relation.name()
                            + " had another such key before, and envelope=row would keep them: run ALTER TABLE "
                            + relation.name() + " REPLICA IDENTITY FULL",
                    false,
                    null);
        }
        return indexes;
    }
}
