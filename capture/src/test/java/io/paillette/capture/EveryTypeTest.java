package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.DebeziumJson;
import io.paillette.capture.type.BinaryHandling;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.DecimalHandling;
import io.paillette.capture.type.HstoreHandling;
import io.paillette.capture.type.IntervalHandling;
import io.paillette.capture.type.TimePrecision;
import io.paillette.capture.type.ValueHandling;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What capture delivers of a value, by snapshot and by WAL, is the value again when Postgres reads it. Every type that the
 * running server has is here: one that has no samples yet fails the test by its name.
 */
class EveryTypeTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Each form from which a value can be had again, at least once. */
    private static final List<ValueHandling> HANDLINGS = List.of(
            new ValueHandling(
                    DecimalHandling.STRING,
                    TimePrecision.ADAPTIVE,
                    IntervalHandling.STRING,
                    HstoreHandling.JSON,
                    BinaryHandling.BYTES),
            new ValueHandling(
                    DecimalHandling.PRECISE,
                    TimePrecision.ISOSTRING,
                    IntervalHandling.STRING,
                    HstoreHandling.MAP,
                    BinaryHandling.HEX),
            new ValueHandling(
                    DecimalHandling.PRECISE,
                    TimePrecision.MICROSECONDS,
                    IntervalHandling.STRING,
                    HstoreHandling.JSON,
                    BinaryHandling.BASE64_URL_SAFE),
            new ValueHandling(
                    DecimalHandling.STRING,
                    TimePrecision.ADAPTIVE_TIME_MICROSECONDS,
                    IntervalHandling.STRING,
                    HstoreHandling.MAP,
                    BinaryHandling.BASE64));

    private final Database database = PostgresServer.shared().newDatabase();

    /** Column, row and literal of what came back, so that what several forms tell alike is asked once. */
    private final Set<List<@Nullable Object>> known = new HashSet<>();

    /** A column, of which the row with id n has the nth sample. */
    private record Sampled(String type, List<@Nullable String> literals) {}

    @Test
    void everyBuiltInTypeComesBack() throws Exception {
        Map<String, List<String>> samples = TypeSamples.builtIn();
        List<Sampled> columns = new ArrayList<>();
        for (String[] type : typesOf("pg_catalog")) {
            columns.addAll(columns(type, samples));
        }
        assertThat(columns).hasSizeGreaterThan(100);
        assertComesBack(columns);
    }

    @Test
    void whatAColumnDeclaresOfItsTypeComesBack() throws Exception {
        List<Sampled> columns = new ArrayList<>();
        TypeSamples.declared(version()).forEach((type, literals) -> columns.addAll(withArrays(type, ',', literals)));
        assertComesBack(columns);
    }

    @Test
    void typesThatAUserMadeComeBack() throws Exception {
        database.execute(
                "create type mood as enum ('sad', 'ok, \"fine\"', '')",
                "create domain price as numeric(10,2) check (value >= 0)",
                "create domain prices as price[]",
                "create domain stamp as timestamptz(3) not null",
                "create type pair as (a int, \"b c\" text)",
                "create type nest as (p pair, ps pair[], m mood, j jsonb)",
                "create domain pairs as pair check ((value).a > 0)",
                "create type textrange as range (subtype = text)");
        Map<String, List<String>> samples = new LinkedHashMap<>();
        samples.put("mood", List.of("sad", "ok, \"fine\"", ""));
        samples.put("price", List.of("0", "12.5"));
        samples.put("prices", List.of("{}", "{1.50,NULL}", "{{1},{2}}"));
        samples.put("pair", List.of("(,)", "(1,\"a,\"\"\\\\()\")", "(2,\"\")"));
        samples.put(
                "nest",
                List.of(
                        "(,,,)",
                        "(\"(1,\"\"x \"\"\"\"y\"\"\"\"\"\")\",\"{\"\"(2,)\"\",NULL}\",sad,\"{\"\"a\"\": 1}\")"));
        samples.put("pairs", List.of("(1,x)"));
        samples.put("textrange", List.of("empty", "(,)", "[\"a,b\",\"c\\\\\\\"d)\")"));
        if (version() >= 14) {
            samples.put("textmultirange", List.of("{}", "{[\"a,b\",c),(x,)}"));
        }
        List<Sampled> columns = new ArrayList<>();
        samples.forEach((type, literals) -> columns.addAll(withArrays(type, ',', literals)));
        assertComesBack(columns);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hstore", "ltree", "citext", "seg", "cube", "isn", "postgis", "vector"})
    void typesOfAnExtensionComeBack(String extension) throws Exception {
        assumeThat(database.query("select count(*) from pg_available_extensions where name = '" + extension + "'"))
                .as("extension %s is not among the binaries of this server", extension)
                .isEqualTo("1");
        database.execute("create schema of_extension", "create extension " + extension + " schema of_extension");
        Map<String, List<String>> samples = TypeSamples.ofExtension(extension);
        List<Sampled> columns = new ArrayList<>();
        for (String[] type : typesOf("of_extension")) {
            columns.addAll(columns(type, samples));
        }
        if (extension.equals("vector")) {
            columns.addAll(withArrays("of_extension.sparsevec(5)", ',', List.of("{1:1,5:-2.5}/5", "{}/5")));
        }
        assertThat(columns).isNotEmpty();
        assertComesBack(columns);
    }

    @ParameterizedTest
    @CsvSource({
        "C,'1,234.50',1234.50",
        "ja_JP.utf8,'1,234',1234",
        "de_DE.utf8,'1.234,50 €',1234.50",
        "ar_TN.utf8,1.234,1.234"
    })
    void moneyHasTheFractionOfItsDatabase(String locale, String written, String told) throws Exception {
        try {
            database.execute("alter database " + database.name() + " set lc_monetary = '" + locale + "'");
        } catch (IllegalStateException e) {
            assumeThat(e)
                    .as("locale %s is not among those of this server", locale)
                    .isNull();
        }
        database.execute(
                "create table every (id int primary key, m money, ms money[])",
                "insert into every values (1, '" + written + "', array['" + written + "'::money])");
        var json = new DebeziumJson(
                "1", "app", "db", ValueHandling.DEFAULT.with(DecimalHandling.STRING), InstantSource.system());
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.INITIAL, true))) {
            running.awaitChanges(1);
            database.execute("insert into every select 2, m, ms from every");
            running.awaitChanges(2);
            for (CaptureEvent event : running.events()) {
                if (event instanceof CaptureEvent.Row row) {
                    assertThat(after(json, row).get("m").asText()).isEqualTo(told);
                    assertThat(after(json, row).get("ms").get(0).asText()).isEqualTo(told);
                }
            }
        }
    }

    @Test
    void numbersThatAreNoneComeBackAsText() throws Exception {
        List<String> literals = version() >= 14 ? List.of("NaN", "Infinity", "-Infinity") : List.of("NaN");
        List<Sampled> columns = withArrays("numeric", ',', literals);
        assertComesBack(columns, List.of(HANDLINGS.get(0)));
    }

    @Test
    void infiniteIntervalsComeBack() throws Exception {
        assumeThat(version()).as("infinite intervals exist since Postgres 17").isGreaterThanOrEqualTo(17);
        assertComesBack(withArrays("interval", ',', List.of("infinity", "-infinity")));
    }

    /** Oid, quoted name, bare name and delimiter of each type but arrays, rows and pseudo-types. */
    private List<String[]> typesOf(String schema) throws SQLException {
        List<String[]> types = new ArrayList<>();
        try (var connection = database.connect();
                var statement = connection.prepareStatement(
                        "select quote_ident(n.nspname) || '.' || quote_ident(t.typname), t.typname, t.typdelim,"
                                + " t.typarray <> 0 from pg_type t join pg_namespace n on n.oid = t.typnamespace"
                                + " where n.nspname = ? and t.typtype in ('b', 'r', 'm', 'd', 'e') and t.typisdefined"
                                + " and not exists (select from pg_type e where e.typarray = t.oid) order by t.oid")) {
            statement.setString(1, schema);
            try (var row = statement.executeQuery()) {
                while (row.next()) {
                    types.add(new String[] {row.getString(1), row.getString(2), row.getString(3), row.getString(4)});
                }
            }
        }
        return types;
    }

    private List<Sampled> columns(String[] type, Map<String, List<String>> samples) throws SQLException {
        List<String> literals = samples.get(type[1]);
        if (literals == null) {
            assertThat(refusal(type[0]))
                    .as("type %s of this server is not covered: add samples of it to TypeSamples", type[0])
                    .containsPattern("cannot accept a value of type|[Nn]ot implemented");
            return List.of();
        }
        if (type[3].equals("f")) {
            return List.of(new Sampled(type[0], new ArrayList<>(literals)));
        }
        return withArrays(type[0], type[2].charAt(0), literals);
    }

    /** Some types have values that only the server itself makes. */
    private String refusal(String type) throws SQLException {
        try (var connection = database.connect();
                var statement = connection.createStatement()) {
            statement.execute("select ''::" + type);
            return "";
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static List<Sampled> withArrays(String type, char delimiter, List<String> literals) {
        List<String> quoted = literals.stream().map(ReadBack::quoted).toList();
        String one = quoted.get(0);
        String all = String.join(String.valueOf(delimiter), quoted);
        String row = "{" + one + delimiter + "NULL}";
        List<@Nullable String> arrays = new ArrayList<>();
        arrays.add("{}");
        arrays.add("{" + all + delimiter + "NULL}");
        arrays.add("{{" + row + delimiter + row + "}" + delimiter + "{" + row + delimiter + row + "}}");
        arrays.add("{NULL}");
        List<@Nullable String> scalars = new ArrayList<>(literals);
        scalars.add(null);
        return List.of(new Sampled(type, scalars), new Sampled(type + "[]", arrays));
    }

    private void assertComesBack(List<Sampled> columns) throws Exception {
        assertComesBack(columns, HANDLINGS);
    }

    private void assertComesBack(List<Sampled> columns, List<ValueHandling> handlings) throws Exception {
        createTable(columns);
        int rows = fill(columns);
        List<String> wrong = new ArrayList<>();
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.INITIAL, true));
                var connection = database.connect()) {
            running.awaitChanges(rows);
            database.execute("insert into every select -id" + names(columns) + " from every");
            running.awaitChanges(2 * rows);
            wrong.addAll(EnvelopesWithoutSchema.differences(running.events()));
            for (ValueHandling handling : handlings) {
                var json = new DebeziumJson("1", "app", "db", handling, InstantSource.system());
                for (CaptureEvent event : running.events()) {
                    if (event instanceof CaptureEvent.Row row) {
                        wrong.addAll(differences(connection, columns, row, after(json, row), handling));
                    }
                }
            }
        }
        assertThat(wrong).as("values that do not come back").isEmpty();
    }

    private void createTable(List<Sampled> columns) {
        var table = new StringBuilder("create table every (id int primary key");
        for (int i = 0; i < columns.size(); i++) {
            table.append(", c").append(i).append(' ').append(columns.get(i).type());
        }
        database.execute(table.append(")").toString());
    }

    private int fill(List<Sampled> columns) throws SQLException {
        int rows = columns.stream()
                .mapToInt(column -> column.literals().size())
                .max()
                .orElseThrow();
        try (var connection = database.connect()) {
            for (int i = 0; i < rows; i++) {
                try (var insert = connection.prepareStatement("insert into every (id) values (?)")) {
                    insert.setInt(1, i + 1);
                    insert.executeUpdate();
                }
            }
            for (int c = 0; c < columns.size(); c++) {
                fill(connection, c, columns.get(c));
            }
        }
        return rows;
    }

    private static void fill(Connection connection, int column, Sampled sampled) throws SQLException {
        try (var update = connection.prepareStatement(
                "update every set c" + column + " = cast(? as " + sampled.type() + ") where id = ?")) {
            for (int i = 0; i < sampled.literals().size(); i++) {
                update.setString(1, sampled.literals().get(i));
                update.setInt(2, i + 1);
                update.executeUpdate();
            }
        } catch (SQLException e) {
            throw new AssertionError("a sample of " + sampled.type() + " is none", e);
        }
    }

    private static String names(List<Sampled> columns) {
        return String.join(
                "", IntStream.range(0, columns.size()).mapToObj(i -> ", c" + i).toList());
    }

    private static JsonNode after(DebeziumJson json, CaptureEvent.Row row) throws IOException {
        return JSON.readTree(json.value(ChangeRecords.of(row).get(0))).get("after");
    }

    private List<String> differences(
            Connection connection, List<Sampled> columns, CaptureEvent.Row row, JsonNode after, ValueHandling handling)
            throws SQLException {
        var back = new ReadBack(handling);
        List<String> differences = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
            Column column = Objects.requireNonNull(row.relation().columns().get(c + 1));
            JsonNode value = after.get(column.name());
            String literal = value.isNull() ? null : back.literal(column.type(), value);
            String type = columns.get(c).type();
            boolean byValue = isNumeric(column.type()) && handling.decimals() == DecimalHandling.PRECISE;
            int id = after.get("id").asInt();
            if (!known.add(Arrays.asList(c, id, literal))) {
                continue;
            }
            String difference = difference(connection, column.name(), type, byValue, id, literal);
            if (!difference.isEmpty()) {
                differences.add(type + " by " + row.kind() + " as " + column.type() + " with " + handling + ": "
                        + difference + ", delivered " + value);
            }
        }
        return differences;
    }

    /** Exact numbers without a scale of their own are told without the zeros at their end. */
    private static boolean isNumeric(ColumnType type) {
        return type instanceof ColumnType.Numeric
                || (type instanceof ColumnType.Array array && array.element() instanceof ColumnType.Numeric);
    }

    private static String difference(
            Connection connection, String column, String type, boolean byValue, int id, @Nullable String literal)
            throws SQLException {
        String cast = "cast(? as " + type + ")";
        String sql =
                "select format('%s', " + column + "), format('%s', " + cast + "), " + column + " is null = (" + cast
                        + " is null)" + (byValue ? ", coalesce(" + column + " = " + cast + ", true)" : ", false")
                        + " from every where id = ?";
        try (var query = connection.prepareStatement(sql)) {
            int parameters = byValue ? 3 : 2;
            for (int i = 1; i <= parameters; i++) {
                query.setString(i, literal);
            }
            query.setInt(parameters + 1, id);
            try (var found = query.executeQuery()) {
                found.next();
                boolean same =
                        found.getBoolean(3) && (found.getString(1).equals(found.getString(2)) || found.getBoolean(4));
                return same ? "" : "is " + found.getString(1) + ", comes back as " + found.getString(2);
            }
        } catch (SQLException e) {
            return "does not come back: " + e.getMessage();
        }
    }

    private int version() {
        return Integer.parseInt(database.query("select current_setting('server_version_num')")) / 10_000;
    }
}
