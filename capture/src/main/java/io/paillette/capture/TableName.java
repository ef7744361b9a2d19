package io.paillette.capture;

/** A table's name as Postgres stores it: case kept, nothing quoted. */
public record TableName(String schema, String table) {

    @Override
    public String toString() {
        return schema + "." + table;
    }
}
