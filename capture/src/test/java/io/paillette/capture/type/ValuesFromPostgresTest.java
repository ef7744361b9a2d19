package io.paillette.capture.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we make of a value's text, compared with what SQL says of the value. */
class ValuesFromPostgresTest {

    private TextSession sql;

    @BeforeEach
    void connect() throws SQLException {
        sql = new TextSession();
    }

    @AfterEach
    void disconnect() throws SQLException {
        sql.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1970-01-01",
                "1969-12-31",
                "2000-02-29",
                "1900-03-01",
                "0001-01-01",
                "0001-12-31 BC",
                "0005-02-29 BC",
                "0004-02-28 BC",
                "4713-11-24 BC",
                "9999-12-31",
                "10000-01-01",
                "99999-06-30",
                "5874897-12-31"
            })
    void aDateIsDaysSince1970AsSqlCountsThem(String date) throws SQLException {
        String days = sql.string("date '" + date + "' - date '1970-01-01'");
        assertThat(TemporalText.epochDays(sql.text("date '" + date + "'"))).isEqualTo(Integer.parseInt(days));
    }

    @Test
    void everyDayOfRandomYearsIsCountedRight() throws SQLException {
        long seed = System.nanoTime();
        int from = new Random(seed).nextInt(-2_440_000, 2_000_000);
        String[] dates = sql.string("select string_agg((date '1970-01-01' + " + from + " + i)::text, '|' order by i)"
                        + " from generate_series(0, 20000) i")
                .split("\\|", -1);
        for (int i = 0; i < dates.length; i++) {
            assertThat(TemporalText.epochDays(dates[i].getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                    .as("seed %d: %s", seed, dates[i])
                    .isEqualTo(from + i);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1970-01-01 00:00:00", "1969-12-31 23:59:59.999999", "2024-02-29 12:34:56.7", "0044-03-15 12:00 BC",
                "4713-11-24 00:00 BC", "1582-10-10 01:02:03.000001", "10000-01-01", "99999-12-31 23:59:59.999999"
            })
    void aTimestampIsMicrosecondsSince1970WithAndWithoutZone(String stamp) throws SQLException {
        // Not extract(epoch ...), which is a double before Postgres 14: the interval's parts are exact.
        String micros = sql.string("select (extract(day from d)::int8 * 86400000000)"
                + " + extract(hour from d)::int8 * 3600000000 + extract(minute from d)::int8 * 60000000"
                + " + extract(microseconds from d)::int8"
                + " from (select timestamp '" + stamp + "' - timestamp '1970-01-01' as d) x");
        assertThat(TemporalText.epochMicros(sql.text("timestamp '" + stamp + "'")))
                .isEqualTo(Long.parseLong(micros));
        assertThat(TemporalText.epochMicros(sql.text("timestamptz '" + zoned(stamp) + "'")))
                .isEqualTo(Long.parseLong(micros));
    }

    @Test
    void theLastTimestampOfPostgresHasTextButNoMicroseconds() throws SQLException {
        byte[] last = sql.text("timestamp '294276-12-31 23:59:59.999999'");
        assertThatThrownBy(() -> TemporalText.epochMicros(last)).hasMessageContaining("beyond 64 bits");
        assertThat(TemporalText.iso(last)).isEqualTo("+294276-12-31T23:59:59.999999Z");
        assertThat(stamptz("294276-12-31 23:59:59.999999+00", 6)).isEqualTo("+294276-12-31T23:59:59.999999Z");
        assertThat(stamptz("4714-11-24 00:00:00+00 BC", 0)).isEqualTo("-4713-11-24T00:00:00Z");
        assertThat(TemporalText.epochMicros(sql.text("timestamp '294247-01-10 04:00:54.775807'")))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aTimestampInAnotherSessionZoneIsTheSameInstant() throws SQLException {
        long expected = TemporalText.epochMicros(sql.text("timestamptz '1880-07-01 12:00:00.5+00'"));
        for (String zone : List.of("Asia/Kathmandu", "America/St_Johns", "Europe/Amsterdam", "Pacific/Apia")) {
            sql.execute("set timezone to '" + zone + "'");
            byte[] text = sql.text("timestamptz '1880-07-01 12:00:00.5+00'");
            assertThat(TemporalText.epochMicros(text)).as(zone).isEqualTo(expected);
        }
    }

    @Test
    void precisionDecidesBetweenMillisecondsAndMicroseconds() throws SQLException {
        byte[] stamp = sql.text("timestamp(3) '1969-12-31 23:59:59.999'");
        assertThat(read(new Timestamp(3, false), stamp)).isEqualTo(-1L);
        assertThat(read(new Timestamp(6, false), stamp)).isEqualTo(-1000L);
        byte[] time = sql.text("time(3) '23:59:59.999'");
        assertThat(read(new Time(3, false), time)).isEqualTo(86_399_999);
        assertThat(read(new Time(4, false), time)).isEqualTo(86_399_999_000L);
    }

    @Test
    void zonedTimestampsAreIsoTextInUtc() throws SQLException {
        assertThat(stamptz("2024-02-29 12:34:56.789+02", 6)).isEqualTo("2024-02-29T10:34:56.789000Z");
        assertThat(stamptz("2024-02-29 12:34:56.789+02", 3)).isEqualTo("2024-02-29T10:34:56.789Z");
        assertThat(stamptz("2024-02-29 12:34:56+00", 0)).isEqualTo("2024-02-29T12:34:56Z");
        assertThat(stamptz("0044-03-15 12:00:00+00 BC", 6)).isEqualTo("-0043-03-15T12:00:00.000000Z");
        assertThat(stamptz("12345-01-01 00:00:00+00", 6)).isEqualTo("+12345-01-01T00:00:00.000000Z");
        assertThat(stamptz("infinity", 6)).isEqualTo("infinity");
        assertThat(stamptz("-infinity", 6)).isEqualTo("-infinity");
    }

    @Test
    void zonedTimesAreIsoTextInUtc() throws SQLException {
        assertThat(timetz("12:34:56.780+02")).isEqualTo("10:34:56.78Z");
        assertThat(timetz("01:00:00+15:59")).isEqualTo("09:01:00Z");
        assertThat(timetz("23:00:00-15:59:59")).isEqualTo("14:59:59Z");
        assertThat(timetz("24:00:00+00")).isEqualTo("24:00:00Z");
        assertThat(timetz("00:00:00+00")).isEqualTo("00:00:00Z");
    }

    @Test
    void infinityAndTheEndOfDayKeepValuesOfTheirOwn() throws SQLException {
        assertThat(read(Scalar.DATE, sql.text("date 'infinity'"))).isEqualTo(Integer.MAX_VALUE);
        assertThat(read(Scalar.DATE, sql.text("date '-infinity'"))).isEqualTo(Integer.MIN_VALUE);
        var micros = new Timestamp(6, false);
        assertThat(read(micros, sql.text("timestamp 'infinity'"))).isEqualTo(9_223_372_036_825_200_000L);
        assertThat(read(micros, sql.text("timestamp '-infinity'"))).isEqualTo(-9_223_372_036_832_400_000L);
        assertThat(read(new Timestamp(3, false), sql.text("timestamp 'infinity'")))
                .isEqualTo(9_223_372_036_825_200L);
        assertThat(read(new Time(6, false), sql.text("time '24:00'"))).isEqualTo(86_400_000_000L);
        assertThat(read(new Time(0, false), sql.text("time '24:00'"))).isEqualTo(86_400_000);
    }

    @Test
    void integersReachBothEnds() throws SQLException {
        assertThat(read(Scalar.INT2, sql.text("(-32768)::int2"))).isEqualTo(Short.MIN_VALUE);
        assertThat(read(Scalar.INT4, sql.text("2147483647"))).isEqualTo(Integer.MAX_VALUE);
        assertThat(read(Scalar.INT4, sql.text("(-2147483648)::int4"))).isEqualTo(Integer.MIN_VALUE);
        assertThat(read(Scalar.INT8, sql.text("9223372036854775807"))).isEqualTo(Long.MAX_VALUE);
        assertThat(read(Scalar.INT8, sql.text("(-9223372036854775808)::int8"))).isEqualTo(Long.MIN_VALUE);
        assertThat(read(Scalar.OID, sql.text("4294967295::oid"))).isEqualTo(4_294_967_295L);
    }

    @Test
    void floatsAreReadToTheLastBit() throws SQLException {
        assertThat(read(Scalar.FLOAT8, sql.text("float8 '4.9406564584124654e-324'")))
                .isEqualTo(Double.MIN_VALUE);
        assertThat(read(Scalar.FLOAT8, sql.text("float8 '1.7976931348623157e308'")))
                .isEqualTo(Double.MAX_VALUE);
        assertThat(read(Scalar.FLOAT8, sql.text("float8 '-0'"))).isEqualTo(-0.0);
        assertThat(read(Scalar.FLOAT8, sql.text("float8 'nan'"))).isEqualTo(Double.NaN);
        assertThat(read(Scalar.FLOAT4, sql.text("float4 '-infinity'"))).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(read(Scalar.FLOAT4, sql.text("float4 '3.4028235e38'"))).isEqualTo(Float.MAX_VALUE);
        assertThat(read(Scalar.FLOAT4, sql.text("float4 '0.1'"))).isEqualTo(0.1f);
    }

    @Test
    void numericsAreExactWithTheirColumnsScaleOrStripped() throws SQLException {
        assertThat(read(new Numeric(10, 2), sql.text("1.5::numeric(10,2)"))).isEqualTo(new BigDecimal("1.50"));
        assertThat(read(new Numeric(-1, -1), sql.text("1500.2500::numeric"))).isEqualTo(new BigDecimal("1500.25"));
        assertThat(read(new Numeric(-1, -1), sql.text("1500.000::numeric"))).isEqualTo(new BigDecimal("1500"));
        String digits = "1234567890".repeat(100);
        assertThat(read(new Numeric(-1, -1), sql.text(digits + "1.000000001")))
                .isEqualTo(new BigDecimal(digits + "1.000000001"));
        assertThat(ValueReader.of(new Numeric(10, 2), ValueHandling.DEFAULT.with(DecimalHandling.STRING))
                        .read(sql.text("1.5::numeric(10,2)")))
                .isEqualTo("1.50");
        assertThat(ValueReader.of(new Numeric(10, 2), ValueHandling.DEFAULT.with(DecimalHandling.DOUBLE))
                        .read(sql.text("1.5::numeric(10,2)")))
                .isEqualTo(1.5);
    }

    @Test
    void aNegativeScaleRoundsLeftOfThePoint() throws SQLException {
        assumeThat(sql.version()).as("negative scales exist since Postgres 15").isGreaterThanOrEqualTo(15);
        sql.execute("create table n (n numeric(3,-2))");
        int modifier = Integer.parseInt(
                sql.string("select atttypmod from pg_attribute where attrelid = 'n'::regclass and attname = 'n'"));
        ColumnType type = ColumnTypes.builtIn(1700, modifier);
        assertThat(type).isEqualTo(new Numeric(3, -2));
        assertThat(read(type, sql.text("12345::numeric(3,-2)"))).isEqualTo(new BigDecimal("123E+2"));
    }

    @Test
    void aNumericThatIsNoNumberNeedsAnotherMode() throws SQLException {
        byte[] nan = sql.text("'NaN'::numeric");
        assertThatThrownBy(() -> read(new Numeric(10, 2), nan))
                .isInstanceOf(BadValueException.class)
                .hasMessageContaining("decimal.handling.mode");
        assertThat(ValueReader.of(new Numeric(-1, -1), ValueHandling.DEFAULT.with(DecimalHandling.STRING))
                        .read(nan))
                .isEqualTo("NaN");
        assertThat(ValueReader.of(new Numeric(-1, -1), ValueHandling.DEFAULT.with(DecimalHandling.DOUBLE))
                        .read(nan))
                .isEqualTo(Double.NaN);
        if (sql.version() >= 14) {
            byte[] infinite = sql.text("'-Infinity'::numeric");
            assertThat(ValueReader.of(new Numeric(-1, -1), ValueHandling.DEFAULT.with(DecimalHandling.DOUBLE))
                            .read(infinite))
                    .isEqualTo(Double.NEGATIVE_INFINITY);
        }
    }

    @Test
    void everyIntervalIsWhatItsIsoTextSaysToPostgres() throws SQLException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            String interval = "make_interval(months => %d, days => %d) + %d * interval '1 microsecond'"
                    .formatted(
                            random.nextInt(-5000, 5000),
                            random.nextInt(-100, 100),
                            random.nextLong() >> random.nextInt(2, 64));
            String iso = IntervalText.iso(sql.text(interval));
            assertThat(sql.string("interval '" + iso + "'"))
                    .as("seed %d: %s", seed, iso)
                    .isEqualTo(sql.string(interval));
        }
    }

    @Test
    void anIntervalIsMicrosecondsWithMonthsOfTheirAverage() throws SQLException {
        assertThat(read(Scalar.INTERVAL, sql.text("interval '1 year 2 mons 3 days 04:05:06.789'")))
                .isEqualTo(((14 * 2_629_800L + 3 * 86_400 + 4 * 3600 + 5 * 60 + 6) * 1000 + 789) * 1000);
        assertThat(read(Scalar.INTERVAL, sql.text("interval '-2147483647:59:59.999999'")))
                .isEqualTo(-((2_147_483_647L * 3600 + 59 * 60 + 59) * 1_000_000 + 999_999));
    }

    @Test
    void everyByteComesOutOfBytea() throws SQLException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        byte[] text =
                sql.text("select string_agg(set_byte('\\x00', 0, i), '' order by i) from generate_series(0, 255) i");
        assertThat(read(Scalar.BYTEA, text)).isEqualTo(all);
        assertThat(read(Scalar.BYTEA, sql.text("''::bytea"))).isEqualTo(new byte[0]);
    }

    @Test
    void aByteaInEscapeFormIsRefused() throws SQLException {
        sql.execute("set bytea_output to escape");
        byte[] text = sql.text("'\\x6162'::bytea");
        assertThatThrownBy(() -> read(Scalar.BYTEA, text)).hasMessageContaining("bytea_output hex");
    }

    @Test
    void booleansComeAsOneLetter() throws SQLException {
        // The cast to text says "true"; the output function, as in the WAL and in arrays, says "t".
        assertThat(read(Scalar.BOOL, sql.text("select boolout(true)"))).isEqualTo(true);
        assertThat(read(Scalar.BOOL, sql.text("select boolout(false)"))).isEqualTo(false);
        assertThatThrownBy(() -> read(Scalar.BOOL, sql.text("true"))).hasMessageContaining("not a boolean");
    }

    @Test
    void arraysAreListsOfTheirElements() throws SQLException {
        assertThat(read(new Array(Scalar.INT4), sql.text("'{1,NULL,-3}'::int[]")))
                .isEqualTo(Arrays.asList(1, null, -3));
        assertThat(read(new Array(Scalar.INT4), sql.text("'{}'::int[]"))).isEqualTo(List.of());
        assertThat(read(new Array(Scalar.INT4), sql.text("'[0:1][2:3]={{1,2},{3,4}}'::int[]")))
                .isEqualTo(List.of(List.of(1, 2), List.of(3, 4)));
        assertThat(read(new Array(Scalar.INT8), sql.text("'[-5:-4]={1,2}'::int8[]")))
                .isEqualTo(List.of(1L, 2L));
        assertThat(read(
                        new Array(Scalar.TEXT),
                        sql.text("array['a,b','{c}','\"','\\','','NULL','null',null,' x ','ü']")))
                .isEqualTo(Arrays.asList("a,b", "{c}", "\"", "\\", "", "NULL", "null", null, " x ", "ü"));
        assertThat((List<?>) read(new Array(Scalar.BYTEA), sql.text("array['\\x01ff'::bytea, null]")))
                .first()
                .isEqualTo(new byte[] {1, -1});
        assertThat(read(new Array(new Timestamp(6, false)), sql.text("array[timestamp '1970-01-01 00:00:01']")))
                .isEqualTo(List.of(1_000_000L));
        assertThat(read(new Array(Scalar.BOOL), sql.text("array[true,false,null]")))
                .isEqualTo(Arrays.asList(true, false, null));
        assertThat(read(new Array(Scalar.OTHER), sql.text("array['10.0.0.1'::inet]")))
                .isEqualTo(List.of("10.0.0.1"));
    }

    @Test
    void anyTextSurvivesBeingAnElement() throws SQLException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        try (var connection = sql.database.connect();
                var statement = connection.prepareStatement("select array[?::text, ?::text]::text")) {
            for (int i = 0; i < 500; i++) {
                String first = element(random);
                String second = element(random);
                statement.setString(1, first);
                statement.setString(2, second);
                try (var rows = statement.executeQuery()) {
                    rows.next();
                    byte[] text = rows.getString(1).getBytes(java.nio.charset.StandardCharsets.UTF_8);
                    assertThat(read(new Array(Scalar.TEXT), text))
                            .as("seed %d: %s", seed, rows.getString(1))
                            .isEqualTo(List.of(first, second));
                }
            }
        }
    }

    private static String element(Random random) {
        String alphabet = "aNULnul{}\",\\ \t\nü=[]:;é漢😀";
        int[] points = alphabet.codePoints().toArray();
        return random.ints(random.nextInt(6), 0, points.length)
                .collect(StringBuilder::new, (b, i) -> b.appendCodePoint(points[i]), StringBuilder::append)
                .toString();
    }

    private static String zoned(String stamp) {
        return stamp.endsWith(" BC") ? stamp.replace(" BC", "+00 BC") : stamp.contains(" ") ? stamp + "+00" : stamp;
    }

    private String stamptz(String stamp, int precision) throws SQLException {
        return (String)
                read(new Timestamp(precision, true), sql.text("timestamptz(" + precision + ") '" + stamp + "'"));
    }

    private String timetz(String time) throws SQLException {
        return (String) read(new Time(6, true), sql.text("timetz '" + time + "'"));
    }

    private static Object read(ColumnType type, byte[] text) {
        return ValueReader.of(type, ValueHandling.DEFAULT).read(text);
    }
}
