package io.paillette.struct;

import io.paillette.capture.Tuple;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.Envelope;
import io.paillette.capture.type.BadValueException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/** The row alone, of schema {@code <topic>.Value}; what is gone is a tombstone. */
public record RowEnvelope() implements ValueEnvelope {

    @Override
    public Envelope envelope() {
        return Envelope.ROW;
    }

    @Override
    public OfTable of(TableShape shape) {
        return new Rows(shape);
    }

    private record Rows(TableShape shape) implements OfTable {

        @Override
        public Schema schema() {
            return shape.rowAlone();
        }

        @Override
        public Struct value(ChangeRecord change) {
            Tuple after = change.after();
            if (after == null) {
                throw new BadValueException(
                        "table " + change.relation().name() + ": a record " + change.op() + " has no row");
            }
            return shape.rowAlone(after);
        }
    }
}
