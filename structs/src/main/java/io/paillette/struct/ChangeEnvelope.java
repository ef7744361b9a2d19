package io.paillette.struct;

import io.paillette.capture.Relation;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.envelope.ChangeIds;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.Envelope;
import io.paillette.capture.envelope.Op;
import java.util.function.Function;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * {@code record}, {@code changes}, {@code action}, {@code metadata}, as {@link io.paillette.capture.envelope.ChangeJson} has
 * them, with what a schema makes different: every column is optional, because of a deleted row and of what was not changed
 * there is none; so {@code metadata.changed_columns} says which of the old values are some. Annotations are JSON as text.
 */
public final class ChangeEnvelope implements ValueEnvelope {

    private static final Schema CONSUMER = SchemaBuilder.struct()
            .name("io.paillette.connect.change.Consumer")
            .version(1)
            .field("name", Schema.STRING_SCHEMA)
            .build();

    private static final Schema DATABASE = SchemaBuilder.struct()
            .name("io.paillette.connect.change.Database")
            .version(1)
            .field("name", Schema.STRING_SCHEMA)
            .field("database", Schema.STRING_SCHEMA)
            .build();

    private static final Schema METADATA = SchemaBuilder.struct()
            .name("io.paillette.connect.change.Metadata")
            .version(1)
            .field("table_schema", Schema.STRING_SCHEMA)
            .field("table_name", Schema.STRING_SCHEMA)
            .field("commit_timestamp", Schema.STRING_SCHEMA)
            .field("commit_lsn", Schema.INT64_SCHEMA)
            .field("commit_idx", Schema.INT64_SCHEMA)
            .field("idempotency_key", Schema.OPTIONAL_STRING_SCHEMA)
            .field(
                    "transaction_annotations",
                    SchemaBuilder.string()
                            .name("io.debezium.data.Json")
                            .version(1)
                            .optional()
                            .build())
            .field(
                    "changed_columns",
                    SchemaBuilder.array(Schema.STRING_SCHEMA).optional().build())
            .field("database_name", Schema.STRING_SCHEMA)
            .field("consumer", CONSUMER)
            .field("database", DATABASE)
            .build();

    private final String name;
    private final ChangeIds ids;
    private final Struct database;
    private final Function<TableName, String> consumers;

    /**
     * @param name      of the source, for {@code metadata.database.name}
     * @param consumers what the consumer of a table's changes is called, for {@code metadata.consumer.name}
     */
    public ChangeEnvelope(String name, String database, Function<TableName, String> consumers) {
        this.consumers = consumers;
        this.name = name;
        this.ids = new ChangeIds(name);
        this.database = new Struct(DATABASE).put("name", name).put("database", database);
    }

    @Override
    public Envelope envelope() {
        return Envelope.CHANGE;
    }

    @Override
    public OfTable of(TableShape shape) {
        var rows = new OptionalRows(shape);
        Schema schema = SchemaBuilder.struct()
                .name(shape.schemaName("Change"))
                .version(1)
                .field("record", rows.schema())
                .field("changes", rows.schema())
                .field("action", Schema.STRING_SCHEMA)
                .field("metadata", METADATA)
                .build();
        return new Changes(schema, rows, new Struct(CONSUMER).put("name", consumers.apply(shape.table())));
    }

    private final class Changes implements OfTable {

        private final Schema schema;
        private final OptionalRows rows;
        private final Struct consumer;

        Changes(Schema schema, OptionalRows rows, Struct consumer) {
            this.schema = schema;
            this.rows = rows;
            this.consumer = consumer;
        }

        @Override
        public Schema schema() {
            return schema;
        }

        @Override
        public Struct value(ChangeRecord change) {
            return new Struct(schema)
                    .put("record", record(change))
                    .put("changes", changes(change))
                    .put("action", change.op().action())
                    .put("metadata", metadata(change));
        }

        private @Nullable Struct record(ChangeRecord change) {
            Tuple after = change.after();
            if (after != null) {
                return rows.whole(after);
            }
            Tuple before = change.before();
            if (before == null) {
                return null;
            }
            return change.beforeIsKeyOnly()
                    ? rows.part(before, column -> before.value(column) != null)
                    : rows.whole(before);
        }

        private @Nullable Struct changes(ChangeRecord change) {
            if (change.op() != Op.UPDATE) {
                return null;
            }
            Tuple before = change.before();
            return before == null ? rows.none() : rows.part(before, change::tellsChange);
        }

        private Struct metadata(ChangeRecord change) {
            Relation table = change.relation();
            TransactionInfo transaction = change.transaction();
            boolean known = change.op() == Op.UPDATE && change.before() != null;
            return new Struct(METADATA)
                    .put("table_schema", table.name().schema())
                    .put("table_name", table.name().table())
                    .put("commit_timestamp", ChangeIds.timestamp(transaction.committed()))
                    .put("commit_lsn", ChangeIds.commitLsn(change).value())
                    .put("commit_idx", change.ordinal())
                    .put("idempotency_key", ids.key(change))
                    .put("transaction_annotations", transaction.annotations().orElse(null))
                    .put("changed_columns", known ? rows.names(change::tellsChange) : null)
                    .put("database_name", name)
                    .put("consumer", consumer)
                    .put("database", database);
        }
    }
}
