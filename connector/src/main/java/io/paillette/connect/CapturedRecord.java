package io.paillette.connect;

import io.paillette.capture.Position;
import io.paillette.struct.Change;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * A source record that knows its place in the order of delivery. Compared by identity: under exactly-once Connect keeps
 * the records of a transaction in a hash map, and hashing every value of every row would cost more than sending it.
 */
final class CapturedRecord extends SourceRecord {

    private final transient Change change;
    private final transient Position position;
    private final long sequence;

    /**
     * @param position from which capture goes on once this record is stored
     * @param sequence counts the records of this task
     */
    CapturedRecord(Map<String, ?> partition, Change change, Position position, long sequence) {
        super(
                partition,
                new SourceOffset(position),
                change.topic(),
                null,
                change.keySchema(),
                change.key(),
                change.valueSchema(),
                change.value(),
                null,
                change.headers());
        this.change = change;
        this.position = position;
        this.sequence = sequence;
    }

    /** The same record, standing for a later position: what follows it up to there carries no record. */
    CapturedRecord at(Position later) {
        return new CapturedRecord(sourcePartition(), change, later, sequence);
    }

    Position position() {
        return position;
    }

    long sequence() {
        return sequence;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
