package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Lsn;
import io.paillette.capture.MessagePrefixes;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.SkippedChanges;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.pgoutput.WalSink;
import io.paillette.capture.snapshot.TableReader;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes events of one decoded stream and gives each its position (design section 5). What was delivered before a restart and
 * what a snapshot already contains is dropped, and still counts in the ordinal, so that it means the same in every run.
 */
final class TransactionAssembler implements WalSink {

    private static final Logger LOG = LoggerFactory.getLogger(TransactionAssembler.class);

    private final RelationLookup lookup;
    private final TableSnapshots snapshots;
    private final OvertakenRows overtaken;
    private final Signals signals;
    private final MessagePrefixes prefixes;
    private final TransactionMetadata metadata;
    private final SkippedChanges skipped;
    private final Position resume;
    private final Map<Integer, Relation> relations = new HashMap<>();
    private final ForgottenKeys forgottenKeys;
    private final Annotations annotations = new Annotations();

    private final EventBatch batch;
    private Lsn messageLsn = Lsn.NONE;
    private Position boundary;
    private @Nullable TransactionInfo transaction;
    private long ordinal;

    /** The transaction that was delivered in part before a restart is still to come. */
    private boolean awaitsRest;

    private @Nullable CaptureException fault;

    TransactionAssembler(
            RelationLookup lookup,
            TableSnapshots snapshots,
            OvertakenRows overtaken,
            Signals signals,
            EventBatch batch,
            CaptureSettings settings,
            Position resume) {
        this.lookup = lookup;
        this.forgottenKeys = new ForgottenKeys(
                lookup, snapshots.isLasting(), settings.snapshot().mode());
        this.snapshots = snapshots;
        this.overtaken = overtaken;
        this.signals = signals;
        this.batch = batch;
        this.prefixes = settings.told().messages();
        this.metadata = new TransactionMetadata(settings.told().transactionMetadata(), resume);
        this.skipped = settings.told().skipped();
        this.resume = resume;
        this.awaitsRest = !resume.commit().equals(Lsn.NONE);
        this.boundary = resume.moved(resume.end(), resume.snapshot());
    }

    /** Says where the message that is decoded next stands in the WAL. */
    void at(Lsn lsn) {
        messageLsn = lsn;
    }

    /** What was delivered ends in the middle of a transaction. */
    boolean insideTransaction() {
        return transaction != null || awaitsRest;
    }

    /** Where the last whole transaction ended, whether it delivered something or not. */
    Position boundary() {
        return boundary;
    }

    /** The snapshot's progress changed between transactions. */
    void progressed() {
        boundary = boundary.moved(boundary.end(), snapshots.progress());
    }

    /** Between transactions: all up to {@code lsn} holds nothing for us. */
    void passed(Lsn lsn) {
        boundary = boundary.moved(lsn, boundary.snapshot());
    }

    /** What went wrong in the last message, which the sink's methods cannot throw. */
    @Nullable
    CaptureException fault() {
        return fault;
    }

    /** What was made of the last RELATION message of a table; null before the first. */
    @Nullable
    Relation shape(int oid) {
        return relations.get(oid);
    }

    EventBatch batch() {
        return batch;
    }

    /** Hands over what was made so far. */
    List<CaptureEvent> takeEvents() throws CaptureException {
        return takeEvents(events -> events);
    }

    /** The same as far as it is selected: the rest does not count either. */
    List<CaptureEvent> takeEvents(UnaryOperator<List<CaptureEvent>> selection) throws CaptureException {
        EventBatch.Taken taken = batch.take();
        taken.unclear().forEach(this::readAgain);
        return metadata.told(selection.apply(taken.events()));
    }

    private void readAgain(int oid, Set<Long> xids) {
        LOG.warn(
                "The key of table {} was changed before the stream was past the reading of its rows: they are read once more,"
                        + " and what was deleted in between is not told",
                known(oid).name());
        snapshots.readAgain(oid);
        xids.forEach(xid -> snapshots.withhold(oid, xid));
        progressed();
    }

    @Override
    public void begin(Lsn commitLsn, Instant committed, long xid) {
        if (snapshots.passed(commitLsn)) {
            progressed();
        }
        snapshots.begin(xid);
        overtaken.begin(xid);
        signals.begin();
        transaction = new TransactionInfo(xid, commitLsn, committed, boundary);
        ordinal = 0;
        awaitsRest = false;
        batch.begin(transaction, commitLsn.equals(resume.commit()));
    }

    @Override
    public void commit(Lsn commitLsn, Lsn endLsn, Instant committed) {
        TransactionInfo ended = current();
        try {
            if (signals.commit(commitLsn, lookup::captured)) {
                progressed();
            }
        } catch (CaptureException e) {
            fault = e;
            return;
        }
        boundary = boundary.moved(endLsn, boundary.snapshot());
        transaction = null;
        batch.commit(new CaptureEvent.Commit(ended, List.of(), boundary), TableReader.ROW_OVERHEAD_BYTES);
    }

    @Override
    public void relation(int oid, String schema, String table, ReplicaIdentity identity, List<RelationColumn> columns) {
        try {
            Relation shape = lookup.complete(current().xid(), oid, new TableName(schema, table), identity, columns);
            overtaken.changedWhole(oid);
            forgottenKeys.shaped(oid);
            boolean told = relations.put(oid, shape) != null || lookup.wasPublished(oid);
            if (!snapshots.wasRead(oid) && lookup.isJoining(oid)) {
                if (told) {
                    snapshots.expect(oid);
                } else {
                    snapshots.withhold(oid);
                }
            }
        } catch (CaptureException e) {
            fault = e;
        }
    }

    /** Names of types do not matter here: the catalog is asked by OID. */
    @Override
    public void type(int oid, String schema, String name) {}

    @Override
    public void insert(int relation, Tuple after) {
        if (signals.mayBeRows()) {
            signals.inserted(known(relation), after); // even where it was delivered: what it asks for was not
        }
        row(Kind.INSERT, relation, null, false, after);
    }

    @Override
    public void update(int relation, @Nullable Tuple before, boolean beforeIsKeyOnly, Tuple after) {
        row(Kind.UPDATE, relation, before, beforeIsKeyOnly, after);
    }

    @Override
    public void delete(int relation, Tuple before, boolean beforeIsKeyOnly) {
        row(Kind.DELETE, relation, before, beforeIsKeyOnly, null);
    }

    @Override
    public void truncate(List<Integer> oids, boolean cascade, boolean restartIdentity) {
        ordinal++;
        if (isDropped()) {
            return;
        }
        List<Relation> emptied = new ArrayList<>();
        for (int oid : oids) {
            overtaken.changedWhole(oid);
            Contained contained = snapshots.contained(oid);
            if (contained != Contained.Whole.YES) {
                emptied.add(known(oid));
            }
            if (contained instanceof Contained.Beyond) {
                emptiedInBetween(oid);
            }
        }
        if (emptied.isEmpty() || skipped.truncates()) {
            return;
        }
        TransactionInfo current = current();
        batch.add(
                new CaptureEvent.Truncate(
                        emptied,
                        cascade,
                        restartIdentity,
                        current,
                        messageLsn,
                        ordinal,
                        boundary.inside(current.commit(), ordinal),
                        List.of()),
                TableReader.ROW_OVERHEAD_BYTES);
    }

    /** Rows of it were read before and others after: the latter come once more when all is gone. */
    private void emptiedInBetween(int oid) {
        LOG.info(
                "Table {} was truncated while its rows were read: what came after that is read once more",
                known(oid).name());
        readFromHere(oid);
    }

    /** Told before the first change. What is filtered by origin is filtered by the server. */
    @Override
    public void origin(Lsn commitLsn, String name) {
        TransactionInfo from = current().from(new TransactionInfo.Origin(name, commitLsn));
        transaction = from;
        batch.begin(from, from.commit().equals(resume.commit()));
    }

    @Override
    public void message(boolean transactional, Lsn lsn, String prefix, byte[] content) {
        if (transactional) {
            messageInside(lsn, prefix, content);
        } else {
            messageBetween(lsn, prefix, content);
        }
    }

    private void messageInside(Lsn lsn, String prefix, byte[] content) {
        ordinal++;
        TransactionInfo current = annotations.after(current(), prefix, content);
        transaction = current;
        if (isDropped() || !prefixes.admit(prefix)) {
            return;
        }
        Position position = boundary.inside(current.commit(), ordinal);
        batch.add(
                new CaptureEvent.LogicalMessage(true, prefix, content, current, lsn, ordinal, position, List.of()),
                TableReader.ROW_OVERHEAD_BYTES + prefix.length() + content.length);
    }

    /**
     * The server sends these as it decodes them, and transactions as it decodes their commit: so whatever committed before
     * the message has been sent, and whatever is sent from now on lies beyond it. Its end is thus a place to go on from; a
     * transaction that was begun before it, and commits later, is sent whole from there.
     */
    private void messageBetween(Lsn lsn, String prefix, byte[] content) {
        annotations.apart(prefix);
        if (transaction != null) {
            throw new IllegalStateException("the server sent a message of no transaction inside one: " + prefix);
        }
        if (awaitsRest || !prefixes.admit(prefix)) {
            return; // what is before the transaction that was delivered in part was passed then
        }
        var none = new TransactionInfo(0, Lsn.NONE, Instant.now().truncatedTo(ChronoUnit.MICROS), boundary);
        boundary = boundary.moved(lsn, boundary.snapshot());
        batch.add(
                new CaptureEvent.LogicalMessage(false, prefix, content, none, lsn, 0, boundary, List.of()),
                TableReader.ROW_OVERHEAD_BYTES + prefix.length() + content.length);
    }

    private void row(Kind kind, int oid, @Nullable Tuple before, boolean keyOnly, @Nullable Tuple after) {
        ordinal++;
        try {
            if (before != null && keyOnly) {
                // Also where it is dropped: what comes behind is told by the same key as before a restart.
                relations.put(oid, forgottenKeys.recalled(known(oid), before));
            }
            tell(kind, oid, before, keyOnly, after);
        } catch (CaptureException e) {
            fault = e;
        }
    }

    private void tell(Kind kind, int oid, @Nullable Tuple before, boolean keyOnly, @Nullable Tuple after)
            throws CaptureException {
        if (isDropped()) {
            return;
        }
        Contained contained = snapshots.contained(oid);
        if (contained == Contained.Whole.YES) {
            return;
        }
        TransactionInfo current = current();
        Position position = boundary.inside(current.commit(), ordinal);
        var row =
                new CaptureEvent.Row(kind, known(oid), before, keyOnly, after, current, messageLsn, ordinal, position);
        if (isSkipped(row, contained)) {
            return; // and overtakes no row of a backfill
        }
        if (ForgottenKeys.lacksKey(row) && isToldHere(oid, contained) && forgottenKeys.areToRead(row)) {
            readFromHere(oid);
            row = row.at(boundary.inside(current.commit(), ordinal));
        }
        overtaken.changed(row);
        long bytes = TableReader.ROW_OVERHEAD_BYTES + bytes(before) + bytes(after) + annotations.takeBytes();
        if (contained instanceof Contained.Beyond beyond) {
            batch.addInDoubt(row, beyond, bytes);
        } else {
            batch.add(row, bytes);
        }
    }

    /** One in doubt is unclear without a key, which has its table read again; and some tables are still to be read anyway. */
    private boolean isToldHere(int oid, Contained contained) {
        return contained == Contained.Whole.NO && !snapshots.isAwaited(oid);
    }

    /** What comes of the table from now on is among the rows that are read. */
    private void readFromHere(int oid) {
        snapshots.readAgain(oid);
        snapshots.withhold(oid, current().xid());
        progressed();
    }

    /** An update of which only one half may be told is not told as an update: somebody waits for that half. */
    private boolean isSkipped(CaptureEvent.Row row, Contained contained) {
        boolean mayBeHalf = contained instanceof Contained.Beyond && row.kind() == Kind.UPDATE && row.before() != null;
        return !skipped.isNone() && !mayBeHalf && skipped.skips(row);
    }

    /** Delivered before a restart; where records are counted they still are, and left out afterwards. */
    private boolean isDropped() {
        return !metadata.asked()
                && ordinal <= resume.ordinal()
                && current().commit().equals(resume.commit());
    }

    private TransactionInfo current() {
        if (transaction == null) {
            throw new IllegalStateException("the server sent a change outside a transaction");
        }
        return transaction;
    }

    private Relation known(int oid) {
        Relation relation = relations.get(oid);
        if (relation == null) {
            throw new IllegalStateException(
                    "the server sent a change of table " + Integer.toUnsignedString(oid) + " before its RELATION");
        }
        return relation;
    }

    private static long bytes(@Nullable Tuple tuple) {
        if (tuple == null) {
            return 0;
        }
        return (long) tuple.size() * TableReader.VALUE_OVERHEAD_BYTES + tuple.bytes();
    }
}
