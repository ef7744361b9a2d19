package io.paillette.capture;

import org.jspecify.annotations.Nullable;

/**
 * The values of one row, by column index of its {@link Relation}. A value is Postgres's text output in UTF-8; {@code null}
 * is SQL NULL; {@link #isUnchanged} tells a TOASTed value that the change did not touch and the WAL therefore does not
 * carry. Arrays are not copied: treat them as read-only.
 */
public final class Tuple {

    private static final byte[] UNCHANGED = new byte[0];

    private final byte[] @Nullable [] values;

    /** Takes ownership of {@code values}. */
    public Tuple(byte[] @Nullable [] values) {
        this.values = values;
    }

    /** The mark to put into the array for an unchanged TOASTed value; compared by identity. */
    public static byte[] unchanged() {
        return UNCHANGED;
    }

    public int size() {
        return values.length;
    }

    public byte @Nullable [] value(int column) {
        return values[column];
    }

    public boolean isUnchanged(int column) {
        return values[column] == UNCHANGED;
    }

    /** Whether there are values that the change did not touch and the WAL does not carry. */
    public boolean hasUnchanged() {
        for (byte[] value : values) {
            if (value == UNCHANGED) {
                return true;
            }
        }
        return false;
    }

    /** Of all values. */
    public long bytes() {
        long bytes = 0;
        for (byte[] value : values) {
            bytes += value == null ? 0 : value.length;
        }
        return bytes;
    }

    /** This row, with what the WAL left out of it taken from {@code other} where that has it. */
    public Tuple filledFrom(Tuple other) {
        byte[][] filled = null;
        for (int i = 0; i < values.length; i++) {
            if (isUnchanged(i) && other.value(i) != null && !other.isUnchanged(i)) {
                filled = filled == null ? values.clone() : filled;
                filled[i] = other.value(i);
            }
        }
        return filled == null ? this : new Tuple(filled);
    }
}
