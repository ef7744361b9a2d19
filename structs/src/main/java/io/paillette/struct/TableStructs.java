package io.paillette.struct;

import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.KeyLink;
import io.paillette.capture.envelope.Op;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.ValueHandling;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.jspecify.annotations.Nullable;

/** The Connect records of what happens to rows and tables. For one thread: what is known of each table's latest shape is kept. */
public final class TableStructs {

    private final StructNames names;
    private final ValueHandling handling;
    private final ValueEnvelope envelope;
    private final Map<Integer, Known> tables = new HashMap<>();

    /** A relation as the stream announced it, the shape that its rows so far need, and the values that have it, also with what is joined. */
    private record Known(Relation relation, TableShape shape, ValueEnvelope.OfTable values, JoinedStructs joined) {}

    public TableStructs(StructNames names, ValueHandling handling, ValueEnvelope envelope) {
        this.names = names;
        this.handling = handling;
        this.envelope = envelope;
    }

    /**
     * For a record that the envelope tells.
     *
     * @throws BadValueException naming table and column of a value that cannot be converted
     */
    public Change of(ChangeRecord change) {
        envelope.envelope().requireForm(change);
        Known known = known(change.relation(), whole(change));
        TableShape shape = known.shape();
        var headers = new ConnectHeaders();
        KeyLink link = change.link();
        if (link != null) {
            headers.add(link.header(), new SchemaAndValue(shape.key(), shape.key(link.key())));
        }
        Object key = shape.key(change.key());
        Schema keySchema = key == null ? null : shape.key();
        if (change.op() == Op.TOMBSTONE) {
            return new Change(shape.topic(), keySchema, key, null, null, headers);
        }
        Struct value = known.values().value(change);
        Struct whole = change.joined() == null ? value : known.joined().with(value, change.joined());
        return new Change(shape.topic(), keySchema, key, whole.schema(), whole, headers);
    }

    private static @Nullable Tuple whole(ChangeRecord change) {
        if (change.after() != null) {
            return change.after();
        }
        return change.beforeIsKeyOnly() ? null : change.before();
    }

    private Known known(Relation relation, @Nullable Tuple whole) {
        Known known = tables.get(relation.oid());
        TableShape shape = known != null
                        && (isSame(known.relation(), relation) || known.shape().isOf(relation))
                ? known.shape()
                : TableShape.of(relation, names, handling);
        if (whole != null && !shape.admits(whole)) {
            shape = shape.admitting(whole);
        }
        if (known == null || !isSame(known.relation(), relation) || !isSame(known.shape(), shape)) {
            known = known != null && isSame(known.shape(), shape)
                    ? new Known(relation, shape, known.values(), known.joined())
                    : new Known(relation, shape, envelope.of(shape), new JoinedStructs(envelope.envelope()));
            tables.put(relation.oid(), known);
        }
        return known;
    }

    /** A new shape is a new instance, and comparing columns for each row would cost. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(Object known, Object now) {
        return known == now;
    }
}
