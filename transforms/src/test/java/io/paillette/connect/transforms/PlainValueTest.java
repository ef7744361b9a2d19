package io.paillette.connect.transforms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainValueTest {

    private static final Schema JSON =
            SchemaBuilder.string().name("io.debezium.data.Json").optional().build();

    @Test
    @SuppressWarnings("JavaUtilDate") // which is what Connect has
    void datesAndTimesAreThoseOfConnectAndOfJdbcAlike() {
        assertThat(PlainValue.of(Date.SCHEMA, new java.sql.Date(0))).isEqualTo("1970-01-01");
        assertThat(PlainValue.of(Date.SCHEMA, new java.util.Date(-1))).isEqualTo("1969-12-31");
        assertThat(PlainValue.of(Time.SCHEMA, new java.sql.Time(45_296_789))).isEqualTo("12:34:56.789");
        assertThat(PlainValue.of(Time.SCHEMA, new java.sql.Time(-3_600_000))).isEqualTo("23:00:00");
        assertThat(PlainValue.of(Time.SCHEMA, new java.util.Date(86_400_000 + 1_000)))
                .isEqualTo("00:00:01");
        assertThat(PlainValue.of(Timestamp.SCHEMA, new java.sql.Timestamp(1_500)))
                .isEqualTo("1970-01-01T00:00:01.500Z");
        assertThat(PlainValue.of(Timestamp.SCHEMA, new java.util.Date(0))).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(PlainValue.of(null, new java.sql.Date(0))).isEqualTo("1970-01-01T00:00:00Z");
    }

    @ParameterizedTest
    @CsvSource({
        "MicroTime, 45296789012, 12:34:56.789012",
        "MicroTime, 0, 00:00:00",
        "MicroTime, 86400000000, 24:00:00",
        "MicroTime, -3600000000, -01:00:00",
        "MicroTime, -1500000, -00:00:01.5",
        "MicroTime, 90000000000, 25:00:00",
        "MicroTime, 3020399000000, 838:59:59",
        "MicroTime, 9223372036854775807, 2562047788:00:54.775807",
        "MicroTime, -9223372036854775808, -2562047788:00:54.775808",
        "NanoTime, 45296789012345, 12:34:56.789012345",
        "NanoTime, -1, -00:00:00.000000001",
        "Time, -9223372036854775808, -2562047788015:12:55.808",
    })
    void aTimeThatIsNoneOfADayIsToldAsMySqlWritesIt(String name, long value, String told) {
        assertThat(PlainValue.of(named(SchemaBuilder.int64(), "io.debezium.time." + name), value))
                .isEqualTo(told);
    }

    @Test
    void aJsonNullIsNullAndWhatIsNoJsonIsItsText() {
        assertThat(PlainValue.of(JSON, "null")).isNull();
        assertThat(PlainValue.of(JSON, " null ")).isNull();
        assertThat(PlainValue.of(JSON, "\"null\"")).isEqualTo("null");
        assertThat(PlainValue.of(JSON, "{\"a\":null}")).isEqualTo(Collections.singletonMap("a", null));
        assertThat(PlainValue.of(JSON, "nul")).isEqualTo("nul");
        assertThat(PlainValue.of(JSON, "")).isEqualTo("");
        assertThat(PlainValue.of(JSON, null)).isNull();
    }

    @Test
    void whatStandsForALargeValueInBytesInAListAndInAMapIsThePlaceholder() {
        byte[] bytes = Placeholder.TEXT.getBytes(UTF_8);
        ByteBuffer buffer = ByteBuffer.wrap(("x" + Placeholder.TEXT).getBytes(UTF_8));
        buffer.get();
        Schema texts = SchemaBuilder.array(Schema.STRING_SCHEMA).build();
        Schema blobs = SchemaBuilder.array(Schema.BYTES_SCHEMA).build();
        Schema hstore =
                SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.STRING_SCHEMA).build();
        assertThat(Arrays.asList(
                        PlainValue.of(Schema.BYTES_SCHEMA, bytes),
                        PlainValue.of(Schema.BYTES_SCHEMA, buffer),
                        PlainValue.of(texts, List.of(Placeholder.TEXT)),
                        PlainValue.of(blobs, List.of(ByteBuffer.wrap(bytes))),
                        PlainValue.of(hstore, Map.of(Placeholder.TEXT, Placeholder.TEXT)),
                        PlainValue.of(JSON, Placeholder.TEXT)))
                .containsOnly(Placeholder.TEXT);
        assertThat(buffer.remaining()).as("nobody else's reading is moved on").isEqualTo(bytes.length);
        assertThat(PlainValue.of(texts, List.of(Placeholder.TEXT, "x"))).isEqualTo(List.of(Placeholder.TEXT, "x"));
        assertThat(PlainValue.of(Schema.BYTES_SCHEMA, new byte[] {1})).isEqualTo("AQ==");
    }

    @Test
    void whatCannotBeToldNamesItsFieldWhateverFails() {
        Schema day = named(SchemaBuilder.int64(), "io.debezium.time.Date");
        Schema decimal = SchemaBuilder.struct()
                .name("io.debezium.data.VariableScaleDecimal")
                .field("scale", Schema.INT32_SCHEMA)
                .field("value", Schema.OPTIONAL_BYTES_SCHEMA)
                .build();
        Schema row =
                SchemaBuilder.struct().field("due", day).field("total", decimal).build();
        Schema change = SchemaBuilder.struct().field("after", row).build();
        Struct total = new Struct(decimal).put("scale", 2).put("value", new byte[] {125});
        assertThat(PlainValue.of(row, new Struct(row).put("due", 1L).put("total", total)))
                .isEqualTo(Map.of("due", "1970-01-02", "total", new BigDecimal("1.25")));
        Struct late = new Struct(row).put("due", Long.MAX_VALUE).put("total", total);
        assertThatThrownBy(() -> PlainValue.of(change, new Struct(change).put("after", late)))
                .isInstanceOf(DataException.class)
                .hasMessage("after: due: a value that its type does not have, java.time.DateTimeException");
        Struct empty = new Struct(row).put("due", 1L).put("total", new Struct(decimal).put("scale", 2));
        assertThatThrownBy(() -> PlainValue.of(row, empty))
                .isInstanceOf(DataException.class)
                .hasMessage("total: a value that its type does not have, java.lang.NullPointerException");
    }

    private static Schema named(SchemaBuilder schema, String name) {
        return schema.name(name).optional().build();
    }
}
