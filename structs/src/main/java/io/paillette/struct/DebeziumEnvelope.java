package io.paillette.struct;

import io.paillette.capture.CaptureEvent.LogicalMessage;
import io.paillette.capture.Lsn;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.TransactionInfo.Origin;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.Envelope;
import io.paillette.capture.envelope.SnapshotMark;
import java.time.Instant;
import java.time.InstantSource;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's envelope, version 2, field by field (Debezium 3.6: {@code SchemaFactory.datatypeEnvelopeSchema}, {@code
 * PostgresSourceInfoStructMaker}).
 */
public final class DebeziumEnvelope implements ValueEnvelope {

    private static final Schema SNAPSHOT = SchemaBuilder.string()
            .name("io.debezium.data.Enum")
            .version(1)
            .parameter("allowed", "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental")
            .defaultValue("false")
            .optional()
            .build();

    public static final Schema SOURCE = SchemaBuilder.struct()
            .name("io.debezium.connector.postgresql.Source")
            .version(1)
            .field("version", Schema.STRING_SCHEMA)
            .field("connector", Schema.STRING_SCHEMA)
            .field("name", Schema.STRING_SCHEMA)
            .field("ts_ms", Schema.INT64_SCHEMA)
            .field("snapshot", SNAPSHOT)
            .field("db", Schema.STRING_SCHEMA)
            .field("sequence", Schema.OPTIONAL_STRING_SCHEMA)
            .field("ts_us", Schema.OPTIONAL_INT64_SCHEMA)
            .field("ts_ns", Schema.OPTIONAL_INT64_SCHEMA)
            .field("schema", Schema.STRING_SCHEMA)
            .field("table", Schema.STRING_SCHEMA)
            .field("txId", Schema.OPTIONAL_INT64_SCHEMA)
            .field("lsn", Schema.OPTIONAL_INT64_SCHEMA)
            .field("xmin", Schema.OPTIONAL_INT64_SCHEMA)
            .field("origin", Schema.OPTIONAL_STRING_SCHEMA)
            .field("origin_lsn", Schema.OPTIONAL_INT64_SCHEMA)
            .build();

    private static final TableName NO_TABLE = new TableName("", "");

    private final String version;
    private final String name;
    private final String database;
    private final InstantSource clock;

    /**
     * @param version  of this software, for {@code source.version}
     * @param name     of the source, for {@code source.name}
     * @param database name of the captured database, for {@code source.db}
     * @param clock    tells when a record was made
     */
    public DebeziumEnvelope(String version, String name, String database, InstantSource clock) {
        this.version = version;
        this.name = name;
        this.database = database;
        this.clock = clock;
    }

    @Override
    public Envelope envelope() {
        return Envelope.DEBEZIUM;
    }

    @Override
    public OfTable of(TableShape shape) {
        return new Changes(shape, schema(shape.schemaName("Envelope"), shape.row()));
    }

    private final class Changes implements OfTable {

        private final TableShape shape;
        private final Schema schema;

        Changes(TableShape shape, Schema schema) {
            this.shape = shape;
            this.schema = schema;
        }

        @Override
        public Schema schema() {
            return schema;
        }

        @Override
        public Struct value(ChangeRecord change) {
            return of(change, schema, shape.row(change.before()), shape.row(change.after()));
        }
    }

    private static Schema schema(String called, Schema row) {
        return SchemaBuilder.struct()
                .name(called)
                .version(2)
                .field("before", row)
                .field("after", row)
                .field("source", SOURCE)
                .field("transaction", TransactionBlock.SCHEMA)
                .field("op", Schema.STRING_SCHEMA)
                .field("ts_ms", Schema.OPTIONAL_INT64_SCHEMA)
                .field("ts_us", Schema.OPTIONAL_INT64_SCHEMA)
                .field("ts_ns", Schema.OPTIONAL_INT64_SCHEMA)
                .build();
    }

    private Struct of(ChangeRecord change, Schema schema, @Nullable Struct before, @Nullable Struct after) {
        Instant now = clock.instant();
        return new Struct(schema)
                .put("before", before)
                .put("after", after)
                .put(
                        "source",
                        source(
                                change.transaction(),
                                change.lsn(),
                                change.op().snapshot(),
                                change.relation().name()))
                .put("transaction", TransactionBlock.of(change.transaction(), change.order()))
                .put("op", change.op().code())
                .put("ts_ms", now.toEpochMilli())
                .put("ts_us", micros(now))
                .put("ts_ns", nanos(now));
    }

    /** The value of a logical message, which has no table and only one timestamp of its own. */
    public Struct of(LogicalMessage message, Schema schema, Struct content) {
        return new Struct(schema)
                .put("op", "m")
                .put("ts_ms", clock.instant().toEpochMilli())
                .put("source", source(message.transaction(), message.lsn(), SnapshotMark.STREAMED, NO_TABLE))
                .put(
                        "transaction",
                        TransactionBlock.of(
                                message.transaction(),
                                message.orders().isEmpty()
                                        ? null
                                        : message.orders().get(0)))
                .put("message", content);
    }

    private Struct source(TransactionInfo transaction, Lsn lsn, SnapshotMark snapshot, TableName table) {
        Instant committed = transaction.committed();
        return new Struct(SOURCE)
                .put("version", version)
                .put("connector", "postgresql")
                .put("name", name)
                .put("ts_ms", committed.toEpochMilli())
                .put("snapshot", snapshot.text())
                .put("db", database)
                .put("sequence", sequence(transaction.start().end(), lsn))
                .put("ts_us", micros(committed))
                .put("ts_ns", nanos(committed))
                .put("schema", table.schema())
                .put("table", table.table())
                .put("txId", transaction.xid() == 0 ? null : transaction.xid())
                .put("lsn", lsn.value())
                .put("origin", transaction.origin().map(Origin::name).orElse(null))
                .put(
                        "origin_lsn",
                        transaction
                                .origin()
                                .map(origin -> origin.commit().value())
                                .orElse(null));
    }

    /** End LSN of the transaction before, and the message's LSN, as a JSON array of strings. */
    private static String sequence(Lsn lastCommit, Lsn lsn) {
        String last = lastCommit.equals(Lsn.NONE) ? "null" : "\"" + lastCommit.value() + "\"";
        return "[" + last + ",\"" + lsn.value() + "\"]";
    }

    private static long micros(Instant instant) {
        return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1000;
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000 + instant.getNano();
    }
}
