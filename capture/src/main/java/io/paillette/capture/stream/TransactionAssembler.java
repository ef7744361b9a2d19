package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.CollectionCount;
import io.paillette.capture.EventOrder;
import io.paillette.capture.Lsn;
import io.paillette.capture.MessagePrefixes;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.pgoutput.WalSink;
import io.paillette.capture.snapshot.TableReader;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of one decoded stream and gives each its position (design section 5). Drops what was delivered before a
 * restart and what a snapshot already contains; both still count in the ordinal, so that it means the same in every run.
 */
final class TransactionAssembler implements WalSink {

    private final RelationLookup lookup;
    private final TableSnapshots snapshots;
    private final MessagePrefixes prefixes;
    private final RecordCounts counts;
    private final Position resume;
    private final Map<Integer, Relation> relations = new HashMap<>();

    private List<CaptureEvent> events = new ArrayList<>();
    private long eventBytes;
    private Lsn messageLsn = Lsn.NONE;
    private Position boundary;
    private @Nullable TransactionInfo transaction;
    private long ordinal;
    private boolean delivered;
    private @Nullable CaptureException fault;

    TransactionAssembler(RelationLookup lookup, TableSnapshots snapshots, CaptureSettings settings, Position resume) {
        this.lookup = lookup;
        this.snapshots = snapshots;
        this.prefixes = settings.messages();
        this.counts = new RecordCounts(settings.transactionMetadata());
        this.resume = resume;
        this.boundary = resume.moved(resume.end(), resume.snapshot());
    }

    /** Says where the message that is decoded next stands in the WAL. */
    void at(Lsn lsn) {
        messageLsn = lsn;
    }

    boolean insideTransaction() {
        return transaction != null;
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

    long eventBytes() {
        return eventBytes;
    }

    boolean hasEvents() {
        return !events.isEmpty();
    }

    /** Hands over what was made so far. */
    List<CaptureEvent> takeEvents() {
        List<CaptureEvent> taken = events;
        events = new ArrayList<>();
        eventBytes = 0;
        return taken;
    }

    @Override
    public void begin(Lsn commitLsn, Instant committed, long xid) {
        if (snapshots.passed(commitLsn)) {
            progressed();
        }
        snapshots.begin(xid);
        transaction = new TransactionInfo(xid, commitLsn, committed, boundary);
        ordinal = 0;
        counts.begin();
        delivered = commitLsn.equals(resume.commit());
    }

    @Override
    public void commit(Lsn commitLsn, Lsn endLsn, Instant committed) {
        TransactionInfo ended = current();
        boundary = boundary.moved(endLsn, boundary.snapshot());
        transaction = null;
        if (delivered) {
            addRaw(new CaptureEvent.Commit(ended, counts.all(), boundary), TableReader.ROW_OVERHEAD_BYTES);
        }
    }

    @Override
    public void relation(int oid, String schema, String table, ReplicaIdentity identity, List<RelationColumn> columns) {
        try {
            relations.put(oid, lookup.complete(current().xid(), oid, new TableName(schema, table), identity, columns));
            if (!snapshots.wasRead(oid) && lookup.isJoining(oid)) {
                snapshots.withhold(oid);
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
        List<Relation> emptied = new ArrayList<>();
        List<EventOrder> orders = new ArrayList<>();
        for (int oid : oids) {
            if (!snapshots.contain(oid)) {
                Relation relation = known(oid);
                emptied.add(relation);
                orders.addAll(counts.next(relation.name(), 1));
            }
        }
        if (wasDelivered() || emptied.isEmpty()) {
            return;
        }
        TransactionInfo current = current();
        add(
                new CaptureEvent.Truncate(
                        emptied,
                        cascade,
                        restartIdentity,
                        current,
                        messageLsn,
                        ordinal,
                        boundary.inside(current.commit(), ordinal),
                        orders),
                TableReader.ROW_OVERHEAD_BYTES);
    }

    /** Told before the first change. What is filtered by origin is filtered by the server. */
    @Override
    public void origin(Lsn commitLsn, String name) {
        transaction = current().from(new TransactionInfo.Origin(name, commitLsn));
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
        if (!prefixes.admit(prefix)) {
            return;
        }
        List<EventOrder> orders = counts.next(CollectionCount.MESSAGES, 1);
        if (wasDelivered()) {
            return;
        }
        TransactionInfo current = current();
        Position position = boundary.inside(current.commit(), ordinal);
        add(
                new CaptureEvent.LogicalMessage(true, prefix, content, current, lsn, ordinal, position, orders),
                TableReader.ROW_OVERHEAD_BYTES + prefix.length() + content.length);
    }

    /**
     * The server sends these as it decodes them, and transactions as it decodes their commit: so whatever committed before
     * the message has been sent, and whatever is sent from now on lies beyond it. Its end is thus a place to go on from; a
     * transaction that was begun before it, and commits later, is sent whole from there.
     */
    private void messageBetween(Lsn lsn, String prefix, byte[] content) {
        if (transaction != null) {
            throw new IllegalStateException("the server sent a message of no transaction inside one: " + prefix);
        }
        if (!prefixes.admit(prefix)) {
            return;
        }
        var none = new TransactionInfo(0, Lsn.NONE, Instant.now().truncatedTo(ChronoUnit.MICROS), boundary);
        boundary = boundary.moved(lsn, boundary.snapshot());
        addRaw(
                new CaptureEvent.LogicalMessage(false, prefix, content, none, lsn, 0, boundary, List.of()),
                TableReader.ROW_OVERHEAD_BYTES + prefix.length() + content.length);
    }

    private void row(Kind kind, int oid, @Nullable Tuple before, boolean keyOnly, @Nullable Tuple after) {
        ordinal++;
        boolean dropped = wasDelivered();
        if ((dropped && !counts.asked()) || snapshots.contain(oid)) {
            return;
        }
        Relation relation = known(oid);
        int records = counts.asked() && ChangeRecords.changesKey(kind, relation, before, keyOnly, after) ? 2 : 1;
        List<EventOrder> orders = counts.next(relation.name(), records);
        if (dropped) {
            return;
        }
        TransactionInfo current = current();
        Position position = boundary.inside(current.commit(), ordinal);
        add(
                new CaptureEvent.Row(
                        kind, relation, before, keyOnly, after, current, messageLsn, ordinal, position, orders),
                TableReader.ROW_OVERHEAD_BYTES + bytes(before) + bytes(after));
    }

    private boolean wasDelivered() {
        return ordinal <= resume.ordinal() && current().commit().equals(resume.commit());
    }

    /** Of the transaction in progress. */
    private void add(CaptureEvent event, long bytes) {
        if (!delivered && counts.asked()) {
            TransactionInfo current = current();
            Position begun = boundary.inside(current.commit(), 0);
            addRaw(new CaptureEvent.Begin(current, begun), TableReader.ROW_OVERHEAD_BYTES);
        }
        delivered = true;
        addRaw(event, bytes);
    }

    private void addRaw(CaptureEvent event, long bytes) {
        events.add(event);
        eventBytes += bytes;
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
        long bytes = (long) tuple.size() * TableReader.VALUE_OVERHEAD_BYTES;
        for (int i = 0; i < tuple.size(); i++) {
            byte[] value = tuple.value(i);
            bytes += value == null ? 0 : value.length;
        }
        return bytes;
    }
}
