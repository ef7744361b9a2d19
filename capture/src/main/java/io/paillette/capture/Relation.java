package io.paillette.capture;

import java.util.List;

/**
 * The shape of a table at one place in the WAL, from a RELATION message (protocol: Logical Replication Message Formats).
 * A new shape is a new instance, so identity comparison tells whether the shape changed.
 */
public record Relation(int oid, TableName name, ReplicaIdentity identity, List<Column> columns) {

    public Relation {
        columns = List.copyOf(columns);
    }

    /** What Postgres writes of the old row ({@code pg_class.relreplident}). */
    public enum ReplicaIdentity {
        DEFAULT,
        NOTHING,
        FULL,
        INDEX
    }
}
