package io.paillette.benchmarks.ceiling;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/** The record is an insert as our connector and Debezium tell it; it is made once. */
public final class RepeatingSourceTask extends SourceTask {

    private static final int BATCH = 2_048;
    private static final int SCALE = 2;

    /** Connect asks again at once, and stops a task only between two polls. */
    private static final long WAIT_MILLIS = 100;

    private long left;
    private List<SourceRecord> batch = List.of();

    @Override
    public String version() {
        return "1";
    }

    @Override
    public void start(Map<String, String> props) {
        left = Long.parseLong(String.valueOf(props.get(RepeatingSourceConnector.RECORDS)));
        Schema key = SchemaBuilder.struct()
                .name("app.public.bench.Key")
                .field("id", Schema.INT64_SCHEMA)
                .build();
        Struct value = value();
        var record = new SourceRecord(
                Map.of("server", "app"),
                Map.of("position", "{}"),
                props.get(RepeatingSourceConnector.TOPIC),
                key,
                new Struct(key).put("id", 1L),
                value.schema(),
                value);
        List<SourceRecord> all = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            all.add(record.newRecord(
                    record.topic(),
                    null,
                    record.keySchema(),
                    record.key(),
                    record.valueSchema(),
                    record.value(),
                    null));
        }
        batch = List.copyOf(all);
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        if (left == 0) {
            TimeUnit.MILLISECONDS.sleep(WAIT_MILLIS);
            return null;
        }
        List<SourceRecord> records = left >= BATCH ? batch : batch.subList(0, (int) left);
        left -= records.size();
        return records;
    }

    @Override
    public void stop() {
        // It holds nothing.
    }

    private static Struct value() {
        Schema row = SchemaBuilder.struct()
                .name("app.public.bench.Value")
                .optional()
                .field("id", Schema.INT64_SCHEMA)
                .field("customer", Schema.INT32_SCHEMA)
                .field("name", Schema.STRING_SCHEMA)
                .field("amount", Decimal.schema(SCALE))
                .field("paid", Schema.BOOLEAN_SCHEMA)
                .field("created", Schema.STRING_SCHEMA)
                .field("note", Schema.STRING_SCHEMA)
                .build();
        Schema source = SchemaBuilder.struct()
                .name("io.debezium.connector.postgresql.Source")
                .field("version", Schema.STRING_SCHEMA)
                .field("connector", Schema.STRING_SCHEMA)
                .field("name", Schema.STRING_SCHEMA)
                .field("ts_ms", Schema.INT64_SCHEMA)
                .field("snapshot", Schema.STRING_SCHEMA)
                .field("db", Schema.STRING_SCHEMA)
                .field("sequence", Schema.STRING_SCHEMA)
                .field("ts_us", Schema.INT64_SCHEMA)
                .field("ts_ns", Schema.INT64_SCHEMA)
                .field("schema", Schema.STRING_SCHEMA)
                .field("table", Schema.STRING_SCHEMA)
                .field("txId", Schema.INT64_SCHEMA)
                .field("lsn", Schema.INT64_SCHEMA)
                .field("xmin", Schema.OPTIONAL_INT64_SCHEMA)
                .build();
        Schema envelope = SchemaBuilder.struct()
                .name("app.public.bench.Envelope")
                .field("before", row)
                .field("after", row)
                .field("source", source)
                .field("op", Schema.STRING_SCHEMA)
                .field("ts_ms", Schema.INT64_SCHEMA)
                .field("ts_us", Schema.INT64_SCHEMA)
                .field("ts_ns", Schema.INT64_SCHEMA)
                .build();
        return new Struct(envelope)
                .put("after", row(row))
                .put("source", source(source))
                .put("op", "c")
                .put("ts_ms", 1_795_790_000_000L)
                .put("ts_us", 1_795_790_000_000_000L)
                .put("ts_ns", 1_795_790_000_000_000_000L);
    }

    private static Struct row(Schema schema) {
        return new Struct(schema)
                .put("id", 1L)
                .put("customer", 42)
                .put("name", "Ada Lovelace, Analytical Engines")
                .put("amount", new BigDecimal("1234.56"))
                .put("paid", true)
                .put("created", "2026-11-23T20:00:00.000000Z")
                .put("note", "note ".repeat(34));
    }

    private static Struct source(Schema schema) {
        return new Struct(schema)
                .put("version", "3.6.0.Final")
                .put("connector", "postgresql")
                .put("name", "app")
                .put("ts_ms", 1_795_790_000_000L)
                .put("snapshot", "false")
                .put("db", "test_1")
                .put("sequence", "[\"95479880\",\"95479880\"]")
                .put("ts_us", 1_795_790_000_000_000L)
                .put("ts_ns", 1_795_790_000_000_000_000L)
                .put("schema", "public")
                .put("table", "bench")
                .put("txId", 12_345L)
                .put("lsn", 95_479_880L);
    }
}
