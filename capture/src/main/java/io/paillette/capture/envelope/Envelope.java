package io.paillette.capture.envelope;

import io.paillette.capture.Relation;
import io.paillette.capture.type.BadValueException;
import java.util.Optional;

/** The shape of a record's value, and with it which of an event's records are written (docs/adr/0031). */
public enum Envelope {
    /** Old row, new row and where they come from, as Debezium tells them. */
    DEBEZIUM,
    /** Row, old values of what was changed, action and metadata, as Sequin tells them. */
    CHANGE,
    /** The row alone; of one that is gone only the tombstone. */
    ROW,
    /** As the plugin of that name writes it, in its format 2. */
    WAL2JSON;

    /** Whether records of this kind are written; those that are not say nothing that another of the same event does not. */
    public boolean tells(Op op) {
        return switch (this) {
            case DEBEZIUM -> true;
            case ROW -> op != Op.DELETE;
            case CHANGE, WAL2JSON -> op != Op.TOMBSTONE;
        };
    }

    /** Why rows of this table cannot be told so, and what to do; empty when they can. */
    public Optional<String> refusal(Relation relation) {
        return this == ROW && relation.key().isEmpty()
                ? Optional.of("table " + relation.name()
                        + " has no key, and rows alone are told apart by nothing else: give it a primary key, name its key"
                        + " in message.key.columns, leave it out, or choose another envelope")
                : Optional.empty();
    }

    /**
     * For who writes records.
     *
     * @throws BadValueException saying why this one has no form in this envelope, and what to do
     */
    public void requireForm(ChangeRecord change) {
        if (this == ROW && change.op() == Op.TRUNCATE) {
            throw new BadValueException("table " + change.relation().name()
                    + " was truncated, which rows alone cannot tell: who reads them would keep what is gone. To go on without"
                    + " telling it set skipped.operations=t, and let readers begin with an empty topic; or choose another"
                    + " envelope");
        }
        Optional<String> refusal = refusal(change.relation());
        if (refusal.isPresent()) {
            throw new BadValueException(refusal.get());
        }
    }
}
