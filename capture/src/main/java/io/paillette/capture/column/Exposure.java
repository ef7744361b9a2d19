package io.paillette.capture.column;

import java.util.Optional;

/**
 * What of a column's values is told.
 *
 * @param inRow whether the row has it; the key has it whatever is said here
 * @param mask  what stands for the value, in row and key
 */
public record Exposure(boolean inRow, Optional<ColumnMask> mask) {

    /** Every value, as it is. */
    public static final Exposure WHOLE = new Exposure(true, Optional.empty());
}
