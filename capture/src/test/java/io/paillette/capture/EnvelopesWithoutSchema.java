package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.capture.envelope.ChangeJson;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.RowJson;
import io.paillette.capture.envelope.Wal2Json;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ValueHandling;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compares what the envelopes without a schema say of rows with the text that Postgres gave of them. */
final class EnvelopesWithoutSchema {

    private static final ObjectMapper EXACT =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private final RowJson rows = new RowJson(ValueHandling.PLAIN);
    private final ChangeJson changes = new ChangeJson("app", "db", Object::toString, ValueHandling.PLAIN);
    private final Wal2Json wal2json = new Wal2Json(ValueHandling.PLAIN);
    private final List<String> differences = new ArrayList<>();

    private EnvelopesWithoutSchema() {}

    /** Of inserts and rows that are read. */
    static List<String> differences(List<CaptureEvent> events) throws IOException {
        var compared = new EnvelopesWithoutSchema();
        for (CaptureEvent event : events) {
            if (event instanceof CaptureEvent.Row row) {
                compared.compare(ChangeRecords.of(row).get(0));
            }
        }
        return compared.differences;
    }

    private void compare(ChangeRecord record) throws IOException {
        JsonNode plain = EXACT.readTree(rows.value(record));
        assertThat(EXACT.readTree(changes.value(record)).get("record")).isEqualTo(plain);
        JsonNode written = EXACT.readTree(wal2json.value(record)).get("columns");
        List<Column> columns = record.relation().columns();
        for (int c = 0; c < columns.size(); c++) {
            byte[] value = Objects.requireNonNull(record.after()).value(c);
            String text = value == null ? null : new String(value, StandardCharsets.UTF_8);
            JsonNode raw = written.get(c).get("value");
            JsonNode told = plain.get(columns.get(c).name());
            if (!isText(raw, text) || !isPlain(columns.get(c).type(), told, text)) {
                differences.add(columns.get(c) + ": " + text + " told as " + raw + " and " + told);
            }
        }
    }

    private static boolean isPlain(ColumnType type, JsonNode told, @Nullable String text) throws IOException {
        if (text != null && type == ColumnType.Scalar.JSON) {
            return told.equals(EXACT.readTree(text));
        }
        return !(type instanceof ColumnType.Numeric) || isText(told, text);
    }

    private static boolean isText(JsonNode value, @Nullable String text) {
        if (text == null || value.isNull()) {
            return text == null && value.isNull();
        }
        if (value.isNumber()) {
            return value.decimalValue().compareTo(new BigDecimal(text)) == 0;
        }
        if (value.isBoolean()) {
            return text.equals(value.asBoolean() ? "t" : "f");
        }
        return value.asText().equals(text) || text.equals("\\x" + value.asText());
    }
}
