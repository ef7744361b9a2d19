package io.paillette.capture.envelope;

import io.paillette.capture.CaptureOption;
import io.paillette.capture.type.BinaryHandling;
import io.paillette.capture.type.BuiltInType;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Bits;
import io.paillette.capture.type.ColumnType.Enumeration;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import io.paillette.capture.type.DecimalHandling;
import io.paillette.capture.type.Form;
import io.paillette.capture.type.HstoreHandling;
import io.paillette.capture.type.IntervalHandling;
import io.paillette.capture.type.TimePrecision;
import io.paillette.capture.type.ValueHandling;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** docs/types.md: what the code says of each type, and what it writes of an example. */
final class TypesPage {

    private static final String HEAD =
            "| Postgres type | schema | name of the schema | example | in JSON |\n|---|---|---|---|---|\n";

    /** A type as a column declares it, and a value in Postgres's words. */
    private record Example(String declared, ColumnType type, String text) {}

    private TypesPage() {}

    static String markdown(String regenerate) {
        var page = new StringBuilder(
                """
                # Types

                What becomes of a column's value, in the broker's JSON and in the connector's schemas. The names of schemas are
                Debezium's and Connect's. Generated from the code; %s.

                Every type is delivered; one that has no form of its own travels as the text that Postgres writes of it, from which
                Postgres reads the same value. A test goes over all built-in types that accept a value, their arrays, types of users,
                and those of hstore, ltree, citext, seg, cube, isn, PostGIS and pgvector where the server has them, and lets Postgres
                read back what capture delivered, by snapshot and by WAL; of types with several forms, in one that tells all.

                ## Types with a form of their own

                """
                        .formatted(regenerate));
        page.append(HEAD);
        Stream.of(BuiltInType.values())
                .filter(type -> type.meaning(1) != Scalar.OTHER)
                .flatMap(TypesPage::examples)
                .forEach(example -> row(page, example));
        madeOfOthers(page);
        asText(page);
        options(page);
        plain(page);
        page.append(LIMITS);
        return page.toString();
    }

    private static void madeOfOthers(StringBuilder page) {
        page.append("\n## Types made of others, and of extensions\n\n").append(HEAD);
        Stream.of(
                        new Example("any array", new Array(Scalar.INT4), "{1,NULL,3}"),
                        new Example("... of two dimensions", new Array(Scalar.INT4), "{{1,2},{3,4}}"),
                        new Example("enum", new Enumeration(List.of("sad", "happy")), "happy"),
                        new Example("domain over numeric(10,2)", new Numeric(10, 2), "1.50"),
                        new Example("composite", Scalar.OTHER, "(1,\"a b\")"),
                        new Example("range, multirange of a user", Scalar.OTHER, "[a,c)"),
                        new Example("hstore", Scalar.HSTORE, "\"a\"=>\"1\", \"b\"=>NULL"),
                        new Example("ltree", Scalar.LTREE, "Top.Science"),
                        new Example("citext", Scalar.OTHER, "Ab"),
                        new Example("PostGIS geometry", Scalar.GEOMETRY, "0101000000000000000000F03F0000000000000040"),
                        new Example(
                                "PostGIS geography",
                                Scalar.GEOGRAPHY,
                                "0101000020E6100000000000000000F03F0000000000000040"),
                        new Example("pgvector vector", Scalar.VECTOR, "[1,-2.5,0]"),
                        new Example("pgvector halfvec", Scalar.HALFVEC, "[1,-2.5,0]"),
                        new Example("pgvector sparsevec(5)", Scalar.SPARSEVEC, "{1:1,3:-2.5}/5"),
                        new Example("pgvector sparsevec", Scalar.OTHER, "{1:1,3:-2.5}/5"),
                        new Example("array of vectors", new Array(Scalar.OTHER), "{\"[1,2]\",NULL}"),
                        new Example(
                                "array of geometries",
                                new Array(Scalar.GEOMETRY),
                                "{0101000000000000000000F03F0000000000000040:NULL}"),
                        new Example("any other", Scalar.OTHER, "its text"))
                .forEach(example -> row(page, example));
    }

    private static void asText(StringBuilder page) {
        page.append("\n## Built-in types that travel as text\n\n")
                .append(Stream.of(BuiltInType.values())
                        .filter(type -> type.meaning(1) == Scalar.OTHER)
                        .map(type -> "`" + type.sqlName() + "`")
                        .collect(Collectors.joining(", ")))
                .append(
                        ".\nSo does `bit` where the column has no length. Their arrays are arrays of such text, but for `box[]`, which is\none text.\n");
    }

    /** Only what the tables above do not say already. */
    private static void plain(StringBuilder page) {
        page.append(
                """

                ## Plain JSON

                The broker's envelopes `change` and `row` are read without a schema, so values are there what JSON calls them, unless one
                of the options above chooses another form than its default: exact numbers with all their digits (`NaN` and the infinities as strings), JSON as itself,
                times that ISO-8601 writes. A TOASTed value that a change left alone and the WAL does not have is
                `"__debezium_unavailable_value"`, whatever its type. In the connector forms are the same in every envelope.

                | Postgres type | example | in plain JSON |
                |---|---|---|
                """);
        Stream.concat(
                        Stream.of(BuiltInType.values())
                                .filter(type -> type.meaning(1) != Scalar.OTHER)
                                .flatMap(TypesPage::examples),
                        Stream.of(
                                new Example("hstore", Scalar.HSTORE, "\"a\"=>\"1\", \"b\"=>NULL"),
                                new Example("numeric[]", new Array(new Numeric(-1, -1)), "{1.50,NULL}")))
                .forEach(example -> plain(page, example));
    }

    private static void plain(StringBuilder page, Example example) {
        byte[] text = example.text().getBytes(StandardCharsets.UTF_8);
        var json = new JsonBytes();
        JsonValue.of(example.type(), ValueHandling.DEFAULT).write(json, text);
        var plain = new JsonBytes();
        PlainValue.of(example.type(), ValueHandling.PLAIN).write(plain, text);
        String told = new String(plain.toBytes(), StandardCharsets.UTF_8);
        if (!told.equals(new String(json.toBytes(), StandardCharsets.UTF_8))) {
            page.append("| %s | `%s` | `%s` |\n".formatted(example.declared(), example.text(), told));
        }
    }

    private static void options(StringBuilder page) {
        page.append("\n## Forms to choose\n");
        choices(
                page,
                CaptureOption.DECIMAL_HANDLING_MODE,
                DecimalHandling.values(),
                ValueHandling.DEFAULT::with,
                new Example("numeric(10,2)", new Numeric(10, 2), "1.50"),
                new Example("numeric", new Numeric(-1, -1), "1.50"));
        choices(
                page,
                CaptureOption.TIME_PRECISION_MODE,
                TimePrecision.values(),
                ValueHandling.DEFAULT::with,
                new Example("date", Scalar.DATE, "2024-02-29"),
                new Example("time(3)", new Time(3, false), "12:34:56.789"),
                new Example("time", new Time(6, false), "12:34:56.789012"),
                new Example("timestamp(3)", new Timestamp(3, false), "2024-02-29 12:34:56.789"),
                new Example("timestamp", new Timestamp(6, false), "2024-02-29 12:34:56.789012"));
        choices(
                page,
                CaptureOption.INTERVAL_HANDLING_MODE,
                IntervalHandling.values(),
                ValueHandling.DEFAULT::with,
                new Example("interval", Scalar.INTERVAL, "1 year 2 mons 3 days 04:05:06.789"));
        choices(
                page,
                CaptureOption.HSTORE_HANDLING_MODE,
                HstoreHandling.values(),
                ValueHandling.DEFAULT::with,
                new Example("hstore", Scalar.HSTORE, "\"a\"=>\"1\", \"b\"=>NULL"));
        choices(
                page,
                CaptureOption.BINARY_HANDLING_MODE,
                BinaryHandling.values(),
                ValueHandling.DEFAULT::with,
                new Example("bytea", Scalar.BYTEA, "\\xfbff"));
    }

    private static <E> void choices(
            StringBuilder page, CaptureOption option, E[] forms, Function<E, ValueHandling> with, Example... examples) {
        page.append("\n`")
                .append(option.key())
                .append("`, by default `")
                .append(option.defaultValue().orElseThrow());
        page.append(
                "`:\n\n| choice | Postgres type | schema | name of the schema | example | in JSON |\n|---|---|---|---|---|---|\n");
        for (int i = 0; i < forms.length; i++) {
            for (Example example : examples) {
                page.append("| `").append(option.choices().get(i)).append("` ");
                row(page, example, with.apply(forms[i]));
            }
        }
    }

    private static Stream<Example> examples(BuiltInType type) {
        var plain = new Example(type.sqlName(), type.meaning(-1), text(type));
        return switch (type) {
            case BIT ->
                Stream.of(
                        new Example("bit(1)", new Bits(1), "1"), new Example("bit(12)", new Bits(12), "110000000001"));
            case NUMERIC -> Stream.of(plain, new Example("numeric(10,2)", new Numeric(10, 2), "1.50"));
            case TIME -> Stream.of(plain, new Example("time(0) to time(3)", new Time(3, false), "12:34:56.789"));
            case TIMESTAMP ->
                Stream.of(
                        plain,
                        new Example(
                                "timestamp(0) to timestamp(3)", new Timestamp(3, false), "2024-02-29 12:34:56.789"));
            default -> Stream.of(plain);
        };
    }

    private static String text(BuiltInType type) {
        return switch (type) {
            case BOOL -> "t";
            case BYTEA -> "\\xdeadbeef";
            case INT2, INT4, INT8, OID -> "42";
            case FLOAT4, FLOAT8 -> "0.1";
            case JSON, JSONB -> "{\"a\": 1}";
            case CHAR -> "a";
            case NAME, TEXT, BPCHAR, VARCHAR -> "a \"b\"";
            case DATE -> "2024-02-29";
            case TIME -> "12:34:56.789012";
            case TIMETZ -> "12:34:56.789+02";
            case TIMESTAMP -> "2024-02-29 12:34:56.789012";
            case TIMESTAMPTZ -> "2024-02-29 10:34:56.789+00";
            case INTERVAL -> "1 day 02:00:00";
            case NUMERIC -> "1.50";
            case MONEY -> "-$1,234.50";
            case BIT -> "1";
            case XML -> "<a b=\"1\"/>";
            case TSVECTOR -> "'fat':2 'rat':3";
            case POINT -> "(1,-2.5)";
            case UUID -> "7d444840-9dc0-11d1-b245-5ffdce74fad2";
            default -> throw new IllegalArgumentException("give an example of " + type);
        };
    }

    private static void row(StringBuilder page, Example example) {
        row(page, example, ValueHandling.DEFAULT);
    }

    private static void row(StringBuilder page, Example example, ValueHandling handling) {
        Form form = Form.of(example.type(), handling);
        var json = new JsonBytes();
        JsonValue.of(example.type(), handling).write(json, example.text().getBytes(StandardCharsets.UTF_8));
        String name = form.semantic().isEmpty() ? "" : "`" + form.semantic() + "`";
        page.append("| %s | %s | %s | `%s` | `%s` |\n"
                .formatted(
                        example.declared(),
                        form.literal(),
                        name,
                        example.text(),
                        new String(json.toBytes(), StandardCharsets.UTF_8)));
    }

    private static final String LIMITS =
            """

            ## What a form does not tell

            * Arrays: lower bounds other than 1. The connector refuses arrays of several dimensions with the name of the column, because
              Connect has no schema for them.
            * `numeric` without a scale, as `precise`: zeros at the end. `NaN` and the infinities have no exact form: they are an error that
              names the column; `string` and `double` have them.
            * `money`: the currency. Its fraction has as many digits as the database's `lc_monetary` says; a session that writes with another
              means other amounts, to Postgres too.
            * Geometries: that their binary is PostGIS's extended one (EWKB), which has SRID, Z and M in it. The schema is that of
              Debezium 3.6; that of 3.7 has version 2 and a field `extensions`, which its values of PostGIS leave empty.
            * `sparsevec`: its form counts dimensions in 16 bits. A column that may have more than 32,767, as one without a number of them
              may, is text; Debezium cannot tell such a value.
            * `timetz`: the zone; it is told in UTC.
            * `interval` as `numeric`: which part is months, which days, which hours. One beyond 292,000 years is an error that names the
              column. Infinity is 9223372036854775807, minus infinity -9223372036854775808.
            * Times and timestamps as `connect`: what is finer than a millisecond. The time `24:00:00` is an error that names the column; as
              `isostring` it stays `24:00:00Z`, where Debezium has `00:00:00Z`.
            * `timestamp` later than the year 294246: an error that names the column; `isostring` has it.
            * `timestamp` as `nanoseconds`: those before 1677 and after 2262 are an error that names the column. Infinity is the greatest, minus
              infinity the smallest of 64 bits. In microseconds they are 9223372036825200000 and -9223372036832400000, as in Debezium;
              in milliseconds a thousandth of that, rounded down.
            * `date`: infinity is 2147483647, minus infinity -2147483648. As `isostring`, and of `timestamptz` always, `infinity` and
              `-infinity` stay text.
            * A `bytea` that the WAL does not carry, as `hex`: the bytes of the placeholder in hex digits, where Debezium has the placeholder
              itself.
            """;
}
