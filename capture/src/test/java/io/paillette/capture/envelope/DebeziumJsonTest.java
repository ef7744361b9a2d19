package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.Rows.ORDERS;
import static io.paillette.capture.envelope.Rows.column;
import static io.paillette.capture.envelope.Rows.event;
import static io.paillette.capture.envelope.Rows.key;
import static io.paillette.capture.envelope.Rows.row;
import static io.paillette.capture.envelope.Rows.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.EventOrder;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.TransactionInfo.Origin;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.BinaryHandling;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Bits;
import io.paillette.capture.type.ColumnType.Enumeration;
import io.paillette.capture.type.ColumnType.Money;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import io.paillette.capture.type.DecimalHandling;
import io.paillette.capture.type.HstoreHandling;
import io.paillette.capture.type.IntervalHandling;
import io.paillette.capture.type.TimePrecision;
import io.paillette.capture.type.ValueHandling;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DebeziumJsonTest {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2024-02-29T12:34:57.000000001Z"));
    private static final String SOURCE =
            "\"source\":{\"version\":\"0.1\",\"connector\":\"postgresql\",\"name\":\"app\","
                    + "\"ts_ms\":1709210096789,\"snapshot\":\"false\",\"db\":\"shop\",\"sequence\":\"[\\\"100\\\",\\\"200\\\"]\","
                    + "\"ts_us\":1709210096789012,\"ts_ns\":1709210096789012000,\"schema\":\"public\",\"table\":\"orders\","
                    + "\"txId\":571,\"lsn\":200,\"xmin\":null,\"origin\":null,\"origin_lsn\":null},\"transaction\":null,";
    private static final String MADE =
            ",\"ts_ms\":1709210097000,\"ts_us\":1709210097000000,\"ts_ns\":1709210097000000001}";

    private final DebeziumJson json = json(ValueHandling.DEFAULT);

    @Test
    void anInsertIsWrittenFieldByFieldInDebeziumsOrder() {
        ChangeRecord record = only(event(Kind.INSERT, ORDERS, null, false, row("1", "a")));
        assertThat(text(json.key(record))).isEqualTo("{\"id\":1}");
        assertThat(text(json.value(record)))
                .isEqualTo("{\"before\":null,\"after\":{\"id\":1,\"note\":\"a\"}," + SOURCE + "\"op\":\"c\"" + MADE);
    }

    @Test
    void aDeleteHasTheOldKeyAndItsTombstoneNoValue() {
        List<ChangeRecord> records = ChangeRecords.of(event(Kind.DELETE, ORDERS, row("1", null), true, null));
        assertThat(text(json.value(records.get(0))))
                .isEqualTo("{\"before\":{\"id\":1,\"note\":null},\"after\":null," + SOURCE + "\"op\":\"d\"" + MADE);
        assertThat(text(json.key(records.get(1)))).isEqualTo("{\"id\":1}");
        assertThat(json.value(records.get(1))).isNull();
    }

    @Test
    void aChangedKeyIsLinkedByTheKeysThemselves() {
        List<ChangeRecord> records = ChangeRecords.of(event(Kind.UPDATE, ORDERS, row("1", null), true, row("2", "b")));
        assertThat(link(records.get(0))).isEqualTo("__debezium.newkey {\"id\":2}");
        assertThat(link(records.get(2))).isEqualTo("__debezium.oldkey {\"id\":1}");
        assertThat(text(json.key(records.get(2)))).isEqualTo("{\"id\":2}");
    }

    @Test
    void aTruncateHasNeitherKeyNorRows() {
        var truncate = new CaptureEvent.Truncate(
                List.of(ORDERS), false, false, Rows.TRANSACTION, new Lsn(200), 1, Rows.START, List.of());
        ChangeRecord record = ChangeRecords.of(truncate).get(0);
        assertThat(json.key(record)).isNull();
        assertThat(text(json.value(record)))
                .isEqualTo("{\"before\":null,\"after\":null," + SOURCE + "\"op\":\"t\"" + MADE);
    }

    @Test
    void aReadRowSaysSnapshotAndTheFirstTransactionHasNoPredecessor() throws IOException {
        var first = new TransactionInfo(
                0, Lsn.NONE, Instant.EPOCH.minusNanos(1000), Position.between(Lsn.NONE, SnapshotProgress.NOT_STARTED));
        var read = new CaptureEvent.Row(
                Kind.READ, ORDERS, null, false, row("1", "a"), first, new Lsn(-1), 0, first.start());
        JsonNode value = parsed(ChangeRecords.of(read).get(0));
        assertThat(value.get("op").asText()).isEqualTo("r");
        JsonNode source = value.get("source");
        assertThat(source.get("snapshot").asText()).isEqualTo("true");
        assertThat(source.get("sequence").asText()).isEqualTo("[null,\"-1\"]");
        assertThat(source.get("txId").isNull()).isTrue();
        assertThat(source.get("lsn").asLong()).isEqualTo(-1);
        assertThat(source.get("ts_us").asLong()).isEqualTo(-1);
        assertThat(source.get("ts_ns").asLong()).isEqualTo(-1000);
        assertThat(source.get("ts_ms").asLong()).isEqualTo(-1);
    }

    @Test
    void bothHalvesOfAChangedKeyHaveTheirPlaceInTheTransaction() throws IOException {
        var moved = new CaptureEvent.Row(
                        Kind.UPDATE,
                        ORDERS,
                        row("1", null),
                        true,
                        row("2", "b"),
                        Rows.TRANSACTION,
                        new Lsn(200),
                        1,
                        Rows.START)
                .placed(List.of(new EventOrder(4, 2), new EventOrder(5, 3)));
        List<ChangeRecord> records = ChangeRecords.of(moved);
        assertThat(parsed(records.get(0)).get("transaction").toString())
                .isEqualTo("{\"id\":\"571:300\",\"total_order\":4,\"data_collection_order\":2}");
        assertThat(json.value(records.get(1))).isNull();
        assertThat(parsed(records.get(2)).get("transaction").toString())
                .isEqualTo("{\"id\":\"571:300\",\"total_order\":5,\"data_collection_order\":3}");
    }

    @Test
    void theSourceOfWhatWasReplicatedNamesItsOrigin() throws IOException {
        var replicated = new CaptureEvent.Row(
                Kind.INSERT,
                ORDERS,
                null,
                false,
                row("1", "a"),
                Rows.TRANSACTION.from(new Origin("pg_\"16\"", new Lsn(4711))),
                new Lsn(200),
                1,
                Rows.START);
        JsonNode source = parsed(ChangeRecords.of(replicated).get(0)).get("source");
        assertThat(source.get("xmin").isNull()).isTrue();
        assertThat(source.get("origin").asText()).isEqualTo("pg_\"16\"");
        assertThat(source.get("origin_lsn").asLong()).isEqualTo(4711);
        assertThat(source.size()).isEqualTo(16);
    }

    @Test
    void aNewShapeOfATableIsNoticed() throws IOException {
        json.value(only(event(Kind.INSERT, ORDERS, null, false, row("1", "a"))));
        Relation wider = table("orders", ReplicaIdentity.DEFAULT, key("id", Scalar.INT4), column("total", Scalar.INT8));
        JsonNode value = parsed(only(event(Kind.INSERT, wider, null, false, row("1", "2"))));
        assertThat(value.get("after").toString()).isEqualTo("{\"id\":1,\"total\":2}");
    }

    @Test
    void namesAndTextsAreEscaped() throws IOException {
        Relation odd = table("a\"b\\c\n", ReplicaIdentity.DEFAULT, column("k\"\u0001é", Scalar.TEXT));
        JsonNode value =
                parsed(only(event(Kind.INSERT, odd, null, false, row("\u0000\u001f\"\\/\b\f\n\r\t\u007fü😀"))));
        assertThat(value.get("source").get("table").asText()).isEqualTo("a\"b\\c\n");
        assertThat(value.get("after").get("k\"\u0001é").asText()).isEqualTo("\u0000\u001f\"\\/\b\f\n\r\t\u007fü😀");
    }

    @Test
    void anyTextComesBackFromItsJson() throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var mapper = new ObjectMapper();
        for (int i = 0; i < 5_000; i++) {
            String text = random.ints(random.nextInt(60), 0, 0x180)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            byte[] written = new JsonBytes().string(text).toBytes();
            assertThat(text(written)).as("seed %d", seed).isEqualTo(mapper.writeValueAsString(text));
        }
    }

    @Test
    void longNumbersAreWrittenDigitByDigit() {
        for (long value :
                new long[] {0, 1, 9, 10, 99, 100, -1, -10, Long.MAX_VALUE, Long.MIN_VALUE, 1_000_000_000_000_000_000L
                }) {
            assertThat(text(new JsonBytes().number(value).toBytes())).isEqualTo(Long.toString(value));
        }
    }

    @Test
    void shortNumbersAreTheSameBase64AsTheirLongForm() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            long value = random.nextLong() >> random.nextInt(64);
            byte[] expected = BigInteger.valueOf(value).toByteArray();
            assertThat(text(new JsonBytes().base64(value).toBytes()))
                    .as("seed %d, %d", seed, value)
                    .isEqualTo(text(new JsonBytes().base64(expected).toBytes()));
        }
    }

    @Test
    void numericsOfAnyLengthAreTheirUnscaledBytes() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            var value = new BigDecimal(new BigInteger(random.nextInt(90), random), random.nextInt(12));
            value = random.nextBoolean() ? value : value.negate();
            assertThat(written(new Numeric(38, value.scale()), value.toPlainString()))
                    .as("seed %d", seed)
                    .isEqualTo(base64(value));
            BigDecimal stripped = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
            BigDecimal shown = stripped.scale() < 0 ? stripped.setScale(0) : stripped;
            assertThat(written(new Numeric(-1, -1), value.toPlainString()))
                    .as("seed %d", seed)
                    .isEqualTo("{\"scale\":" + shown.scale() + ",\"value\":" + base64(shown) + "}");
        }
    }

    private static String base64(BigDecimal value) {
        return text(new JsonBytes().base64(value.unscaledValue().toByteArray()).toBytes());
    }

    @Test
    void everyTypeHasItsJson() {
        assertThat(written(Scalar.BOOL, "t")).isEqualTo("true");
        assertThat(written(Scalar.INT8, "-9223372036854775808")).isEqualTo("-9223372036854775808");
        assertThat(written(Scalar.OID, "4294967295")).isEqualTo("4294967295");
        assertThat(written(Scalar.FLOAT8, "1")).isEqualTo("1.0");
        assertThat(written(Scalar.FLOAT8, "1e+20")).isEqualTo("1e+20");
        assertThat(written(Scalar.FLOAT8, "NaN")).isEqualTo("\"NaN\"");
        assertThat(written(Scalar.FLOAT4, "-Infinity")).isEqualTo("\"-Infinity\"");
        assertThat(written(Scalar.BYTEA, "\\x01ff")).isEqualTo("\"Af8=\"");
        assertThat(written(Scalar.DATE, "1970-01-02")).isEqualTo("1");
        assertThat(written(new Time(3, false), "00:00:01.5")).isEqualTo("1500");
        assertThat(written(new Time(6, false), "24:00:00")).isEqualTo("86400000000");
        assertThat(written(new Time(6, true), "12:00:00+02")).isEqualTo("\"10:00:00Z\"");
        assertThat(written(new Timestamp(3, false), "1969-12-31 23:59:59.999")).isEqualTo("-1");
        assertThat(written(new Timestamp(6, false), "1970-01-01 00:00:01")).isEqualTo("1000000");
        assertThat(written(new Timestamp(6, true), "1970-01-01 00:00:01+00"))
                .isEqualTo("\"1970-01-01T00:00:01.000000Z\"");
        assertThat(written(new Bits(1), "1")).isEqualTo("true");
        assertThat(written(new Bits(12), "100000000011")).isEqualTo("\"Awg=\"");
        assertThatThrownBy(() -> written(new Bits(2), "12")).hasMessageContaining("bit string");
        assertThat(written(Scalar.POINT, "(1,-2.5)"))
                .isEqualTo("{\"x\":1.0,\"y\":-2.5,\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAATA\",\"srid\":null}");
        assertThat(written(Scalar.POINT, "(NaN,Infinity)")).startsWith("{\"x\":\"NaN\",\"y\":\"Infinity\",");
        assertThatThrownBy(() -> written(Scalar.POINT, "(1)")).hasMessageContaining("point");
        assertThat(written(Scalar.JSON, "{\"a\": 1}")).isEqualTo("\"{\\\"a\\\": 1}\"");
        assertThat(written(new Enumeration(List.of("x")), "x")).isEqualTo("\"x\"");
        assertThat(written(new Array(Scalar.INT4), "{{1,NULL},{3,4}}")).isEqualTo("[[1,null],[3,4]]");
        assertThat(written(new Array(Scalar.TEXT), "{a,\"b,\\\"c\"}")).isEqualTo("[\"a\",\"b,\\\"c\"]");
        assertThat(written(new Array(Scalar.TEXT), "{}")).isEqualTo("[]");
    }

    @Test
    void numericsFollowTheChosenMode() {
        assertThat(written(new Numeric(10, 2), "1.50")).isEqualTo("\"AJY=\"");
        assertThat(written(new Numeric(-1, -1), "1.50")).isEqualTo("{\"scale\":1,\"value\":\"Dw==\"}");
        assertThat(written(new Numeric(10, 2), "1.50", ValueHandling.DEFAULT.with(DecimalHandling.STRING)))
                .isEqualTo("\"1.50\"");
        assertThat(written(new Numeric(10, 2), "1.50", ValueHandling.DEFAULT.with(DecimalHandling.DOUBLE)))
                .isEqualTo("1.5");
        assertThat(written(new Numeric(10, 2), "NaN", ValueHandling.DEFAULT.with(DecimalHandling.DOUBLE)))
                .isEqualTo("\"NaN\"");
    }

    @Test
    void timesFollowTheChosenMode() {
        assertThat(inModes(Scalar.DATE, "2017-09-15"))
                .containsExactly("17424", "17424", "17424", "\"2017-09-15Z\"", "17424", "17424");
        assertThat(inModes(new Time(3, false), "12:34:56.7"))
                .containsExactly(
                        "45296700", "45296700000", "45296700", "\"12:34:56.7Z\"", "45296700000", "45296700000000");
        assertThat(inModes(new Time(6, false), "12:34:56.000001"))
                .containsExactly(
                        "45296000001",
                        "45296000001",
                        "45296000",
                        "\"12:34:56.000001Z\"",
                        "45296000001",
                        "45296000001000");
        assertThat(inModes(new Timestamp(0, false), "2017-09-15 12:34:56"))
                .containsExactly(
                        "1505478896000",
                        "1505478896000",
                        "1505478896000",
                        "\"2017-09-15T12:34:56Z\"",
                        "1505478896000000",
                        "1505478896000000000");
        assertThat(inModes(new Timestamp(6, false), "1969-12-31 23:59:59.999999"))
                .containsExactly("-1", "-1", "-1", "\"1969-12-31T23:59:59.999999Z\"", "-1", "-1000");
        assertThat(inModes(new Timestamp(6, true), "2017-09-15 12:34:56+00"))
                .containsOnly("\"2017-09-15T12:34:56.000000Z\"");
        assertThat(inModes(new Array(new Time(6, false)), "{00:00:00.000001}"))
                .containsExactly("[1]", "[1]", "[0]", "[\"00:00:00.000001Z\"]", "[1]", "[1000]");
    }

    @Test
    void whatAModeOfTimeCannotHoldIsToldWithWhatCan() {
        assertThatThrownBy(() -> written(new Time(6, false), "24:00:00", times(TimePrecision.CONNECT)))
                .hasMessageContaining("time 24:00:00 has no form in Connect's Time; set time.precision.mode");
        assertThatThrownBy(() -> written(
                        new Timestamp(6, false), "2262-04-11 23:47:16.854776", times(TimePrecision.NANOSECONDS)))
                .hasMessageContaining("beyond 64 bits of nanoseconds (1677 to 2262); set time.precision.mode");
        assertThat(written(new Timestamp(6, false), "infinity", times(TimePrecision.NANOSECONDS)))
                .isEqualTo("9223372036854775807");
        assertThat(written(new Timestamp(6, false), "-infinity", times(TimePrecision.ISOSTRING)))
                .isEqualTo("\"-infinity\"");
    }

    @Test
    void intervalsFollowTheChosenMode() {
        String every = "-1 years -2 mons +3 days -04:05:06.5";
        assertThat(written(Scalar.INTERVAL, every)).isEqualTo("-36572706500000");
        assertThat(written(Scalar.INTERVAL, "infinity")).isEqualTo("9223372036854775807");
        assertThatThrownBy(() -> written(Scalar.INTERVAL, "178000000 years"))
                .hasMessageContaining("beyond 64 bits of microseconds; set interval.handling.mode to string");
        ValueHandling text = ValueHandling.DEFAULT.with(IntervalHandling.STRING);
        assertThat(written(Scalar.INTERVAL, every, text)).isEqualTo("\"P-1Y-2M3DT-4H-5M-6.5S\"");
        assertThat(written(Scalar.INTERVAL, "00:00:00", text)).isEqualTo("\"P0Y0M0DT0H0M0S\"");
        assertThat(written(Scalar.INTERVAL, "-00:00:00.000001", text)).isEqualTo("\"P0Y0M0DT0H0M-0.000001S\"");
        assertThat(written(Scalar.INTERVAL, "-infinity", text)).isEqualTo("\"-infinity\"");
        assertThat(written(new Array(Scalar.INTERVAL), "{NULL,\"1 mon 1 day\"}", text))
                .isEqualTo("[null,\"P0Y1M1DT0H0M0S\"]");
    }

    @Test
    void hstoresFollowTheChosenMode() {
        String pairs = "\"a\"=>\"1\", \"b \\\" \\\\ \n\u0001é\"=>NULL, \"\"=>\"NULL\"";
        String object = "{\"a\":\"1\",\"b \\\" \\\\ \\n\\u0001é\":null,\"\":\"NULL\"}";
        assertThat(written(Scalar.HSTORE, pairs, ValueHandling.DEFAULT.with(HstoreHandling.MAP)))
                .isEqualTo(object);
        assertThat(written(Scalar.HSTORE, pairs))
                .isEqualTo(text(new JsonBytes().string(object).toBytes()));
        assertThat(written(Scalar.HSTORE, "")).isEqualTo("\"{}\"");
        assertThatThrownBy(() -> written(Scalar.HSTORE, "\"a\"=>1")).hasMessageContaining("is not an hstore (byte 5)");
    }

    @Test
    void bytesFollowTheChosenMode() {
        assertThat(Stream.of(BinaryHandling.values())
                        .map(mode -> written(Scalar.BYTEA, "\\xfbff", ValueHandling.DEFAULT.with(mode))))
                .containsExactly("\"+/8=\"", "\"+/8=\"", "\"-_8=\"", "\"fbff\"");
    }

    @Test
    void moneyIsADecimalWithTheFractionOfItsDatabase() {
        assertThat(written(new Money(2), "-$1,234.50")).isEqualTo("\"/h3G\"");
        assertThat(written(new Money(2), "$0.00")).isEqualTo("\"AA==\"");
        var text = ValueHandling.DEFAULT.with(DecimalHandling.STRING);
        assertThat(written(new Money(2), "-$1,234.50", text)).isEqualTo("\"-1234.50\"");
        assertThat(written(new Money(0), "-$1,234.50", text)).isEqualTo("\"-123450\"");
        assertThat(written(new Money(3), "$0.05", text)).isEqualTo("\"0.005\"");
        assertThat(written(new Money(2), "-$92,233,720,368,547,758.08", text)).isEqualTo("\"-92233720368547758.08\"");
        assertThat(written(new Money(2), "-$92,233,720,368,547,758.08")).isEqualTo("\"gAAAAAAAAAA=\"");
        assertThat(written(new Money(2), "$1.50", ValueHandling.DEFAULT.with(DecimalHandling.DOUBLE)))
                .isEqualTo("1.5");
        assertThat(written(new Array(new Money(2)), "{$1.50,NULL}", text)).isEqualTo("[\"1.50\",null]");
        for (String none : List.of("", "$", "1.50", "1,50 €", "$1,5", "$x.00", "($1.50)")) {
            assertThatThrownBy(() -> written(new Money(2), none)).isInstanceOf(BadValueException.class);
        }
    }

    /** Texts that PostGIS 3.3 and pgvector 0.8 write. */
    @Test
    void geometriesAndVectorsHaveDebeziumsForms() {
        assertThat(written(Scalar.GEOMETRY, "0101000000000000000000F03F0000000000000040"))
                .isEqualTo("{\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":null}");
        assertThat(written(Scalar.GEOGRAPHY, "0101000020E610000000000000000000000000000000000000"))
                .endsWith(",\"srid\":4326}");
        assertThat(written(Scalar.GEOMETRY, "002000000100000D030000000000000000000000000000000000")
                        .substring(0, 9))
                .isEqualTo("{\"wkb\":\"A");
        assertThat(written(Scalar.GEOMETRY, "002000000100000D030000000000000000000000000000000000"))
                .endsWith(",\"srid\":3331}");
        assertThat(written(new Array(Scalar.GEOMETRY), "{010700000000000000:NULL}"))
                .isEqualTo("[{\"wkb\":\"AQcAAAAAAAAA\",\"srid\":null},null]");
        assertThat(written(Scalar.VECTOR, "[1,-2.5,1e-05]")).isEqualTo("[1.0,-2.5,1e-05]");
        assertThat(written(Scalar.HALFVEC, "[0.1]")).isEqualTo("[0.1]");
        assertThat(written(Scalar.SPARSEVEC, "{1:1,3:-2.5}/5"))
                .isEqualTo("{\"dimensions\":5,\"vector\":[[1,1.0],[3,-2.5]]}");
        assertThat(written(Scalar.SPARSEVEC, "{}/5")).isEqualTo("{\"dimensions\":5,\"vector\":[]}");
        for (String none : List.of("", "01", "zz01000000", "0201000000000000", "POINT(1 2)")) {
            assertThatThrownBy(() -> written(Scalar.GEOMETRY, none)).hasMessageContaining("is not a geometry");
        }
        for (String none : List.of("", "[", "1,2", "{1}")) {
            assertThatThrownBy(() -> written(Scalar.VECTOR, none)).hasMessageContaining("is not a vector");
        }
        for (String none : List.of("", "/5", "{1:1}", "{1}/5", "1:1/5", "{1:1/5")) {
            assertThatThrownBy(() -> written(Scalar.SPARSEVEC, none)).isInstanceOf(BadValueException.class);
        }
    }

    @Test
    void aBadValueIsToldWithTableAndColumn() {
        assertThatThrownBy(() -> written(new Numeric(10, 2), "NaN"))
                .isInstanceOf(BadValueException.class)
                .hasMessageContaining("column public.one.c: numeric NaN has no exact form");
    }

    @Test
    void anUnavailableValueHasAFormThatItsTypeAllows() {
        String p = "__debezium_unavailable_value";
        String base64 = Base64.getEncoder().encodeToString(p.getBytes(StandardCharsets.UTF_8));
        assertThat(written(Scalar.TEXT, "?")).isEqualTo("\"" + p + "\"");
        assertThat(written(Scalar.JSON, "?")).isEqualTo("\"" + p + "\"");
        assertThat(written(new Bits(8), "?")).isEqualTo("\"Xw==\"");
        assertThat(written(Scalar.OTHER, "?")).isEqualTo("\"" + p + "\"");
        assertThat(written(Scalar.BYTEA, "?")).isEqualTo("\"" + base64 + "\"");
        assertThat(written(new Numeric(10, 2), "?")).isEqualTo("\"" + base64 + "\"");
        assertThat(written(new Numeric(-1, -1), "?")).isEqualTo("{\"scale\":0,\"value\":\"" + base64 + "\"}");
        assertThat(written(new Numeric(5, -2), "?")).isEqualTo("\"" + base64 + "\"");
        assertThat(new BigInteger(Base64.getDecoder().decode(base64))).isPositive();
        assertThat(written(new Numeric(-1, -1), "?", ValueHandling.DEFAULT.with(DecimalHandling.STRING)))
                .isEqualTo("\"" + p + "\"");
        assertThat(written(new Numeric(-1, -1), "?", ValueHandling.DEFAULT.with(DecimalHandling.DOUBLE)))
                .isEqualTo("\"NaN\"");
        assertThat(written(new Array(Scalar.TEXT), "?")).isEqualTo("[\"" + p + "\"]");
        assertThat(written(new Array(Scalar.BYTEA), "?")).isEqualTo("[\"" + base64 + "\"]");
        assertThat(written(new Array(Scalar.BOOL), "?")).isEqualTo("[null]");
        assertThat(written(new Array(Scalar.INT4), "?"))
                .startsWith("[95,95,100,")
                .endsWith(",101]");
        assertThat(written(new Array(Scalar.FLOAT8), "?")).startsWith("[95.0,95.0,100.0,");
        assertThat(written(new Array(Scalar.DATE), "?")).startsWith("[95,95,100,");
        assertThat(written(new Array(new Time(3, false)), "?")).startsWith("[95,95,100,");
        assertThat(written(new Array(new Timestamp(6, false)), "?")).startsWith("[95,95,100,");
        assertThat(written(new Array(new Time(6, true)), "?")).startsWith("[\"00:00:00.000095Z\",");
        assertThat(written(new Array(new Timestamp(6, true)), "?")).startsWith("[\"1970-01-01T00:00:00.000095Z\",");
        assertThat(written(Scalar.GEOMETRY, "?")).isEqualTo("{\"wkb\":\"" + base64 + "\",\"srid\":null}");
        assertThat(written(new Array(Scalar.GEOGRAPHY), "?")).isEqualTo("[{\"wkb\":\"" + base64 + "\",\"srid\":null}]");
        assertThat(written(Scalar.VECTOR, "?")).startsWith("[95.0,95.0,100.0,").endsWith(",101.0]");
        assertThat(written(Scalar.SPARSEVEC, "?")).startsWith("{\"dimensions\":28,\"vector\":[[1,95.0],[2,95.0],");
        assertThat(written(Scalar.HSTORE, "?")).isEqualTo("\"{\\\"" + p + "\\\":\\\"" + p + "\\\"}\"");
        assertThat(written(new Array(Scalar.HSTORE), "?")).isEqualTo("[\"{\\\"" + p + "\\\":\\\"" + p + "\\\"}\"]");
        assertThat(written(new Array(Scalar.INTERVAL), "?")).startsWith("[95,95,100,");
        assertThat(written(new Array(Scalar.UUID), "?")).matches("\\[\"[0-9a-f-]{36}\"]");
        assertThat(written(new Array(new Enumeration(List.of())), "?")).isEqualTo("[\"" + p + "\"]");
        assertThat(written(new Array(new Numeric(-1, -1)), "?")).startsWith("[{\"scale\":0,");
        assertThatThrownBy(() -> written(Scalar.INT4, "?")).hasMessageContaining("never TOASTed");
    }

    /** By each mode of time, in the order in which Debezium's documentation names them. */
    private static List<String> inModes(ColumnType type, String text) {
        return Stream.of(TimePrecision.values())
                .map(mode -> written(type, text, times(mode)))
                .toList();
    }

    private static ValueHandling times(TimePrecision mode) {
        return ValueHandling.DEFAULT.with(mode);
    }

    private static String written(ColumnType type, String text) {
        return written(type, text, ValueHandling.DEFAULT);
    }

    private static String written(ColumnType type, String text, ValueHandling handling) {
        Relation one = table("one", ReplicaIdentity.DEFAULT, column("c", type));
        String value = text(json(handling).value(only(event(Kind.INSERT, one, null, false, row(text)))));
        return value.substring("{\"before\":null,\"after\":{\"c\":".length(), value.indexOf("},\"source\":"));
    }

    private static DebeziumJson json(ValueHandling handling) {
        return new DebeziumJson("0.1", "app", "shop", handling, CLOCK);
    }

    private static ChangeRecord only(CaptureEvent.Row row) {
        List<ChangeRecord> records = ChangeRecords.of(row);
        assertThat(records).hasSize(1);
        return records.get(0);
    }

    private String link(ChangeRecord record) {
        KeyLink link = Objects.requireNonNull(record.link());
        return link.header() + " " + text(json.link(record, link));
    }

    private JsonNode parsed(ChangeRecord record) throws IOException {
        return new ObjectMapper().readTree(json.value(record));
    }

    private static String text(byte @Nullable [] utf8) {
        assertThat(utf8).isNotNull();
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
