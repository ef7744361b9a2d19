package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.TableName;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.column.RegexList;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The three publications of a source (docs: CREATE PUBLICATION):
 *
 * <ul>
 *   <li>{@code <publication>}: tables whose replica identity lets UPDATE and DELETE be published;
 *   <li>{@code <publication>_inserts}: the others, so that their UPDATE and DELETE never fail in the application;
 *   <li>{@code <publication>_joining}: publishes nothing; lists tables that had rows before they were published and whose
 *       rows are not stored yet. It makes joining safe against a crash in the middle.
 * </ul>
 */
final class Publications {

    private static final String TABLES = SqlText.load("captured_tables");
    private static final String UNDERSTOOD = SqlText.load("understood_expressions");
    private static final String STATE = SqlText.load("publications");
    private static final String PLACED = writtenDown("placed");
    private static final String ALL_PLACED = writtenDown("all_placed");
    private static final String JOINING_SINCE = SqlText.load("joining_since");

    private static final Logger LOG = LoggerFactory.getLogger(Publications.class);
    private static final int MOST_LOOKS = 20;

    /** In it already, not in it any more, renamed or dropped, moved by two at once, deadlock. */
    private static final Set<String> OVERTAKEN = Set.of("42710", "42704", "42P01", "3F000", "XX000", "40P01");

    private final CaptureSettings settings;
    private final ServerFacts server;
    private final Map<String, String> quoted;
    private final String tables;

    Publications(CaptureSettings settings, ServerFacts server) {
        this.settings = settings;
        this.server = server;
        this.quoted = Map.ofEntries(
                Map.entry("schemas", SqlText.array(patterns(0))),
                Map.entry("tables", SqlText.array(patterns(1))),
                Map.entry("included", regexes(settings.tables().included())),
                Map.entry("excluded", regexes(settings.tables().excluded())),
                Map.entry("root_kind", server.publishesViaRoot() ? "'p'" : "'r'"),
                Map.entry("all", SqlText.literal(settings.publication())),
                Map.entry("inserts", SqlText.literal(settings.insertsPublication())),
                Map.entry("joining", SqlText.literal(settings.joiningPublication())),
                Map.entry("via_root", String.valueOf(server.publishesViaRoot())),
                Map.entry("generated", server.publishesGeneratedColumns() ? "'s'" : "'n'"));
        this.tables = tablesQuery("");
    }

    private static String writtenDown(String change) {
        return SqlText.load("written_down").replace("${change}", SqlText.load(change));
    }

    private String tablesQuery(String only) {
        return SqlText.fill(TABLES.replace("${only}", only), quoted);
    }

    /** Names and patterns as SQL literals, by placeholder. */
    Map<String, String> quoted() {
        return quoted;
    }

    /** The names to give to START_REPLICATION's option {@code publication_names}. */
    String streamed() {
        return SqlText.identifier(settings.publication()) + "," + SqlText.identifier(settings.insertsPublication());
    }

    /** Creates the publications that do not exist and corrects what the others publish. */
    void create(Connection connection) throws CaptureException {
        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put(settings.publication(), "insert, update, delete, truncate");
        wanted.put(settings.insertsPublication(), "insert, truncate");
        wanted.put(settings.joiningPublication(), "");
        try {
            requireSameMeaning(connection);
            Map<String, Boolean> existing = existing(connection);
            for (var publication : wanted.entrySet()) {
                Boolean asWanted = existing.get(publication.getKey());
                String name = "PUBLICATION " + SqlText.identifier(publication.getKey());
                if (asWanted == null) {
                    execute(connection, "CREATE " + name + " WITH (" + options(publication.getValue()) + ")");
                } else if (!asWanted) {
                    execute(connection, "ALTER " + name + " SET (" + options(publication.getValue()) + ")");
                }
            }
        } catch (SQLException e) {
            throw Faults.of("The publications of source " + settings.name() + " could not be created", e);
        }
    }

    /**
     * We and Postgres choose tables by the same expressions, which the two may understand differently: that of {@code \\b} is
     * another letter there.
     */
    void requireSameMeaning(Connection connection) throws CaptureException, SQLException {
        RegexList included = settings.tables().included();
        RegexList excluded = settings.tables().excluded();
        if (included.isEmpty() && excluded.isEmpty()) {
            return;
        }
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(SqlText.fill(UNDERSTOOD, quoted))) {
            while (row.next()) {
                String name = row.getString("name");
                if (row.getBoolean("included") != included.matches(name)
                        || row.getBoolean("excluded") != excluded.matches(name)) {
                    throw Faults.fatal(
                            "The expressions of table.include.list and table.exclude.list mean something else to"
                                    + " Postgres than to Java, of table " + name
                                    + " for example: write them with what both know,"
                                    + " letters, ., *, +, ?, |, [a-z] and groups.");
                }
            }
        }
    }

    /** Every table that is captured, or published and no longer to be. */
    List<CapturedTable> tables(Connection connection) throws SQLException {
        return tables(connection, tables);
    }

    /** Those of them that are captured. */
    List<CapturedTable> captured(Connection connection) throws SQLException {
        return tables(connection).stream().filter(CapturedTable::captured).toList();
    }

    private Optional<CapturedTable> table(Connection connection, int oid) throws SQLException {
        return tables(connection, tablesQuery("AND c.oid = " + Integer.toUnsignedString(oid))).stream()
                .findFirst();
    }

    private static List<CapturedTable> tables(Connection connection, String query) throws SQLException {
        // Prepared: asked once a second, planning it would cost more than running it.
        try (var statement = connection.prepareStatement(query);
                var row = statement.executeQuery()) {
            List<CapturedTable> tables = new ArrayList<>();
            while (row.next()) {
                tables.add(new CapturedTable(
                        (int) row.getLong("oid"),
                        new TableName(row.getString("schema"), row.getString("name")),
                        row.getBoolean("captured"),
                        row.getBoolean("identified"),
                        row.getBoolean("in_all"),
                        row.getBoolean("in_inserts"),
                        row.getBoolean("in_joining"),
                        row.getLong("joining_since")));
            }
            return tables;
        }
    }

    /**
     * Moves every table to where it belongs before the stream begins.
     *
     * @param late the slot exists: a table not published so far has rows that must be read
     */
    void placeAll(Connection connection, boolean late) throws SQLException {
        for (int look = 1; !placeOnce(connection, late, look == MOST_LOOKS); look++) {
            LOG.debug("Source {}: tables changed while they were put into publications", settings.name());
        }
        execute(connection, SqlText.fill(ALL_PLACED, quoted));
    }

    /** False when the application or its trigger was faster: what was looked up is no longer so. */
    private boolean placeOnce(Connection connection, boolean late, boolean lastLook) throws SQLException {
        boolean all = true;
        for (CapturedTable table : tables(connection)) {
            try {
                if (!table.inPlace()) {
                    all &= place(connection, table, late);
                } else if (table.joining() && !late) {
                    joined(connection, table);
                }
            } catch (SQLException e) {
                if (lastLook || !isOvertaken(e)) {
                    throw e;
                }
                all = false;
            }
        }
        return all;
    }

    /** Somebody else was faster: what was looked up is no longer so, and the next look tells what is left to do. */
    static boolean isOvertaken(SQLException e) {
        return OVERTAKEN.contains(Faults.state(e));
    }

    /**
     * Moves a table to where it belongs, in one transaction.
     *
     * @param late a table not published so far has rows that must be read; so has one that had its inserts published only,
     *             since nobody knows when its updates could have been told. One that is joining is marked anew then: its rows
     *             may have been read before.
     * @return false when it has changed since it was looked up: the next look tells what is left to do
     */
    boolean place(Connection connection, CapturedTable table, boolean late) throws SQLException {
        return inTransaction(connection, () -> {
            boolean all = table.captured() && table.identified();
            boolean inserts = table.captured() && !table.identified();
            boolean toRead = table.captured() && late && !table.fullyTold();
            boolean joining = toRead || (table.captured() && table.joining());
            if (table.captured() && late && !isLockedAs(connection, table)) {
                return false;
            }
            alter(connection, settings.joiningPublication(), table, table.joining(), joining && !toRead);
            alter(connection, settings.joiningPublication(), table, false, toRead);
            alter(connection, settings.insertsPublication(), table, table.inInserts(), inserts);
            alter(connection, settings.publication(), table, table.inAll(), all);
            execute(connection, SqlText.fill(PLACED, Map.of("all", quoted.get("all"), "relation", unsigned(table))));
            return true;
        });
    }

    /** All rows of all captured tables are to be read again. */
    void rejoinAll(Connection connection) throws SQLException {
        rejoin(connection, table -> true);
    }

    /** The same of some of them. */
    void rejoin(Connection connection, Predicate<CapturedTable> which) throws SQLException {
        Set<Integer> marked = new HashSet<>();
        for (int look = 1; !rejoinOnce(connection, which, marked, look == MOST_LOOKS); look++) {
            LOG.debug("Source {}: tables changed while they were marked to be read again", settings.name());
        }
    }

    private boolean rejoinOnce(
            Connection connection, Predicate<CapturedTable> which, Set<Integer> marked, boolean lastLook)
            throws SQLException {
        boolean all = true;
        for (CapturedTable table : tables(connection)) {
            if (table.captured() && which.test(table) && !marked.contains(table.oid())) {
                try {
                    boolean done = inTransaction(connection, () -> {
                        if (!isLockedAs(connection, table)) {
                            return false;
                        }
                        alter(connection, settings.joiningPublication(), table, table.joining(), true);
                        return true;
                    });
                    all &= done && marked.add(table.oid());
                } catch (SQLException e) {
                    if (lastLook || !isOvertaken(e)) {
                        throw e;
                    }
                    all = false;
                }
            }
        }
        return all;
    }

    /**
     * The rows of the table are stored: it is joining no more.
     *
     * @return false when it has changed since it was looked up, perhaps been marked once more
     */
    boolean joined(Connection connection, CapturedTable table) throws SQLException {
        return inTransaction(connection, () -> {
            boolean asBefore = isLockedAs(connection, table);
            alter(connection, settings.joiningPublication(), table, asBefore, false);
            return asBefore;
        });
    }

    /** The transaction that marked the table as one whose rows are still to be read. */
    Optional<Long> joiningSince(Connection connection, int oid) throws SQLException {
        try (var query = connection.prepareStatement(JOINING_SINCE)) {
            query.setLong(1, Integer.toUnsignedLong(oid));
            query.setString(2, settings.joiningPublication());
            try (var row = query.executeQuery()) {
                return row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
            }
        }
    }

    /**
     * Locked before the publications are, or others would wait for these as long as the table is waited for. Its name may be
     * another table's by then, and its key gone.
     */
    private boolean isLockedAs(Connection connection, CapturedTable table) throws SQLException {
        execute(connection, "LOCK TABLE ONLY " + quoted(table) + " IN SHARE UPDATE EXCLUSIVE MODE");
        return table(connection, table.oid()).equals(Optional.of(table));
    }

    @FunctionalInterface
    private interface Work {
        /** Whether it was done; else nothing of it is to be. */
        boolean run() throws SQLException;
    }

    private static boolean inTransaction(Connection connection, Work work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            boolean done = work.run();
            if (done) {
                connection.commit();
            }
            return done;
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static String unsigned(CapturedTable table) {
        return Integer.toUnsignedString(table.oid());
    }

    private static String quoted(CapturedTable table) {
        return SqlText.identifier(table.name().schema()) + "."
                + SqlText.identifier(table.name().table());
    }

    private void alter(Connection connection, String publication, CapturedTable table, boolean is, boolean wanted)
            throws SQLException {
        if (is != wanted) {
            execute(
                    connection,
                    "ALTER PUBLICATION " + SqlText.identifier(publication) + (wanted ? " ADD" : " DROP")
                            + " TABLE ONLY " + quoted(table));
        }
    }

    Map<String, Boolean> existing(Connection connection) throws SQLException, CaptureException {
        Map<String, Boolean> found = new HashMap<>();
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(SqlText.fill(STATE, quoted))) {
            while (row.next()) {
                if (row.getBoolean("all_tables")) {
                    throw Faults.fatal("Publication " + row.getString("name")
                            + " is FOR ALL TABLES, which makes the application's UPDATE and DELETE fail on tables"
                            + " without a key: set publication.name to another name.");
                }
                found.put(row.getString("name"), row.getBoolean("as_wanted"));
            }
        }
        return found;
    }

    private String options(String operations) {
        return "publish = '" + operations + "'"
                + (server.publishesViaRoot() ? ", publish_via_partition_root = true" : "")
                + (server.publishesGeneratedColumns() ? ", publish_generated_columns = stored" : "");
    }

    /** The schema ({@code part} 0) or table half of each pattern, for LIKE. */
    private List<String> patterns(int part) {
        return settings.tables().patterns().stream()
                .map(pattern -> pattern.text().split("\\.", 2)[part])
                .map(glob -> glob.replace("\\", "\\\\")
                        .replace("%", "\\%")
                        .replace("_", "\\_")
                        .replace('*', '%'))
                .toList();
    }

    /** For Postgres, whose regular expressions are written as Java's as far as names of tables need it. */
    private static String regexes(RegexList list) {
        return SqlText.array(list.patterns().stream()
                .map(pattern -> "^(?:" + pattern.pattern() + ")$")
                .toList());
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
