package io.paillette.capture.envelope;

import io.paillette.capture.type.BadValueException;
import org.jspecify.annotations.Nullable;

/** Writes records in one {@link Envelope} as JSON. For one thread. */
public sealed interface ValueJson permits DebeziumJson, ChangeJson, RowJson, Wal2Json {

    /** Which records are to be written: the others are not for {@link #value}. */
    Envelope envelope();

    /**
     * The record's key, such as {@code {"id":1}}; null for a table without one and for a truncate.
     *
     * @throws BadValueException naming table and column
     */
    byte @Nullable [] key(ChangeRecord change);

    /**
     * The record's value; null for a tombstone.
     *
     * @throws BadValueException naming table and column, or saying why the envelope has no form for the change
     */
    byte @Nullable [] value(ChangeRecord change);

    /** The value of a header {@link KeyLink#header()}: the other half's key, in the form of {@link #key}. */
    byte[] link(ChangeRecord change, KeyLink link);
}
