package io.paillette.capture.type;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Bits;
import io.paillette.capture.type.ColumnType.Enumeration;
import io.paillette.capture.type.ColumnType.Money;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnTypesTest {

    private TextSession sql;

    @BeforeEach
    void connect() throws SQLException {
        sql = new TextSession();
    }

    @AfterEach
    void disconnect() throws SQLException {
        sql.close();
    }

    @Test
    void everyScalarTypeHasItsMeaning() throws SQLException {
        Map<String, ColumnType> expected = new HashMap<>();
        expected.put("boolean", Scalar.BOOL);
        expected.put("int2", Scalar.INT2);
        expected.put("int4", Scalar.INT4);
        expected.put("int8", Scalar.INT8);
        expected.put("oid", Scalar.OID);
        expected.put("float4", Scalar.FLOAT4);
        expected.put("float8", Scalar.FLOAT8);
        expected.put("text", Scalar.TEXT);
        expected.put("varchar(3)", Scalar.TEXT);
        expected.put("char(3)", Scalar.TEXT);
        expected.put("name", Scalar.TEXT);
        expected.put("\"char\"", Scalar.TEXT);
        expected.put("bytea", Scalar.BYTEA);
        expected.put("date", Scalar.DATE);
        expected.put("uuid", Scalar.UUID);
        expected.put("json", Scalar.JSON);
        expected.put("jsonb", Scalar.JSON);
        expected.put("numeric", new Numeric(-1, -1));
        expected.put("numeric(5)", new Numeric(5, 0));
        expected.put("numeric(1000,999)", new Numeric(1000, 999));
        expected.put("time", new Time(6, false));
        expected.put("time(0)", new Time(0, false));
        expected.put("timetz(3)", new Time(3, true));
        expected.put("timestamp", new Timestamp(6, false));
        expected.put("timestamp(3)", new Timestamp(3, false));
        expected.put("timestamptz(0)", new Timestamp(0, true));
        expected.put("interval", Scalar.INTERVAL);
        expected.put("xml", Scalar.XML);
        expected.put("tsvector", Scalar.TSVECTOR);
        expected.put("point", Scalar.POINT);
        expected.put("bit", new Bits(1));
        expected.put("bit(70)", new Bits(70));
        expected.put("varbit(70)", Scalar.OTHER);
        expected.put("inet", Scalar.OTHER);
        expected.put("money", new Money(2));
        for (var entry : expected.entrySet()) {
            assertThat(typeOf(entry.getKey())).as(entry.getKey()).isEqualTo(entry.getValue());
            assertThat(typeOf(entry.getKey() + "[]")).as(entry.getKey() + "[]").isEqualTo(new Array(entry.getValue()));
        }
    }

    /** Whatever the server's version brings: a built-in array is never taken for a scalar, unless it divides by ';'. */
    @Test
    void everyBuiltInArrayIsAnArrayOfItsElement() throws SQLException {
        String pairs = sql.string(
                "select string_agg(a.oid || ' ' || e.oid, ',') from pg_type a join pg_type e on e.oid = a.typelem"
                        + " where a.typcategory = 'A' and a.oid < 10000 and e.typdelim = ',' and a.typlen = -1"
                        + " and e.typtype in ('b', 'r', 'm') and a.typarray = 0");
        for (String pair : pairs.split(",", -1)) {
            int array = Integer.parseInt(pair.split(" ", -1)[0]);
            int element = Integer.parseInt(pair.split(" ", -1)[1]);
            assertThat(ColumnTypes.builtIn(array, -1))
                    .as("array %d of %d (%s)", array, element, sql.string("select " + array + "::regtype"))
                    .isEqualTo(new Array(ColumnTypes.builtIn(element, -1)));
        }
    }

    /** But for those that initdb makes, whose OIDs differ from server to server: they are asked of the catalog. */
    @Test
    void everyTypeThatTheServerBringsAlongIsInTheTable() throws SQLException {
        String types = sql.string("select string_agg(format('%s %s %s', typname, oid, typarray), ',')"
                + " from pg_type t where oid < 10000 and typtype in ('b', 'r', 'm')"
                + " and not exists (select from pg_type e where e.typarray = t.oid)");
        Set<String> table = Stream.of(BuiltInType.values())
                .map(type -> type.sqlName().replace("\"", "") + " " + type.oid() + " " + type.arrayOid())
                .collect(Collectors.toSet());
        assertThat(table)
                .as("add to BuiltInType what is missing: name, oid, oid of the array")
                .contains(types.split(",", -1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"box[]", "int2vector", "oidvector"})
    void whatLooksLikeAnArrayButReadsDifferentlyIsText(String type) throws SQLException {
        assertThat(typeOf(type)).isEqualTo(Scalar.OTHER);
    }

    @Test
    void userTypesAreWhatTheyAreMadeOf() throws SQLException {
        sql.execute("create type mood as enum ('sad', 'ok, \"fine\"', 'happy')");
        sql.execute("alter type mood add value 'so-so' before 'happy'");
        sql.execute("create domain price as numeric(10,2)");
        sql.execute("create domain net_price as price check (value > 0)");
        sql.execute("create domain moods as mood[]");
        sql.execute("create domain stamp as timestamptz(3)");
        sql.execute("create type pair as (a int, b text)");
        sql.execute("create domain tags as text[]");
        var mood = new Enumeration(List.of("sad", "ok, \"fine\"", "so-so", "happy"));
        assertThat(typeOf("mood")).isEqualTo(mood);
        assertThat(typeOf("mood[]")).isEqualTo(new Array(mood));
        assertThat(typeOf("moods")).isEqualTo(new Array(mood));
        assertThat(typeOf("price")).isEqualTo(new Numeric(10, 2));
        assertThat(typeOf("net_price")).isEqualTo(new Numeric(10, 2));
        assertThat(typeOf("net_price[]")).isEqualTo(new Array(new Numeric(10, 2)));
        assertThat(typeOf("stamp")).isEqualTo(new Timestamp(3, true));
        assertThat(typeOf("tags")).isEqualTo(new Array(Scalar.TEXT));
        assertThat(typeOf("tags[]")).isEqualTo(new Array(Scalar.OTHER));
        assertThat(typeOf("pair")).isEqualTo(Scalar.OTHER);
        assertThat(typeOf("pair[]")).isEqualTo(new Array(Scalar.OTHER));
    }

    @Test
    void typesOfExtensionsHaveTheirMeaningAndASparseVectorOneOnlyWhereItsDimensionsAreFew() {
        assertThat(ofExtension("geometry", -1)).isEqualTo(Scalar.GEOMETRY);
        assertThat(ofExtension("geography", 1_107_460)).isEqualTo(Scalar.GEOGRAPHY);
        assertThat(ofExtension("vector", 3)).isEqualTo(Scalar.VECTOR);
        assertThat(ofExtension("halfvec", -1)).isEqualTo(Scalar.HALFVEC);
        assertThat(ofExtension("sparsevec", 32_767)).isEqualTo(Scalar.SPARSEVEC);
        assertThat(ofExtension("sparsevec", 32_768)).isEqualTo(Scalar.OTHER);
        assertThat(ofExtension("sparsevec", -1)).isEqualTo(Scalar.OTHER);
        var vectors = new CatalogType(20_001, 'b', 20_000, ',', 0, -1, "", List.of());
        assertThat(ColumnTypes.of(20_001, -1, oid -> oid == 20_001 ? vectors : brought("vector")))
                .isEqualTo(new Array(Scalar.OTHER));
        var geometries = new CatalogType(20_001, 'b', 20_000, ':', 0, -1, "", List.of());
        assertThat(ColumnTypes.of(20_001, -1, oid -> oid == 20_001 ? geometries : brought("geometry")))
                .isEqualTo(new Array(Scalar.GEOMETRY));
    }

    private static ColumnType ofExtension(String name, int typeModifier) {
        return ColumnTypes.of(20_000, typeModifier, oid -> brought(name));
    }

    private static CatalogType brought(String name) {
        return new CatalogType(20_000, 'b', 0, ',', 0, -1, name, List.of());
    }

    @Test
    void aTypeThatTheCatalogNoLongerKnowsIsText() {
        assertThat(ColumnTypes.of(99_999, -1, oid -> null)).isEqualTo(Scalar.OTHER);
    }

    private ColumnType typeOf(String declared) throws SQLException {
        sql.execute("drop table if exists one");
        sql.execute("create table one (c " + declared + ")");
        String[] type = sql.string("select atttypid || ' ' || atttypmod from pg_attribute"
                        + " where attrelid = 'one'::regclass and attname = 'c'")
                .split(" ", -1);
        return ColumnTypes.of((int) Long.parseLong(type[0]), Integer.parseInt(type[1]), this::catalog);
    }

    private @Nullable CatalogType catalog(int oid) {
        try (var connection = sql.database.connect();
                var statement = connection.prepareStatement(
                        "select typtype, case typcategory when 'A' then typelem else 0 end, typdelim, typbasetype, typtypmod,"
                                + " array(select enumlabel::text from pg_enum where enumtypid = t.oid order by enumsortorder)"
                                + " from pg_type t where oid = ?")) {
            statement.setInt(1, oid);
            try (var rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return null;
                }
                return new CatalogType(
                        oid,
                        rows.getString(1).charAt(0),
                        rows.getInt(2),
                        rows.getString(3).charAt(0),
                        rows.getInt(4),
                        rows.getInt(5),
                        "",
                        List.of((String[]) rows.getArray(6).getArray()));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
