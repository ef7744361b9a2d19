package io.paillette.capture;

import java.util.List;

/**
 * The shape of a table at one place in the WAL, from a RELATION message (protocol: Logical Replication Message Formats).
 * A new shape is a new instance, so identity comparison tells whether the shape changed.
 *
 * @param ownKey indexes of the columns that are the table's key: the primary key's, whatever the replica identity, else those
 *               of the replica identity index; none for a table with neither
 * @param key    likewise those that are the message's key, in its order: the same, unless others are chosen for the table
 */
public record Relation(
        int oid,
        TableName name,
        ReplicaIdentity identity,
        List<Column> columns,
        List<Integer> ownKey,
        List<Integer> key) {

    public Relation {
        columns = List.copyOf(columns);
        ownKey = List.copyOf(ownKey);
        key = List.copyOf(key);
    }

    /** What Postgres writes of the old row ({@code pg_class.relreplident}). */
    public enum ReplicaIdentity {
        DEFAULT,
        NOTHING,
        FULL,
        INDEX
    }
}
