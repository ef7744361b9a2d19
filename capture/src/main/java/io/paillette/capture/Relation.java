package io.paillette.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.column.Exposure;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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

    /** The same, with a key of its own that its RELATION message does not name. */
    public Relation identifiedBy(List<Integer> own) {
        return new Relation(oid, name, identity, columns, own, key.isEmpty() ? own : key);
    }

    /** For people: which of its rows one is, by the message's key, as {@code id=3}. */
    public String describe(Tuple row) {
        if (key.isEmpty()) {
            return "no key";
        }
        return key.stream()
                .map(i -> {
                    Column column = columns.get(i);
                    byte[] told = column.told(row.value(i));
                    return column.name() + "=" + (told == null ? "NULL" : new String(told, UTF_8));
                })
                .collect(Collectors.joining(", "));
    }

    /** Whether each value of its rows is told as it is, so that what Postgres says of one may be said too. */
    public boolean tellsAll() {
        return IntStream.range(0, columns.size()).allMatch(this::tells);
    }

    /** Whether the values of a column, by its index, are told as they are. */
    public boolean tells(int column) {
        Exposure exposure = columns.get(column).exposure();
        return exposure.mask().isEmpty() && (exposure.inRow() || key.contains(column));
    }

    /** What Postgres writes of the old row ({@code pg_class.relreplident}). */
    public enum ReplicaIdentity {
        DEFAULT,
        NOTHING,
        FULL,
        INDEX
    }
}
