package io.paillette.capture.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.Column;
import io.paillette.capture.EventOrder;
import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One record to write to the topic of {@code relation}'s table, before any format.
 *
 * @param key    a row that has at least the key columns of {@code relation}; null for a table without a key and for TRUNCATE
 * @param before old row as far as it is known, null for none; columns beyond the replica identity are null
 * @param beforeIsKeyOnly whether {@code before} holds only the replica identity's columns
 * @param after  new row, null for none; may still hold {@link Tuple#isUnchanged} values
 * @param link   null unless the record is half of a changed key
 * @param lsn    of the message in the WAL
 * @param ordinal of the message in its transaction; the records of one message share it
 * @param order  of this record in its transaction; null where nobody asks for it
 * @param joined what else is told of its row; null where nobody asks for that
 */
public record ChangeRecord(
        Op op,
        Relation relation,
        @Nullable Tuple key,
        @Nullable Tuple before,
        boolean beforeIsKeyOnly,
        @Nullable Tuple after,
        @Nullable KeyLink link,
        TransactionInfo transaction,
        Lsn lsn,
        long ordinal,
        @Nullable EventOrder order,
        @Nullable Joined joined) {

    /**
     * What a query of the sequence's has found for a row.
     *
     * @param json an object; null: nothing was found
     */
    public record Joined(@Nullable String json) {

        /** The field that has it. */
        public static final String FIELD = "enrichment";

        /** For who writes JSON. */
        byte[] bytes() {
            return (json == null ? "null" : json).getBytes(UTF_8);
        }
    }

    /** The same, told with more. */
    public ChangeRecord with(Joined more) {
        return new ChangeRecord(
                op, relation, key, before, beforeIsKeyOnly, after, link, transaction, lsn, ordinal, order, more);
    }

    /** Whether the WAL has the old value of a column, and who reads both finds another now: a mask may make one of two. */
    public boolean tellsChange(int column) {
        if (before == null
                || after == null
                || (beforeIsKeyOnly && before.value(column) == null)
                || before.isUnchanged(column)
                || after.isUnchanged(column)) {
            return false;
        }
        byte[] was = before.value(column);
        byte[] is = after.value(column);
        Column of = relation.columns().get(column);
        return !Arrays.equals(was, is) && !Arrays.equals(of.told(was), of.told(is));
    }
}
