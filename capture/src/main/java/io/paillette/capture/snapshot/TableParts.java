package io.paillette.capture.snapshot;

import io.paillette.capture.Backfill;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Relation;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tables in which the rows of a table are, in the order of their OIDs: it alone, or its partitions. */
final class TableParts {

    private static final String NEXT = SqlText.load("next_part");
    private static final String UNPLACED = SqlText.load("unplaced_parts");

    private final Connection connection;
    private final Relation table;
    private final String expression;

    /**
     * One of them, as it is now.
     *
     * @param expression  as a FROM clause names it, by the name of the whole table
     * @param mostInBlock as many rows as a block can have
     * @param inBlock     and as it has, as far as that was counted
     */
    record Part(
            long oid,
            String name,
            String expression,
            long file,
            long blocks,
            long mostInBlock,
            Optional<Double> inBlock) {

        /** Before its first row. */
        RowPlace beginning() {
            return new RowPlace(oid, file, blocks, 0, 0);
        }
    }

    /** @param expression the table as a FROM clause names it */
    TableParts(Connection connection, Relation table, String expression) {
        this.connection = connection;
        this.table = table;
        this.expression = expression;
    }

    /** @throws CaptureException when rows of it have no place that lasts, or that the role may ask for */
    void requirePlaces(Backfill asked) throws CaptureException, SQLException {
        long oid = Integer.toUnsignedLong(table.oid());
        try (var query = connection.prepareStatement(UNPLACED)) {
            bind(query, oid);
            try (var row = query.executeQuery()) {
                row.next();
                String refusal = "Table " + table.name() + " of backfill " + asked.id();
                if (row.getBoolean("untold")) {
                    throw Faults.fatal(
                            refusal + " has a primary key that its changes do not tell, as another index is its"
                                    + " replica identity: run ALTER TABLE ... REPLICA IDENTITY DEFAULT, also for its partitions.");
                }
                refusal += " has no primary key that its changes tell, and its rows cannot be read by their place: ";
                refuse(row.getString("foreign_tables"), refusal, " is a foreign table. Leave it to its own server.");
                refuse(
                        row.getString("stored_otherwise"),
                        refusal,
                        " has a table access method other than heap. Give the table a primary key.");
                refuse(
                        row.getString("unreadable"),
                        refusal,
                        " may not be read as a whole. Grant the role of the source SELECT on it, and USAGE on its schema.");
                refuse(
                        row.getString("otherwise_told"),
                        refusal,
                        " has a key of its own, and its changes do not tell of which rows of the whole table they are. Run"
                                + " ALTER TABLE ... REPLICA IDENTITY FULL for it.");
            }
        }
    }

    private static void refuse(@Nullable String which, String refusal, String why) throws CaptureException {
        if (which != null) {
            throw Faults.fatal(refusal + which + why);
        }
    }

    /**
     * Whether the first reading of a table goes on by the place of its rows: they last, the role may ask for them, and a change
     * tells the whole row that was there before, or is not told at all. Who has not been told a row could not make anything of
     * a change that leaves out its large values.
     */
    static boolean goOn(Connection connection, int oid) throws SQLException {
        try (var query = connection.prepareStatement(UNPLACED)) {
            bind(query, Integer.toUnsignedLong(oid));
            try (var row = query.executeQuery()) {
                row.next();
                return row.getString("foreign_tables") == null
                        && row.getString("stored_otherwise") == null
                        && row.getString("unreadable") == null
                        && !row.getBoolean("told_by_key");
            }
        }
    }

    private static void bind(PreparedStatement query, long oid) throws SQLException {
        for (int parameter = 1; parameter <= 5; parameter++) {
            query.setLong(parameter, oid);
        }
    }

    /** The first of them from an OID on, of those that the transaction's snapshot has. */
    Optional<Part> from(long first) throws SQLException {
        long oid = Integer.toUnsignedLong(table.oid());
        try (var query = connection.prepareStatement(NEXT)) {
            query.setLong(1, oid);
            query.setLong(2, first);
            try (var row = query.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                double inBlock = row.getDouble("in_block");
                Optional<Double> counted = row.wasNull() ? Optional.empty() : Optional.of(inBlock);
                long part = row.getLong("oid");
                String name =
                        SqlText.identifier(row.getString("schema")) + "." + SqlText.identifier(row.getString("name"));
                String alias = SqlText.identifier(table.name().table());
                return Optional.of(new Part(
                        part,
                        name,
                        part == oid ? expression : "ONLY " + name + " AS " + alias,
                        row.getLong("file"),
                        row.getLong("blocks"),
                        row.getLong("most_in_block"),
                        counted));
            }
        }
    }
}
