package io.paillette.struct;

import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.Envelope;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/** An {@link Envelope} in Connect's schemas and structs. */
public sealed interface ValueEnvelope permits DebeziumEnvelope, ChangeEnvelope, RowEnvelope {

    /** Which of an event's records there are. */
    Envelope envelope();

    /** To be asked once for each shape of a table: schemas stay the same objects. */
    OfTable of(TableShape shape);

    /** The values of one shape of one table. */
    interface OfTable {

        Schema schema();

        /** Of what is no tombstone. */
        Struct value(ChangeRecord change);
    }
}
