package io.paillette.connect.transforms;

import java.math.BigDecimal;
import java.util.List;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/** Changes of table {@code orders} as connectors make them. */
final class Changes {

    private static final Schema ROW = SchemaBuilder.struct()
            .field("id", Schema.OPTIONAL_INT32_SCHEMA)
            .field(
                    "status",
                    SchemaBuilder.string().optional().defaultValue("new").build())
            .field("total", Decimal.builder(2).optional().build())
            .field("due", named(SchemaBuilder.int32(), "io.debezium.time.Date"))
            .field("made", named(SchemaBuilder.int64(), "io.debezium.time.MicroTimestamp"))
            .field("extra", named(SchemaBuilder.string(), "io.debezium.data.Json"))
            .field("raw", Schema.OPTIONAL_BYTES_SCHEMA)
            .optional()
            .build();

    private static final Schema METADATA = SchemaBuilder.struct()
            .field("table_schema", Schema.STRING_SCHEMA)
            .field("table_name", Schema.STRING_SCHEMA)
            .field(
                    "changed_columns",
                    SchemaBuilder.array(Schema.STRING_SCHEMA).optional().build())
            .build();

    private static final Schema CHANGE = SchemaBuilder.struct()
            .field("record", ROW)
            .field("changes", ROW)
            .field("action", Schema.STRING_SCHEMA)
            .field("metadata", METADATA)
            .build();

    private static final Schema SHORT_ROW = SchemaBuilder.struct()
            .field("id", Schema.INT32_SCHEMA)
            .field("status", Schema.OPTIONAL_STRING_SCHEMA)
            .optional()
            .build();

    private static final Schema SOURCE = SchemaBuilder.struct()
            .field("ts_ms", Schema.INT64_SCHEMA)
            .field("name", Schema.STRING_SCHEMA)
            .field("db", Schema.STRING_SCHEMA)
            .field("schema", Schema.STRING_SCHEMA)
            .field("table", Schema.STRING_SCHEMA)
            .field("lsn", Schema.OPTIONAL_INT64_SCHEMA)
            .build();

    private static final Schema DEBEZIUM = SchemaBuilder.struct()
            .field("before", SHORT_ROW)
            .field("after", SHORT_ROW)
            .field("source", SOURCE)
            .field("op", Schema.STRING_SCHEMA)
            .build();

    private Changes() {}

    private static Schema named(SchemaBuilder schema, String name) {
        return schema.name(name).optional().build();
    }

    /** In the envelope {@code change}; the status was {@code new}. */
    static Struct change(String action, String status) {
        boolean update = action.equals("update");
        return new Struct(CHANGE)
                .put(
                        "record",
                        new Struct(ROW)
                                .put("id", 1)
                                .put("status", status)
                                .put("total", new BigDecimal("12.50"))
                                .put("due", 19_782)
                                .put("made", 1_709_210_096_789_012L)
                                .put("extra", "{\"a\":[1]}")
                                .put("raw", new byte[] {(byte) 0xde, (byte) 0xad}))
                .put("changes", update ? new Struct(ROW).put("status", "new") : null)
                .put("action", action)
                .put(
                        "metadata",
                        new Struct(METADATA)
                                .put("table_schema", "public")
                                .put("table_name", "orders")
                                .put("changed_columns", update ? List.of("status") : null));
    }

    /** In Debezium's envelope; null: there is no such row. */
    static Struct debezium(String op, String before, String after) {
        return new Struct(DEBEZIUM)
                .put("before", row(before))
                .put("after", row(after))
                .put(
                        "source",
                        new Struct(SOURCE)
                                .put("ts_ms", 1_709_210_096_789L)
                                .put("name", "app")
                                .put("db", "shop")
                                .put("schema", "public")
                                .put("table", "orders")
                                .put("lsn", 77L))
                .put("op", op);
    }

    private static Struct row(String status) {
        return status == null ? null : new Struct(SHORT_ROW).put("id", 1).put("status", status);
    }
}
