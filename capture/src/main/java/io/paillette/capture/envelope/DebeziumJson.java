package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.ValueHandling;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@link ChangeRecord}s as Debezium's PostgreSQL connector does with JsonConverter and {@code schemas.enable=false}:
 * the same fields in the same order. Source: Debezium 3.7, {@code SchemaFactory.datatypeEnvelopeSchema},
 * {@code PostgresSourceInfoStructMaker}.
 *
 * <p>Differs where Debezium loses: a value that cannot be converted is an error, not null; every unchanged TOASTed value
 * has a placeholder ({@link io.paillette.capture.type.Unavailable}). {@code source.sequence} holds the end LSN of the
 * transaction before, and the message's LSN.
 *
 * <p>For one thread: buffers and what is known of each table's latest shape are kept between calls.
 */
public final class DebeziumJson {

    private static final byte[] BEFORE = ascii("{\"before\":");
    private static final byte[] AFTER = ascii(",\"after\":");
    private static final byte[] SEQUENCE = ascii(",\"sequence\":\"[");
    private static final byte[] SEQUENCE_NEXT = ascii(",\\\"");
    private static final byte[] SEQUENCE_QUOTE = ascii("\\\"");
    private static final byte[] SEQUENCE_END = ascii("\\\"]\",\"ts_us\":");
    private static final byte[] TS_NS = ascii(",\"ts_ns\":");
    private static final byte[] TS_US = ascii(",\"ts_us\":");
    private static final byte[] TX_ID = ascii(",\"txId\":");
    private static final byte[] LSN = ascii(",\"lsn\":");

    private final ValueHandling handling;
    private final InstantSource clock;
    private final byte[] sourceStart;
    private final byte[] snapshotAndDb;
    private final byte[] streamAndDb;
    private final Map<Op, byte[]> endOfSource = new EnumMap<>(Op.class);
    private final Map<Integer, RelationJson> relations = new HashMap<>();
    private final JsonBytes out = new JsonBytes();

    /**
     * @param version  of this software, for {@code source.version}
     * @param name     of the source, for {@code source.name}
     * @param database name of the captured database, for {@code source.db}
     * @param clock    tells when a record was made: the outer {@code ts_ms}, {@code ts_us}, {@code ts_ns}
     */
    public DebeziumJson(String version, String name, String database, ValueHandling handling, InstantSource clock) {
        this.handling = handling;
        this.clock = clock;
        sourceStart = new JsonBytes()
                .raw(ascii(",\"source\":{\"version\":"))
                .string(version)
                .raw(ascii(",\"connector\":\"postgresql\",\"name\":"))
                .string(name)
                .raw(ascii(",\"ts_ms\":"))
                .toBytes();
        snapshotAndDb = snapshotAndDb("true", database);
        streamAndDb = snapshotAndDb("false", database);
        for (Op op : Op.values()) {
            endOfSource.put(op, endOfSource(op));
        }
    }

    /**
     * The record's key, such as {@code {"id":1}}; null for a table without one and for a truncate.
     *
     * @throws BadValueException naming table and column
     */
    public byte @Nullable [] key(ChangeRecord change) {
        Tuple key = change.key();
        return key == null ? null : keyBytes(change.relation(), key);
    }

    /**
     * The record's value; null for a tombstone.
     *
     * @throws BadValueException naming table and column
     */
    public byte @Nullable [] value(ChangeRecord change) {
        if (change.op() == Op.TOMBSTONE) {
            return null;
        }
        RelationJson relation = relation(change.relation());
        out.clear();
        out.raw(BEFORE);
        row(relation, change.before());
        out.raw(AFTER);
        row(relation, change.after());
        source(change, relation);
        Instant now = clock.instant();
        out.raw(Objects.requireNonNull(endOfSource.get(change.op()))).number(now.toEpochMilli());
        out.raw(TS_US).number(micros(now)).raw(TS_NS).number(nanos(now)).raw('}');
        return out.toBytes();
    }

    /** The value of a header {@link KeyLink#header()}: the other half's key, in the form of {@link #key}. */
    public byte[] link(ChangeRecord change, KeyLink link) {
        return keyBytes(change.relation(), link.key());
    }

    private byte[] keyBytes(Relation relation, Tuple key) {
        out.clear();
        relation(relation).key(out, key);
        return out.toBytes();
    }

    private void row(RelationJson relation, @Nullable Tuple tuple) {
        if (tuple == null) {
            out.nil();
        } else {
            relation.row(out, tuple);
        }
    }

    private void source(ChangeRecord change, RelationJson relation) {
        TransactionInfo transaction = change.transaction();
        Instant committed = transaction.committed();
        out.raw(sourceStart).number(committed.toEpochMilli());
        out.raw(change.op() == Op.READ ? snapshotAndDb : streamAndDb);
        out.raw(SEQUENCE);
        lastCommit(transaction.start().end());
        out.raw(SEQUENCE_NEXT).number(change.lsn().value()).raw(SEQUENCE_END);
        out.number(micros(committed)).raw(TS_NS).number(nanos(committed)).raw(relation.schemaAndTable);
        out.raw(TX_ID);
        if (transaction.xid() == 0) {
            out.nil();
        } else {
            out.number(transaction.xid());
        }
        out.raw(LSN).number(change.lsn().value());
    }

    private void lastCommit(Lsn end) {
        if (end.equals(Lsn.NONE)) {
            out.nil();
        } else {
            out.raw(SEQUENCE_QUOTE).number(end.value()).raw(SEQUENCE_QUOTE);
        }
    }

    @SuppressWarnings(
            "ReferenceEquality") // a new shape is a new instance, and comparing columns for each row would cost
    private RelationJson relation(Relation relation) {
        RelationJson known = relations.get(relation.oid());
        if (known == null || known.relation != relation) {
            known = new RelationJson(relation, handling);
            relations.put(relation.oid(), known);
        }
        return known;
    }

    private static byte[] snapshotAndDb(String snapshot, String database) {
        return new JsonBytes()
                .raw(ascii(",\"snapshot\":\"" + snapshot + "\",\"db\":"))
                .string(database)
                .toBytes();
    }

    private static byte[] endOfSource(Op op) {
        return ascii(",\"xmin\":null,\"origin\":null,\"origin_lsn\":null},\"transaction\":null,\"op\":\"" + op.code()
                + "\",\"ts_ms\":");
    }

    private static long micros(Instant instant) {
        return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1000;
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000 + instant.getNano();
    }
}
