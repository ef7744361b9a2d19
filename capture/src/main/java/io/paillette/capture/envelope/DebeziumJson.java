package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.Tuple;
import io.paillette.capture.type.ValueHandling;
import java.time.InstantSource;
import java.util.EnumMap;
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
public final class DebeziumJson implements ValueJson {

    private static final byte[] BEFORE = ascii("{\"before\":");
    private static final byte[] AFTER = ascii(",\"after\":");
    private static final byte[] SOURCE = ascii(",\"source\":");
    private static final byte[] TS_NS = ascii(",\"ts_ns\":");
    private static final byte[] ENRICHMENT = ascii(",\"enrichment\":");
    private static final byte[] TS_US = ascii(",\"ts_us\":");

    private static final long NANOS_OF_19_DIGITS = 1_000_000_000_000_000_000L;

    private final InstantSource clock;
    private final SourceJson source;
    private final Map<Op, byte[]> operations = new EnumMap<>(Op.class);
    private final TablesJson tables;
    private final JsonBytes out = new JsonBytes();
    private final JsonBytes digits = new JsonBytes();

    /**
     * @param version  of this software, for {@code source.version}
     * @param name     of the source, for {@code source.name}
     * @param database name of the captured database, for {@code source.db}
     * @param clock    tells when a record was made: the outer {@code ts_ms}, {@code ts_us}, {@code ts_ns}
     */
    public DebeziumJson(String version, String name, String database, ValueHandling handling, InstantSource clock) {
        this.tables = new TablesJson(new JsonForms.OfConnect(handling));
        this.clock = clock;
        this.source = new SourceJson(version, name, database);
        for (Op op : Op.values()) {
            operations.put(op, ascii(",\"op\":\"" + op.code() + "\",\"ts_ms\":"));
        }
    }

    @Override
    public Envelope envelope() {
        return Envelope.DEBEZIUM;
    }

    @Override
    public byte @Nullable [] key(ChangeRecord change) {
        return tables.key(change);
    }

    @Override
    public byte @Nullable [] value(ChangeRecord change) {
        if (change.op() == Op.TOMBSTONE) {
            return null;
        }
        RelationJson relation = tables.of(change.relation());
        out.clear();
        out.raw(BEFORE);
        row(relation, change.before());
        out.raw(AFTER);
        row(relation, change.after());
        out.raw(SOURCE);
        source.write(out, change.transaction(), change.lsn(), change.op().snapshot(), relation.schemaAndTable);
        TransactionJson.block(out, change.transaction(), change.order());
        out.raw(Objects.requireNonNull(operations.get(change.op())));
        now(SourceJson.nanos(clock.instant()));
        if (change.joined() != null) {
            out.raw(ENRICHMENT).raw(change.joined().bytes());
        }
        out.raw('}');
        return out.toBytes();
    }

    @Override
    public byte[] link(ChangeRecord change, KeyLink link) {
        return tables.link(change, link);
    }

    /** In milli-, micro- and nanoseconds. From 2001 on the coarser ones are the beginning of the finest. */
    private void now(long nanos) {
        digits.clear();
        digits.number(nanos);
        if (nanos >= NANOS_OF_19_DIGITS) {
            out.raw(digits, 13).raw(TS_US).raw(digits, 16).raw(TS_NS).raw(digits);
        } else {
            out.number(Math.floorDiv(nanos, 1_000_000L)).raw(TS_US).number(Math.floorDiv(nanos, 1000L));
            out.raw(TS_NS).raw(digits);
        }
    }

    private void row(RelationJson relation, @Nullable Tuple tuple) {
        if (tuple == null) {
            out.nil();
        } else {
            relation.row(out, tuple);
        }
    }
}
