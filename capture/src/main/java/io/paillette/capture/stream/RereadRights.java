package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.TableName;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.column.ColumnRules;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether a role may read what {@code unavailable.value.handling=reread} asks for. */
final class RereadRights {

    private static final String QUERY = SqlText.load("reread_rights");

    private final ColumnRules told;
    private final Set<TableName> askedFor = new HashSet<>();
    private final Map<TableName, List<String>> unreadable = new LinkedHashMap<>();
    private final Set<TableName> hidden = new LinkedHashSet<>();

    private RereadRights(ColumnRules told) {
        this.told = told;
    }

    /** Tables that are published already too: values are asked for as long as there are updates. */
    static void check(Connection connection, Collection<CapturedTable> tables, ColumnRules told, String role)
            throws CaptureException, SQLException {
        Object[] oids = tables.stream()
                .filter(table -> table.captured() && table.identified())
                .map(table -> Integer.toUnsignedLong(table.oid()))
                .toArray();
        var rights = new RereadRights(told);
        try (var query = connection.prepareStatement(QUERY)) {
            query.setArray(1, connection.createArrayOf("int8", oids));
            try (var row = query.executeQuery()) {
                while (row.next()) {
                    rights.add(row);
                }
            }
        }
        rights.forgetUnasked();
        rights.require(role);
    }

    private void add(ResultSet row) throws SQLException {
        var table = new TableName(row.getString("schema"), row.getString("name"));
        String column = row.getString("column_name");
        boolean isTold = told.isInRow(table, column)
                || told.key(table).filter(key -> key.contains(column)).isPresent();
        boolean asked = isTold && row.getBoolean("large");
        if (asked) {
            askedFor.add(table);
        }
        if ((asked || row.getBoolean("in_key")) && !row.getBoolean("readable")) {
            unreadable.computeIfAbsent(table, none -> new ArrayList<>()).add(table + "." + column);
        }
        if (row.getBoolean("hidden")) {
            hidden.add(table);
        }
    }

    /** A table without anything large that is told is never asked, whatever the role may. */
    private void forgetUnasked() {
        unreadable.keySet().retainAll(askedFor);
        hidden.retainAll(askedFor);
    }

    private void require(String role) throws CaptureException {
        String denied = unreadable.isEmpty()
                ? ""
                : "Role " + role + " may not read "
                        + unreadable.values().stream().flatMap(List::stream).collect(Collectors.joining(", "))
                        + ", whose values unavailable.value.handling=reread asks for: GRANT SELECT on them and USAGE on"
                        + " their schemas, leave these columns out, or set unavailable.value.handling to placeholder or"
                        + " memory.";
        String policy = hidden.isEmpty()
                ? ""
                : "Row-level security hides rows of "
                        + hidden.stream().map(TableName::toString).collect(Collectors.joining(", ")) + " from role "
                        + role
                        + ", whose values unavailable.value.handling=reread asks for: run ALTER ROLE "
                        + SqlText.identifier(role) + " BYPASSRLS, or set unavailable.value.handling to placeholder or"
                        + " memory.";
        if (!denied.isEmpty() || !policy.isEmpty()) {
            throw Faults.fatal((denied + " " + policy).strip());
        }
    }
}
