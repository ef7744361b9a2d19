package io.paillette.capture;

import io.paillette.capture.column.ColumnMask;
import io.paillette.capture.column.Exposure;
import io.paillette.capture.type.ColumnType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A column of a {@link Relation}.
 *
 * @param declared as the catalog has it
 * @param type     of what is told: a masked value is text
 * @param nullable false only when the catalog says NOT NULL
 * @param exposure what of its values is told
 */
public record Column(String name, Declaration declared, ColumnType type, boolean nullable, Exposure exposure) {

    /**
     * What a column was declared as.
     *
     * @param typeName    type and modifier as SQL spells them: {@code character varying(30)}; qualified unless it is built in
     * @param defaultText the value of its default in Postgres's text form, where that is the same whenever it is asked for
     */
    public record Declaration(int typeOid, int typeModifier, String typeName, Optional<String> defaultText) {}

    /** What is told of a value: null for SQL NULL that is not masked. */
    public byte @Nullable [] told(byte @Nullable [] text) {
        return exposure.mask().isEmpty() ? text : exposure.mask().get().of(text);
    }

    /**
     * Rows with the same key are one row to who reads them.
     *
     * @throws CaptureException when two values of this column of a key may look the same
     */
    public void requireApart(TableName table) throws CaptureException {
        if (!exposure.mask().map(ColumnMask::keepsApart).orElse(true)) {
            throw new CaptureException(
                    "Column \"" + name + "\" of table " + table
                            + " is part of the key of its messages, and masked, cut off, or as a hash that is cut off two"
                            + " keys would look the same: hash it where the column holds 32 characters, leave it out of the"
                            + " mask, or choose another key with message.key.columns.",
                    false,
                    null);
        }
    }
}
