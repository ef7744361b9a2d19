package io.paillette.capture;

import io.paillette.capture.type.ColumnType;

/**
 * A column of a {@link Relation}.
 *
 * @param key      part of the message key: the primary key's columns, whatever the replica identity; else those of the
 *                 replica identity index; none for a table with neither
 * @param nullable false only when the catalog says NOT NULL
 */
public record Column(String name, int typeOid, int typeModifier, ColumnType type, boolean key, boolean nullable) {}
