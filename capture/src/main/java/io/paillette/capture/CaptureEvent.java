package io.paillette.capture;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One thing that happened in the source, in commit order; inside a transaction in the order of its statements. */
public sealed interface CaptureEvent {

    /** Once stored with what it produced, capture goes on after this event and never delivers it again. */
    Position position();

    /** Where the transaction that it is a part of commits; {@link Lsn#NONE} for what is outside of any. */
    Lsn transactionLsn();

    /** The same, with another position. */
    CaptureEvent at(Position other);

    /** What tells its transaction. */
    sealed interface OfTransaction extends CaptureEvent permits Begin, Row, Truncate, LogicalMessage, Commit {

        TransactionInfo transaction();

        @Override
        default Lsn transactionLsn() {
            return transaction().commit();
        }
    }

    /** What happened to a row. */
    enum Kind {
        /** The row was there when its table was read. */
        READ,
        /** It was read once more, for a backfill. */
        READ_AGAIN,
        INSERT,
        UPDATE,
        DELETE;

        /** The row itself was read, and is of no transaction. */
        public boolean isRead() {
            return this == READ || this == READ_AGAIN;
        }
    }

    /**
     * The transaction's first event, before its first change; only with {@code provide.transaction.metadata}, and not again
     * after a restart inside the transaction.
     */
    record Begin(TransactionInfo transaction, Position position) implements OfTransaction {

        @Override
        public Begin at(Position other) {
            return new Begin(transaction, other);
        }
    }

    /**
     * A row was read, inserted, updated or deleted.
     *
     * @param before the old row as far as the WAL has it: all columns under REPLICA IDENTITY FULL; key columns only (others
     *               null) for a delete or a changed key; null otherwise
     * @param beforeIsKeyOnly whether {@code before} holds only the replica identity's columns
     * @param after  the new row; null for a delete
     * @param lsn    WAL position of the message; for one that is read the snapshot's LSN
     * @param ordinal of this message in its transaction, from 1; 0 for one that is read
     * @param orders of its records: two for a changed key, else one; none without {@code provide.transaction.metadata} and
     *               for one that is read
     * @param asked  what has asked for one that is read again; empty for any other
     */
    record Row(
            Kind kind,
            Relation relation,
            @Nullable Tuple before,
            boolean beforeIsKeyOnly,
            @Nullable Tuple after,
            TransactionInfo transaction,
            Lsn lsn,
            long ordinal,
            Position position,
            List<EventOrder> orders,
            Optional<Backfill> asked)
            implements OfTransaction {

        /** Whose place in its transaction nobody asks for. */
        public Row(
                Kind kind,
                Relation relation,
                @Nullable Tuple before,
                boolean beforeIsKeyOnly,
                @Nullable Tuple after,
                TransactionInfo transaction,
                Lsn lsn,
                long ordinal,
                Position position) {
            this(
                    kind,
                    relation,
                    before,
                    beforeIsKeyOnly,
                    after,
                    transaction,
                    lsn,
                    ordinal,
                    position,
                    List.of(),
                    Optional.empty());
        }

        @Override
        public Lsn transactionLsn() {
            return kind.isRead() ? Lsn.NONE : transaction.commit();
        }

        @Override
        public Row at(Position other) {
            return new Row(
                    kind, relation, before, beforeIsKeyOnly, after, transaction, lsn, ordinal, other, orders, asked);
        }

        /** The same, told at another place. */
        public Row in(TransactionInfo other, Position place) {
            return new Row(kind, relation, before, beforeIsKeyOnly, after, other, lsn, ordinal, place, orders, asked);
        }

        /**
         * The same, told in another way. Its places in its transaction are those of {@code relation}'s own key, so that with
         * another key it has none.
         */
        public Row of(Relation told) {
            List<EventOrder> places = told.key().equals(relation.key()) ? orders : List.of();
            return new Row(
                    kind, told, before, beforeIsKeyOnly, after, transaction, lsn, ordinal, position, places, asked);
        }

        /** What the same message means where not all of it is told. */
        public Row as(Kind other, @Nullable Tuple was, @Nullable Tuple now) {
            return new Row(
                    other,
                    relation,
                    was,
                    was != null && beforeIsKeyOnly,
                    now,
                    transaction,
                    lsn,
                    ordinal,
                    position,
                    orders,
                    asked);
        }

        /** The same, with the places of its records in its transaction. */
        public Row placed(List<EventOrder> places) {
            return new Row(
                    kind, relation, before, beforeIsKeyOnly, after, transaction, lsn, ordinal, position, places, asked);
        }
    }

    /**
     * TRUNCATE of one or more tables.
     *
     * @param orders one for each of {@code relations}; none without {@code provide.transaction.metadata}
     */
    record Truncate(
            List<Relation> relations,
            boolean cascade,
            boolean restartIdentity,
            TransactionInfo transaction,
            Lsn lsn,
            long ordinal,
            Position position,
            List<EventOrder> orders)
            implements OfTransaction {

        @Override
        public Truncate at(Position other) {
            return new Truncate(relations, cascade, restartIdentity, transaction, lsn, ordinal, other, orders);
        }

        /** The same of some of the tables, before it has places. */
        public Truncate of(List<Relation> some) {
            return new Truncate(some, cascade, restartIdentity, transaction, lsn, ordinal, position, orders);
        }

        /** The same, with its places in its transaction. */
        public Truncate placed(List<EventOrder> places) {
            return new Truncate(relations, cascade, restartIdentity, transaction, lsn, ordinal, position, places);
        }
    }

    /**
     * What {@code pg_logical_emit_message} wrote (Postgres 14 and newer). A transactional one is there if and only if its
     * transaction commits; any other has no transaction, comes at once, and its {@code position} is one between transactions.
     *
     * @param content     not copied: treat it as read-only
     * @param transaction of one that is not transactional: without an id, and with the time at which it was read
     * @param lsn         where its WAL record ends
     * @param ordinal     of a transactional one as that of a row; 0 for any other
     * @param orders      one; none without {@code provide.transaction.metadata} and without a transaction
     */
    @SuppressWarnings("ArrayRecordComponent") // messages are never compared
    record LogicalMessage(
            boolean transactional,
            String prefix,
            byte[] content,
            TransactionInfo transaction,
            Lsn lsn,
            long ordinal,
            Position position,
            List<EventOrder> orders)
            implements OfTransaction {

        @Override
        public LogicalMessage at(Position other) {
            return new LogicalMessage(transactional, prefix, content, transaction, lsn, ordinal, other, orders);
        }

        /** The same, with its place in its transaction. */
        public LogicalMessage placed(List<EventOrder> places) {
            return new LogicalMessage(transactional, prefix, content, transaction, lsn, ordinal, position, places);
        }
    }

    /**
     * The transaction's last event. {@code position.end()} is the transaction's end LSN.
     *
     * @param counts of all its records, those from before a restart among them; none without
     *               {@code provide.transaction.metadata}
     */
    record Commit(TransactionInfo transaction, List<CollectionCount> counts, Position position)
            implements OfTransaction {

        /** How many records the transaction has, where they are counted. */
        public long events() {
            return counts.stream().mapToLong(CollectionCount::events).sum();
        }

        @Override
        public Commit at(Position other) {
            return new Commit(transaction, counts, other);
        }
    }

    /** A step of the snapshot that carries no row (a table was finished): only its position matters. */
    record SnapshotStep(Position position) implements CaptureEvent {

        @Override
        public Lsn transactionLsn() {
            return Lsn.NONE;
        }

        @Override
        public SnapshotStep at(Position other) {
            return new SnapshotStep(other);
        }
    }

    /** The source has written WAL that holds nothing for us: only the position matters, so that the slot may let go of it. */
    record Progress(Position position) implements CaptureEvent {

        @Override
        public Lsn transactionLsn() {
            return Lsn.NONE;
        }

        @Override
        public Progress at(Position other) {
            return new Progress(other);
        }
    }
}
